import type { ActingOrganisation } from '@coldchain/custody';
import type { Transaction } from '@coldchain/database';
import { type LegRecord, type ProductProfile, profileId, type UnitState } from '@coldchain/chaincode/protocol';
import type { Gln, Sscc } from '@coldchain/gs1';
import { type LegState, type Reading, readingsOfRow, type StoredReadings } from '@coldchain/telemetry';

/** A leg as the evaluator works on it: its row, its unit, its logger, and what stands in the way of recording it. */
export interface LegRow {
  readonly id: number;
  readonly legKey: string;
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly loggerId: number;
  readonly intervalMs: number;
  /** How far the logger's clock may be off. */
  readonly clockUncertaintyMs: number;
  readonly unitId: number;
  readonly unitKey: string;
  readonly unitSecret: Buffer;
  readonly sscc: Sscc;
  readonly state: LegState | null;
  /** Closed state of the leg before, whose open runs go on in this one. */
  readonly previous: LegState | null;
  readonly revision: number;
  readonly recorded: LegRecord | null;
  readonly recordedAt: number | null;
  readonly final: boolean;
}

/** The organisation in whose name a leg is evaluated. */
export interface LegOwner {
  readonly legId: number;
  readonly organisation: ActingOrganisation;
  /** Time of the earliest reading that is new for this leg; null when only the leg itself changed. */
  readonly earliestAt: number | null;
}

/**
 * Legs touched by readings or changes that became visible in [from, to): by transaction, never by ids alone, because a
 * lower id can commit later.
 */
export async function touchedLegs(transaction: Transaction, from: string, to: string): Promise<LegOwner[]> {
  const rows = await transaction.query<{
    leg_id: number;
    organisation_id: number;
    slug: string;
    party: string;
    gln: Gln;
    earliest: Date | null;
  }>(
    `SELECT t.leg_id, o.id AS organisation_id, o.slug, o.party, o.gln, min(t.earliest) AS earliest
     FROM (
       SELECT l.id AS leg_id, s.t0 AS earliest
       FROM stored_reading s
       JOIN leg l ON l.logger_id = s.logger AND l.started_at <= s.t1 AND (l.ended_at IS NULL OR l.ended_at > s.t0)
       WHERE s.xid >= $1 AND s.xid < $2
       UNION ALL
       SELECT leg_id, NULL FROM leg_change WHERE xid >= $1 AND xid < $2
     ) t
     JOIN leg l ON l.id = t.leg_id
     JOIN organisation o ON o.id = l.organisation_id
     GROUP BY t.leg_id, o.id ORDER BY t.leg_id`,
    [from, to],
  );
  return rows.map((row) => ({
    legId: row.leg_id,
    organisation: { id: row.organisation_id, slug: row.slug, party: row.party, gln: row.gln },
    earliestAt: row.earliest?.getTime() ?? null,
  }));
}

/** Locks the leg and reads all that its evaluation needs; undefined when it does not exist. */
export async function lockLeg(transaction: Transaction, legId: number): Promise<LegRow | undefined> {
  const [row] = await transaction.query<{
    id: number;
    leg_key: string;
    started_at: Date;
    ended_at: Date | null;
    logger_id: number;
    interval_ms: number;
    clock_uncertainty_ms: number;
    unit_id: number;
    unit_key: string;
    secret: Buffer;
    sscc: Sscc;
    state: LegState | null;
    previous: LegState | null;
    revision: number;
    recorded: LegRecord | null;
    recorded_at: Date | null;
    final: boolean;
  }>(
    `SELECT l.id, l.leg_key, l.started_at, l.ended_at, l.logger_id, g.interval_ms, g.clock_uncertainty_ms, l.unit_id, u.unit_key,
            u.secret, u.sscc, l.state, p.state AS previous, l.revision, l.recorded, l.recorded_at, l.final
     FROM leg l
     JOIN logger g ON g.id = l.logger_id
     JOIN unit u ON u.id = l.unit_id
     LEFT JOIN leg p ON p.id = l.previous_leg_id
     WHERE l.id = $1 FOR UPDATE OF l`,
    [legId],
  );
  if (row === undefined) return undefined;
  return {
    id: row.id,
    legKey: row.leg_key,
    startedAt: row.started_at.getTime(),
    endedAt: row.ended_at?.getTime() ?? null,
    loggerId: row.logger_id,
    intervalMs: row.interval_ms,
    clockUncertaintyMs: row.clock_uncertainty_ms,
    unitId: row.unit_id,
    unitKey: row.unit_key,
    unitSecret: row.secret,
    sscc: row.sscc,
    state: row.state,
    previous: row.previous,
    revision: row.revision,
    recorded: row.recorded,
    recordedAt: row.recorded_at?.getTime() ?? null,
    final: row.final,
  };
}

