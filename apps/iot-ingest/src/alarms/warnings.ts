import type { Database, OrganisationTransaction } from '@coldchain/database';
import type { Sample, ThermalProfile } from '@coldchain/telemetry';
import { samplesOfLoggers } from '../evaluate/leg-repository.js';
import { type LimitWarning, limitWarning, WARNING_WINDOW_MS } from './limit-warning.js';

/** Legs whose newest reading is older are not warned about: what they say is over. */
const FRESH_MS = 20 * 60_000;
/** Readings that are further inside than this do not leave the range within the half hour that is looked ahead. */
const NEAR_MILLI_CELSIUS = 1_500;
const MOST_AT_ONCE = 2_000;

interface NearLeg {
  readonly id: number;
  readonly organisation_id: number;
  readonly profiles: readonly ThermalProfile[];
}

/**
 * Raises, moves and ends warnings of legs that are near to a limit of storage or have a warning. The air may be outside
 * already: its excursion is told by itself, and the warning says how long the product still has. @param now ms since 1970
 */
export async function renewWarnings(
  database: Pick<Database, 'asProcess' | 'withOrganisation'>,
  now: number,
): Promise<void> {
  const near = await database.asProcess((transaction) =>
    transaction.query<NearLeg>(
      `SELECT l.id, l.organisation_id, l.state -> 'profiles' AS profiles FROM leg l
       WHERE l.state IS NOT NULL AND (has_warning(l.id) OR (
         l.ended_at IS NULL AND l.evaluated_to > $1 AND EXISTS (
           SELECT 1 FROM jsonb_array_elements(l.state -> 'profiles') AS p
           WHERE (l.state #>> '{last,high}')::integer > (p #>> '{storage,maxMilliCelsius}')::integer - $2
              OR (l.state #>> '{last,low}')::integer < (p #>> '{storage,minMilliCelsius}')::integer + $2)))
       ORDER BY l.id LIMIT $3`,
      [new Date(now - FRESH_MS), NEAR_MILLI_CELSIUS, MOST_AT_ONCE],
    ),
  );
  for (const leg of near) {
    await database.withOrganisation(leg.organisation_id, (transaction) => renew(transaction, leg, now));
  }
}

async function renew(transaction: OrganisationTransaction, leg: NearLeg, now: number): Promise<void> {
  const [open] = await transaction.query<{ fresh: boolean }>(
    `SELECT ended_at IS NULL AND evaluated_to > $2 AS fresh FROM leg WHERE id = $1 FOR UPDATE`,
    [leg.id, new Date(now - FRESH_MS)],
  );
  const samples = open?.fresh === true ? await airOf(transaction, leg.id, now) : [];
  const warnings = samples.flatMap((air) => leg.profiles.flatMap((profile) => limitWarning(air, profile) ?? []));
  for (const side of ['hot', 'cold'] as const) {
    await write(transaction, leg.id, side, warnings.find((warning) => warning.side === side) ?? null, now);
  }
}

/** What each logger that speaks for the leg now has measured lately. */
async function airOf(
  transaction: OrganisationTransaction,
  legId: number,
  now: number,
): Promise<readonly (readonly Sample[])[]> {
  const sources = await transaction.query<{ logger_id: number }>(
    'SELECT DISTINCT logger_id FROM leg_source WHERE leg_id = $1 AND until IS NULL',
    [legId],
  );
  const window = { after: now - WARNING_WINDOW_MS, until: null };
  const samples = await samplesOfLoggers(
    transaction,
    sources.map(({ logger_id: logger }) => logger),
    window,
  );
  return [...samples.values()];
}

async function write(
  transaction: OrganisationTransaction,
  legId: number,
  side: LimitWarning['side'],
  warning: LimitWarning | null,
  now: number,
): Promise<void> {
  if (warning === null) {
    await transaction.query(
      `UPDATE alarm SET ended_at = $3 WHERE leg_id = $1 AND side = $2 AND kind = 'warning' AND ended_at IS NULL`,
      [legId, side, new Date(now)],
    );
    return;
  }
  await transaction.query(
    `INSERT INTO alarm (leg_id, kind, side, opened_at, rules, covered_ms, expected_at, raised_at)
     VALUES ($1, 'warning', $2, $3, '{}', 0, $4, $5)
     ON CONFLICT (leg_id, kind, side) WHERE kind <> 'excursion' AND ended_at IS NULL AND withdrawn_at IS NULL
     DO UPDATE SET expected_at = excluded.expected_at`,
    [legId, side, new Date(warning.since), new Date(warning.expectedAt), new Date(now)],
  );
}
