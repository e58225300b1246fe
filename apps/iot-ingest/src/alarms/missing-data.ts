import type { Database, OrganisationTransaction } from '@coldchain/database';
import { ALARM_SETTING, type AlarmSetting, missingSince } from '@coldchain/telemetry';
import { CaseWriter } from './case-writer.js';

const MOST_AT_ONCE = 1_000;

/** The longest interval of the loggers that speak for a leg now; null, and so no alarm, where none does. */
const INTERVAL_OF_LEG = `(SELECT max(g.interval_ms) FROM leg_source x JOIN logger g ON g.id = x.logger_id
                          WHERE x.leg_id = l.id AND x.until IS NULL)`;

interface SilentLeg {
  readonly id: number;
  readonly organisation_id: number;
}

/** Raises an alarm for every open leg that is without readings for too long. @param now ms since 1970 UTC */
export async function raiseMissing(
  database: Pick<Database, 'asProcess' | 'withOrganisation'>,
  now: number,
): Promise<void> {
  // Page by page: a leg that gets no alarm when it is looked at closely is among those of the next time again.
  for (let after = 0; ;) {
    const silent = await silentLegs(database, now, after);
    for (const leg of silent) {
      await database.withOrganisation(leg.organisation_id, (transaction) => raise(transaction, leg.id, now));
    }
    const last = silent.at(-1);
    if (last === undefined || silent.length < MOST_AT_ONCE) return;
    after = last.id;
  }
}

/** Legs with a logger of which nothing was heard for too long and for which no packaging vouches now, by id. */
function silentLegs(database: Pick<Database, 'asProcess'>, now: number, after: number): Promise<SilentLeg[]> {
  return database.asProcess((transaction) =>
    transaction.query<SilentLeg>(
      `SELECT l.id, l.organisation_id FROM leg l
       LEFT JOIN current_alarm_setting s ON s.organisation_id = l.organisation_id
       CROSS JOIN LATERAL (SELECT ${INTERVAL_OF_LEG} AS interval_ms) i
       WHERE l.ended_at IS NULL AND l.id > $3 AND i.interval_ms IS NOT NULL
         AND coalesce(l.holds_until, l.started_at)
             < $1::timestamptz - greatest(coalesce(s.missing_ms, $2), 3 * i.interval_ms) * interval '1 ms'
         AND NOT EXISTS (SELECT FROM jsonb_array_elements(l.vouched) v
                         WHERE (v ->> 0)::bigint <= extract(epoch FROM coalesce(l.holds_until, l.started_at)) * 1000
                           AND (v ->> 1)::bigint >= extract(epoch FROM $1::timestamptz) * 1000)
         AND NOT has_missing_alarm(l.id)
       ORDER BY l.id LIMIT $4`,
      [new Date(now), ALARM_SETTING.missingMs, after, MOST_AT_ONCE],
    ),
  );
}

/** Judged again under the lock of the leg: a reading may have been evaluated meanwhile. */
async function raise(transaction: OrganisationTransaction, legId: number, now: number): Promise<void> {
  const [leg] = await transaction.query<{
    unit_id: number;
    started_at: Date;
    ended_at: Date | null;
    holds_until: Date | null;
    vouched: readonly (readonly [number, number])[] | null;
    interval_ms: number | null;
    setting: AlarmSetting | null;
  }>(
    `SELECT l.unit_id, l.started_at, l.ended_at, l.holds_until, l.vouched,
       ${INTERVAL_OF_LEG} AS interval_ms,
       (SELECT jsonb_build_object('minimumMs', s.minimum_ms, 'rejoinMs', s.rejoin_ms, 'missingMs', s.missing_ms)
        FROM current_alarm_setting s WHERE s.organisation_id = l.organisation_id) AS setting
     FROM leg l WHERE l.id = $1 FOR UPDATE OF l`,
    [legId],
  );
  if (leg === undefined || leg.ended_at !== null || leg.interval_ms === null) return;
  const facts = {
    startedAt: leg.started_at.getTime(),
    holdsUntil: coveredTo(leg.holds_until?.getTime() ?? leg.started_at.getTime(), leg.vouched ?? []),
    intervalMs: leg.interval_ms,
  };
  const since = missingSince(facts, leg.setting ?? ALARM_SETTING, now);
  if (since === null) return;
  const writer = new CaseWriter(transaction, leg.unit_id, now);
  const [raised] = await transaction.query<{ id: number }>(
    `INSERT INTO alarm (leg_id, case_id, kind, side, opened_at, rules, covered_ms, raised_at)
     VALUES ($1, $2, 'missing-data', 'none', $3, '{}', 0, $4)
     ON CONFLICT (leg_id, kind, side) WHERE kind <> 'excursion' AND ended_at IS NULL AND withdrawn_at IS NULL
     DO NOTHING RETURNING id`,
    [legId, await writer.caseId(), new Date(since), new Date(now)],
  );
  if (raised !== undefined) await writer.raised(raised.id);
  await writer.write();
}

/** Up to when readings hold, or packaging vouches after them. */
function coveredTo(holdsUntil: number, vouched: readonly (readonly [number, number])[]): number {
  return vouched.reduce((covered, [from, to]) => (from <= covered ? Math.max(covered, to) : covered), holdsUntil);
}
