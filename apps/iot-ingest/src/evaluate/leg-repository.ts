import type { ActingOrganisation } from '@coldchain/custody';
import type { Transaction } from '@coldchain/database';
import {
  type Exposure,
  type LegRecord,
  type ProductProfile,
  profileId,
  type UnitState,
} from '@coldchain/chaincode/protocol';
import type { Gln, Sscc } from '@coldchain/gs1';
import {
  addSamplesOfRow,
  ascendingSamples,
  type LegState,
  type Sample,
  type StoredReadings,
} from '@coldchain/telemetry';
import type { LegSource, UnitPackaging } from './leg-source.js';

/** A leg as the evaluator works on it: its row, its unit, its logger, and what stands in the way of recording it. */
export interface LegRow {
  readonly id: number;
  readonly legKey: string;
  readonly startedAt: number;
  readonly endedAt: number | null;
  /** Loggers that speak for it, ascending by when they began to. */
  readonly sources: readonly LegSource[];
  /** The sources that `state` was folded from; null: it was not, or before they were kept. */
  readonly foldedFrom: readonly LegSource[] | null;
  readonly packaging: UnitPackaging | null;
  readonly unitId: number;
  readonly unitKey: string;
  readonly unitSecret: Buffer;
  readonly sscc: Sscc;
  readonly state: LegState | null;
  /** What was measured by its last evaluation. */
  readonly exposures: readonly Exposure[];
  /** Closed state of the leg before, whose open runs go on in this one. */
  readonly previous: LegState | null;
  /** The sources of the leg before. */
  readonly previousFrom: readonly LegSource[] | null;
  /** The leg before was in other hands. */
  readonly takenOver: boolean;
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
       SELECT s.leg_id, n.earliest
       FROM (SELECT logger, min(t0) AS earliest, max(t1) AS latest FROM stored_reading
             WHERE xid >= $1 AND xid < $2 GROUP BY logger) n
       JOIN leg_source s ON s.logger_id = n.logger AND s.since <= n.latest AND (s.until IS NULL OR s.until > n.earliest)
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

/** An instant as whole ms since 1970. */
const MS = (column: string): string => `(extract(epoch FROM ${column}) * 1000)::bigint`;

/**
 * How far a clock is off by what was noticed: from a reading to its arrival, at best. Readings of the future are a clock's;
 * what took longer than a quarter of an hour came out of a store and says nothing about the clock.
 */
const NOTICED = (column: string): string =>
  `(CASE WHEN coalesce(${column}, 0) > 900000 THEN 0 ELSE abs(coalesce(${column}, 0)) END)`;

/** Locks the leg and reads all that its evaluation needs; undefined when it does not exist. */
export async function lockLeg(transaction: Transaction, legId: number): Promise<LegRow | undefined> {
  const [row] = await transaction.query<{
    id: number;
    leg_key: string;
    started_at: Date;
    ended_at: Date | null;
    sources: LegSource[];
    folded_from: LegSource[] | null;
    packaging: UnitPackaging | null;
    unit_id: number;
    unit_key: string;
    secret: Buffer;
    sscc: Sscc;
    state: LegState | null;
    exposures: readonly Exposure[];
    previous: LegState | null;
    previous_from: LegSource[] | null;
    taken_over: boolean;
    revision: number;
    recorded: LegRecord | null;
    recorded_at: Date | null;
    final: boolean;
  }>(
    `SELECT l.id, l.leg_key, l.started_at, l.ended_at, l.unit_id, u.unit_key, u.secret, u.sscc,
            coalesce((SELECT jsonb_agg(jsonb_build_object(
                        'logger', s.logger_id, 'kind', s.kind, 'since', ${MS('s.since')}, 'until', ${MS('s.until')},
                        'vouchesFrom', ${MS('s.vouches_from')}, 'secondedFrom', ${MS('s.seconded_from')},
                        'vouchesUntil', CASE WHEN s.vouches_until < s.until OR s.until IS NULL THEN ${MS('s.vouches_until')} END,
                        'intervalMs', g.interval_ms, 'accuracyMilliCelsius', g.accuracy_milli_celsius,
                        'clockUncertaintyMs', g.clock_uncertainty_ms
                          + greatest(${NOTICED('g.clock_offset_ms')}, ${NOTICED('w.clock_offset_ms')}))
                      ORDER BY s.since, s.logger_id)
                      FROM leg_source s JOIN logger g ON g.id = s.logger_id LEFT JOIN gateway w ON w.id = g.last_gateway_id
                      WHERE s.leg_id = l.id), '[]') AS sources,
            (SELECT jsonb_build_object('closedAt', ${MS('c.closed_at')}, 'openedAt', ${MS('c.opened_at')}, 'vouchesFrom', ${MS('c.vouches_from')},
                      'qualifiedMs', k.qualified_ms, 'minMilliCelsius', k.min_milli_celsius,
                      'maxMilliCelsius', k.max_milli_celsius)
             FROM unit_packaging c JOIN packaging k ON k.id = c.packaging_id WHERE c.unit_id = l.unit_id) AS packaging,
            l.state, l.exposures, l.sources AS folded_from, p.state AS previous, p.sources AS previous_from,
            coalesce(p.organisation_id <> l.organisation_id, false) AS taken_over, l.revision, l.recorded,
            l.recorded_at, l.final
     FROM leg l
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
    sources: row.sources,
    foldedFrom: row.folded_from,
    packaging: row.packaging,
    unitId: row.unit_id,
    unitKey: row.unit_key,
    unitSecret: row.secret,
    sscc: row.sscc,
    state: row.state,
    exposures: row.exposures,
    previous: row.previous,
    previousFrom: row.previous_from,
    takenOver: row.taken_over,
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
  const [row] = await transaction.query<{ state: UnitState; profiles: ProductProfile[] }>(
    `SELECT e.state,
            coalesce((SELECT jsonb_agg(p.profile) FROM product_profile p
                      WHERE (p.gtin, p.version) IN (
                        SELECT split_part(b ->> 'profile', '/', 1), split_part(b ->> 'profile', '/', 2)::integer
                        FROM jsonb_array_elements(e.state -> 'batches') b)), '[]') AS profiles
     FROM leg l JOIN unit u ON u.id = l.unit_id
     JOIN expected_object e ON e.object_type = 'unit' AND e.object_key = u.unit_key
     WHERE l.id = $1 FOR UPDATE OF e`,
    [legId],
  );
  if (row === undefined) throw new Error(`the unit of leg ${legId} is not expected on the ledger`);
  const byName = new Map(row.profiles.map((profile) => [profileId(profile), profile]));
  const names = [...new Set(row.state.batches.map((batch) => batch.profile))].sort();
  return {
    unit: row.state,
    profiles: names.map((name) => {
      const profile = byName.get(name);
      if (profile === undefined) throw new Error(`product_profile lacks ${name}`);
      return profile;
    }),
  };
}

/**
 * From when on loggers adapt after packing, ms; null where the leg's custodian does not see it, or goods of other units
 * were packed and that was captured late.
 */
export async function packedAtOf(transaction: Transaction, unitKey: string): Promise<number | null> {
  const [row] = await transaction.query<{ at: Date | null }>('SELECT unit_adapts_from($1) AS at', [unitKey]);
  return row?.at?.getTime() ?? null;
}

/** A frame spans at most a day, so a series that reaches into the window starts at most a day before it. */
const FRAME_SPAN_MS = 24 * 3_600_000;

/**
 * Samples of some loggers in (after, until), by logger and ascending, of transactions below the oldest one that still runs: these are
 * visible for good. To be asked under the lock of the leg: an evaluation that started earlier cannot store less than one
 * that ended before.
 */
export async function samplesOfLoggers(
  transaction: Transaction,
  loggers: readonly number[],
  window: { readonly after: number; readonly until: number | null },
): Promise<ReadonlyMap<number, readonly Sample[]>> {
  const found = new Map<number, Sample[]>(loggers.map((logger) => [logger, []]));
  if (found.size === 0) return found;
  const rows = await transaction.query<StoredReadings & { readonly logger: number }>(
    `SELECT logger, data, CASE WHEN data IS NULL THEN t0 END AS at, milli_celsius AS "milliCelsius", humidity_permille AS "humidityPermille" FROM stored_reading
     WHERE logger = ANY($1) AND xid < pg_snapshot_xmin(pg_current_snapshot()) AND t1 > $2 AND t0 >= $3
       AND day >= ($3::timestamptz AT TIME ZONE 'UTC')::date AND ($4::timestamptz IS NULL OR t0 < $4)
     ORDER BY t0`,
    [
      [...found.keys()],
      new Date(window.after),
      new Date(window.after - FRAME_SPAN_MS),
      window.until === null ? null : new Date(window.until),
    ],
  );
  const before = window.until ?? Infinity;
  for (const row of rows) {
    const samples = found.get(row.logger);
    if (samples !== undefined) addSamplesOfRow(row, samples, window.after, before);
  }
  return new Map([...found].map(([logger, samples]) => [logger, ascendingSamples(samples)]));
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