/**
 * Locks what the ledger is expected to hold about the unit of a leg, and reads the profiles of its batches. Taken before
 * the leg itself, in the order in which acts of custody take them: unit, then leg.
 */
export async function lockUnit(
  transaction: Transaction,
  legId: number,
): Promise<{ unit: UnitState; profiles: ProductProfile[] }> {
  const [row] = await transaction.query<{ state: UnitState }>(
    `SELECT e.state FROM leg l JOIN unit u ON u.id = l.unit_id
     JOIN expected_object e ON e.object_type = 'unit' AND e.object_key = u.unit_key
     WHERE l.id = $1 FOR UPDATE OF e`,
    [legId],
  );
  if (row === undefined) throw new Error(`the unit of leg ${legId} is not expected on the ledger`);
  const names = [...new Set(row.state.batches.map((batch) => batch.profile))].sort();
  const profiles = await transaction.query<{ profile: ProductProfile }>(
    `SELECT profile FROM product_profile WHERE gtin || '/' || version = ANY($1)`,
    [names],
  );
  const byName = new Map(profiles.map(({ profile }) => [profileId(profile), profile]));
  return {
    unit: row.state,
    profiles: names.map((name) => {
      const profile = byName.get(name);
      if (profile === undefined) throw new Error(`product_profile lacks ${name}`);
      return profile;
    }),
  };
}

/** When a unit was packed, ms; null where the leg's custodian does not see it. */
export async function packedAtOf(transaction: Transaction, unitKey: string): Promise<number | null> {
  const [row] = await transaction.query<{ at: Date | null }>('SELECT unit_packed_at($1) AS at', [unitKey]);
  return row?.at?.getTime() ?? null;
}

/** The oldest transaction that still runs: everything below it is visible for good. */
export async function oldestRunning(transaction: Transaction): Promise<string> {
  const [row] = await transaction.query<{ xid: string }>('SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS xid');
  if (row === undefined) throw new Error('no snapshot');
  return row.xid;
}

/** A frame spans at most a day, so a series that reaches into the window starts at most a day before it. */
const FRAME_SPAN_MS = 24 * 3_600_000;

/** Readings of a logger in (after, until), of transactions that had ended when the evaluator looked. */
export async function readingsOf(
  transaction: Transaction,
  loggerId: number,
  window: { readonly after: number; readonly until: number | null; readonly visibleBelow: string },
): Promise<Reading[]> {
  const rows = await transaction.query<StoredReadings>(
    `SELECT data, t0 AS at, milli_celsius AS "milliCelsius", humidity_permille AS "humidityPermille" FROM stored_reading
     WHERE logger = $1 AND xid < $2::xid8 AND t1 > $3 AND t0 >= $4 AND day >= ($4::timestamptz AT TIME ZONE 'UTC')::date
       AND ($5::timestamptz IS NULL OR t0 < $5)`,
    [
      loggerId,
      window.visibleBelow,
      new Date(window.after),
      new Date(window.after - FRAME_SPAN_MS),
      window.until === null ? null : new Date(window.until),
    ],
  );
  return rows
    .flatMap((row) => readingsOfRow(row))
    .filter((reading) => reading.at > window.after && (window.until === null || reading.at < window.until));
}

/** Notes what was given to the ledger; `final`: the leg has ended and this covers it whole. */
export async function storeRecord(
  transaction: Transaction,
  legId: number,
  record: LegRecord,
  recordedAt: number,
  final: boolean,
): Promise<void> {
  await transaction.query('UPDATE leg SET revision = $2, recorded = $3, recorded_at = $4, final = $5 WHERE id = $1', [
    legId,
    record.revision,
    JSON.stringify(record),
    new Date(recordedAt),
    final,
  ]);
}

/** The leg that took over from this one, when there is one. */
export async function successorOf(transaction: Transaction, legId: number): Promise<LegOwner | undefined> {
  const [row] = await transaction.query<{
    leg_id: number;
    organisation_id: number;
    slug: string;
    party: string;
    gln: Gln;
    started_at: Date;
  }>(
    `SELECT l.id AS leg_id, o.id AS organisation_id, o.slug, o.party, o.gln, l.started_at
     FROM leg l JOIN organisation o ON o.id = l.organisation_id WHERE l.previous_leg_id = $1`,
    [legId],
  );
  if (row === undefined) return undefined;
  return {
    legId: row.leg_id,
    organisation: { id: row.organisation_id, slug: row.slug, party: row.party, gln: row.gln },
    earliestAt: row.started_at.getTime(),
  };
}
