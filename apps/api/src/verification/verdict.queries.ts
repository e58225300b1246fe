import type {
  BatchState,
  Exposure,
  PackState,
  PartyState,
  ProductProfile,
  UnitState,
} from '@coldchain/chaincode/protocol';
import type { OrganisationTransaction } from '@coldchain/database';
import type { LegState, Sample } from '@coldchain/telemetry';
import type { BreachFacts, LegFacts } from './verdict-facts.js';
import type { Subject } from './scanned-code.js';

/** Units of a batch that one answer judges at most. */
export const MOST_UNITS = 200;
/** Parents that a unit may have above it; deeper packing does not occur. */
const MOST_PARENTS = 20;

export interface CheckpointRow {
  /** When every projected channel was last known to be at its ledger's height. */
  readonly ledger: Date | null;
  /** Up to when all accepted readings have been evaluated. */
  readonly evaluation: Date | null;
}

/** Up to when what is stored here is known to be all there is. */
export async function checkpoints(transaction: OrganisationTransaction): Promise<CheckpointRow> {
  const [row] = await transaction.query<CheckpointRow>(
    `SELECT (SELECT min(confirmed_at) FROM ledger_checkpoint) AS ledger,
            (SELECT confirmed_at FROM follow_checkpoint WHERE name = 'evaluator') AS evaluation`,
  );
  return row ?? { ledger: null, evaluation: null };
}

export async function productName(transaction: OrganisationTransaction, gtin: string): Promise<string | null> {
  const [row] = await transaction.query<{ name: string }>('SELECT name FROM product WHERE gtin = $1', [gtin]);
  return row?.name ?? null;
}

/** A visible batch, with the pack of a serial number where one is registered in it. */
export interface BatchPackRow {
  readonly lot: string;
  readonly expiry: string;
  readonly batch_key: string;
  readonly run: number | null;
  readonly pack_key: string | null;
  /** null also when the pack's unit is not visible. */
  readonly unit_key: string | null;
}

const SELECT_BATCH_WITH_PACK = `
  SELECT b.lot, b.expiry, b.batch_key, p.run, p.pack_key, u.unit_key
  FROM batch b
  LEFT JOIN pack p ON p.batch_id = b.id AND p.serial = $2
  LEFT JOIN unit u ON u.id = p.unit_id
  WHERE b.gtin = $1`;

/** Visible batches of a lot, with the pack of a serial number (null: none asked for). */
export function batchesOfLot(
  transaction: OrganisationTransaction,
  gtin: string,
  serial: string | null,
  lot: string,
): Promise<BatchPackRow[]> {
  return transaction.query<BatchPackRow>(`${SELECT_BATCH_WITH_PACK} AND b.lot = $3`, [gtin, serial, lot]);
}

/** Visible batches of a product in which a serial number is registered. */
export function batchesOfSerial(
  transaction: OrganisationTransaction,
  gtin: string,
  serial: string,
): Promise<BatchPackRow[]> {
  return transaction.query<BatchPackRow>(`${SELECT_BATCH_WITH_PACK} AND p.serial IS NOT NULL`, [gtin, serial]);
}

/** Visible batches that a code of a pack or batch may mean. */
export function batchesOfCode(
  transaction: OrganisationTransaction,
  subject: Exclude<Subject, { kind: 'unit' }>,
): Promise<BatchPackRow[]> {
  if (subject.kind === 'batch') return batchesOfLot(transaction, subject.gtin, null, subject.lot);
  return subject.lot === null
    ? batchesOfSerial(transaction, subject.gtin, subject.serial)
    : batchesOfLot(transaction, subject.gtin, subject.serial, subject.lot);
}

export async function unitKeysOf(transaction: OrganisationTransaction, sscc: string): Promise<string[]> {
  const rows = await transaction.query<{ unit_key: string }>('SELECT unit_key FROM unit WHERE sscc = $1', [sscc]);
  return rows.map((row) => row.unit_key);
}

/** Outermost units in a party's custody that hold a batch; one more than {@link MOST_UNITS} says that there are more. */
export async function unitsHolding(
  transaction: OrganisationTransaction,
  batchKey: string,
  party: string,
): Promise<string[]> {
  const rows = await transaction.query<{ unit_key: string }>(
    `SELECT u.unit_key FROM unit u
     LEFT JOIN ledger_object l ON l.object_type = 'unit' AND l.object_key = u.unit_key
     LEFT JOIN expected_object e ON e.object_type = 'unit' AND e.object_key = u.unit_key
     CROSS JOIN LATERAL (SELECT coalesce(e.state, l.state) AS state) s
     WHERE s.state -> 'batches' @> jsonb_build_array(jsonb_build_object('batch', $1::text))
       AND s.state ->> 'custodian' = $2 AND s.state ->> 'parent' IS NULL AND s.state ->> 'status' <> 'dissolved'
     LIMIT $3`,
    [batchKey, party, MOST_UNITS + 1],
  );
  return rows.map((row) => row.unit_key);
}

/** A unit of a chain: `root` is where the chain began, `depth` how far out it stands. */
export interface ChainRow {
  readonly root: string;
  readonly unit_key: string;
  readonly depth: number;
  readonly ledger: UnitState | null;
  readonly expected: UnitState | null;
  readonly packed_at: Date | null;
}

/**
 * Units and all their parents, by what the ledger says and by what is expected. Scalar subqueries, because the planner
 * expects many rows of a recursion and would join them with whole tables.
 */
export function chainsOf(transaction: OrganisationTransaction, roots: readonly string[]): Promise<ChainRow[]> {
  return transaction.query<ChainRow>(
    `WITH RECURSIVE link(root, unit_key, depth) AS (
       SELECT key, key, 0 FROM unnest($1::text[]) AS key
       UNION
       SELECT link.root, above.parent, link.depth + 1
       FROM link CROSS JOIN LATERAL (
         SELECT state ->> 'parent' AS parent FROM ledger_object WHERE object_type = 'unit' AND object_key = link.unit_key
         UNION
         SELECT state ->> 'parent' FROM expected_object WHERE object_type = 'unit' AND object_key = link.unit_key) above
       WHERE above.parent IS NOT NULL AND link.depth < $2
     ), deepest AS (SELECT root, unit_key, max(depth) AS depth FROM link GROUP BY root, unit_key)
     SELECT c.root, c.unit_key, c.depth,
            (SELECT state FROM ledger_object WHERE object_type = 'unit' AND object_key = c.unit_key) AS ledger,
            (SELECT state FROM expected_object WHERE object_type = 'unit' AND object_key = c.unit_key) AS expected,
            coalesce((SELECT min(v.event_time) FROM custody_event_object o JOIN custody_event v ON v.id = o.event_id
                      WHERE o.object_key = c.unit_key AND v.command = 'aggregateUnit'),
                     (SELECT created_at FROM unit WHERE unit_key = c.unit_key)) AS packed_at
     FROM deepest c
     ORDER BY c.root, c.depth`,
    [roots, MOST_PARENTS],
  );
}

/** Those of some visible units with goods that anybody has rejected. */
export async function rejectedUnits(
  transaction: OrganisationTransaction,
  unitKeys: readonly string[],
): Promise<string[]> {
  const rows = await transaction.query<{ unit_key: string }>('SELECT rejected_units($1) AS unit_key', [
    [...new Set(unitKeys)],
  ]);
  return rows.map(({ unit_key }) => unit_key);
}

/** A visible leg with its newest evaluation. */
export interface LegRow {
  readonly unit_key: string;
  readonly organisation_id: number;
  readonly leg_key: string;
  readonly started_at: Date;
  readonly ended_at: Date | null;
  readonly reading_at: number | null;
  readonly interval_ms: number | null;
  /** Up to when what was read last holds, ms; null: nothing was, or it was not kept. */
  readonly holds_until: number | null;
  readonly vouched: LegFacts['vouched'] | null;
  /** The state of a leg whose exposure grows with time alone; null: nothing grows before the next reading. */
  readonly live: LegState | null;
  /** What its sources say after the newest reading, as long as no other one comes. */
  readonly tail: readonly Sample[] | null;
  readonly gap_ms: number;
  /** Of the gap what was measured although nothing vouches for it, [from, to) each, ascending. */
  readonly doubted: LegFacts['doubted'];
  /** Listed gaps, [from, to) each: the first and the last; all of them where a part of the leg is doubted. */
  readonly gaps: LegFacts['gaps'];
  readonly final: boolean;
  readonly exposures: readonly Exposure[];
  /** What the record of the leg says on the ledger and as expected; null without one. */
  readonly ledger_exposures: readonly Exposure[] | null;
  readonly expected_exposures: readonly Exposure[] | null;
  readonly breaches: readonly BreachFacts[];
  readonly uncalibrated_since: Date | null;
}

/** A unit that another one came out of, was packed from or was filled from, and when that was. */
export interface PredecessorRow {
  readonly unit_key: string;
  readonly source_key: string;
  readonly link_at: Date;
  /** The unit lay in that one until then; otherwise its contents came from there. */
  readonly hosted: boolean;
  /** When that one was packed; null where it is not visible. */
  readonly packed_at: Date | null;
}

/** Units whose thermal state the given ones took over (the ledger calls those heirs), visible or not. */
export function predecessorsOf(
  transaction: OrganisationTransaction,
  unitKeys: readonly string[],
): Promise<PredecessorRow[]> {
  return transaction.query<PredecessorRow>(
    `SELECT k.unit_key, s.object_key AS source_key, max(v.event_time) AS link_at,
            v.command = 'disaggregateUnit' AS hosted,
            unit_packed_at(s.object_key) AS packed_at
     FROM unnest($1::text[]) AS k(unit_key)
     JOIN custody_event_object mine ON mine.object_key = k.unit_key
     JOIN custody_event v ON v.id = mine.event_id AND v.command IN ('aggregateUnit', 'disaggregateUnit')
     JOIN custody_event_object s ON s.event_id = v.id AND s.object_type = 'unit' AND s.object_key <> k.unit_key
     LEFT JOIN unit me ON me.unit_key = k.unit_key
     LEFT JOIN ledger_object l ON l.object_type = 'unit' AND l.object_key = s.object_key
     LEFT JOIN expected_object e ON e.object_type = 'unit' AND e.object_key = s.object_key
     WHERE coalesce(e.state, l.state) -> 'heirs' ? k.unit_key
       -- the parent of the event is what was packed, or what was unpacked
       AND (v.command = 'aggregateUnit') = (right(v.document::jsonb ->> 'parentID', 18) = me.sscc)
     GROUP BY k.unit_key, s.object_key, hosted`,
    [unitKeys],
  );
}

export function legsOf(transaction: OrganisationTransaction, unitKeys: readonly string[]): Promise<LegRow[]> {
  return transaction.query<LegRow>(
    `SELECT u.unit_key, g.organisation_id, g.leg_key, g.started_at, g.ended_at, g.gap_ms, g.doubted, g.final, g.exposures,
            coalesce((g.state -> 'last' ->> 'at')::bigint, (extract(epoch FROM g.evaluated_to) * 1000)::bigint) AS reading_at,
            coalesce((g.state ->> 'intervalMs')::bigint, n.interval_ms) AS interval_ms,
            (extract(epoch FROM g.holds_until) * 1000)::bigint AS holds_until, g.vouched, g.tail,
            coalesce(CASE g.doubted WHEN '[]' THEN jsonb_path_query_array(g.state, '$.gaps[0, last]') ELSE g.state -> 'gaps' END,
                     '[]') AS gaps,
            CASE WHEN g.state ->> 'phase' = 'open' AND (
                   g.state @? '$.profiles[*].gap.policy ? (@ != "unknown")'
                   -- what the leg before ended with holds on into one that has read nothing yet
                   OR g.state -> 'last' <> 'null' AND g.state ->> 'evaluatedTo' IS NULL
                   -- a breach or a run: also one that is no excursion yet, and may become one before the next reading
                   OR g.state @? '$.tracks[*].** ? (exists(@.since) || exists(@.openedAt))')
                 THEN g.state END AS live,
            (SELECT r -> 'exposures' FROM ledger_object l, jsonb_array_elements(l.state -> 'legs') r
             WHERE l.object_type = 'unit' AND l.object_key = u.unit_key AND r ->> 'leg' = g.leg_key) AS ledger_exposures,
            (SELECT r -> 'exposures' FROM expected_object e, jsonb_array_elements(e.state -> 'legs') r
             WHERE e.object_type = 'unit' AND e.object_key = u.unit_key AND r ->> 'leg' = g.leg_key) AS expected_exposures,
            (SELECT coalesce(jsonb_agg(jsonb_build_object('profile', x.profile, 'milliCelsius', coalesce(
                      (g.state -> 'last' ->> CASE x.rule WHEN 'above-storage' THEN 'high' ELSE 'low' END)::integer,
                      x.extreme_milli_celsius)) ORDER BY x.profile, x.rule), '[]')
             FROM excursion x
             WHERE x.leg_id = g.id AND x.closed_at IS NULL AND x.rule IN ('above-storage', 'below-storage')) AS breaches,
            leg_uncalibrated_since(g.id) AS uncalibrated_since
     FROM leg g JOIN unit u ON u.id = g.unit_id LEFT JOIN logger n ON n.id = g.logger_id
     WHERE u.unit_key = ANY($1) ORDER BY g.started_at`,
    [unitKeys],
  );
}

/** One object's state on the ledger and as expected. */
export interface StateRow<State> {
  readonly object_key: string;
  readonly ledger: State | null;
  readonly expected: State | null;
}

function statesOf<State>(
  transaction: OrganisationTransaction,
  type: 'batch' | 'pack' | 'party',
  keys: readonly string[],
): Promise<StateRow<State>[]> {
  return transaction.query<StateRow<State>>(
    `SELECT k.object_key, l.state AS ledger, e.state AS expected
     FROM unnest($2::text[]) AS k(object_key)
     LEFT JOIN ledger_object l ON l.object_type = $1 AND l.object_key = k.object_key
     LEFT JOIN expected_object e ON e.object_type = $1 AND e.object_key = k.object_key`,
    [type, keys],
  );
}

export const batchStatesOf = (transaction: OrganisationTransaction, keys: readonly string[]) =>
  statesOf<BatchState>(transaction, 'batch', keys);
/** How a party stands. */
export async function partyStateOf(
  transaction: OrganisationTransaction,
  party: string,
): Promise<StateRow<PartyState> | undefined> {
  const [row] = await statesOf<PartyState>(transaction, 'party', [party]);
  return row;
}
export const packStatesOf = (transaction: OrganisationTransaction, keys: readonly string[]) =>
  statesOf<PackState>(transaction, 'pack', keys);

/** Expiry days as registered here, by batch key. */
export function registeredExpiries(
  transaction: OrganisationTransaction,
  batchKeys: readonly string[],
): Promise<{ readonly batch_key: string; readonly expiry: string }[]> {
  return transaction.query('SELECT batch_key, expiry FROM batch WHERE batch_key = ANY($1)', [batchKeys]);
}

/** Published profiles by `gtin/version`. */
export function profilesOf(
  transaction: OrganisationTransaction,
  ids: readonly string[],
): Promise<{ readonly id: string; readonly profile: ProductProfile }[]> {
  return transaction.query(
    `SELECT gtin || '/' || version AS id, profile FROM product_profile
     WHERE (gtin, version) IN (SELECT split_part(id, '/', 1), split_part(id, '/', 2)::integer FROM unnest($1::text[]) AS id)`,
    [ids],
  );
}

/** An event about some objects that is not anchored. */
export interface OpenEventRow {
  readonly anchor_state: 'pending' | 'refused';
  readonly recorded_at: Date;
  readonly event_time: Date;
  readonly code: string | null;
}

/**
 * Visible events about the objects that are pending or refused. The use of another pack of the same unit says nothing
 * about this one; a refused act that its organisation repeated with success is settled.
 */
export function openEventsOf(
  transaction: OrganisationTransaction,
  keys: readonly string[],
  packKey: string | null,
): Promise<OpenEventRow[]> {
  return transaction.query<OpenEventRow>(
    `SELECT e.anchor_state, e.recorded_at, e.event_time, e.refusal ->> 'code' AS code
     FROM custody_event e
     WHERE e.anchor_state IN ('pending', 'refused')
       AND EXISTS (SELECT 1 FROM custody_event_object o WHERE o.event_id = e.id AND o.object_key = ANY($1))
       AND (e.command <> 'decommissionPack'
            OR EXISTS (SELECT 1 FROM custody_event_object o WHERE o.event_id = e.id AND o.object_key = $2))
       AND NOT (e.anchor_state = 'refused' AND EXISTS (
         SELECT 1 FROM custody_event_object o
         JOIN custody_event_object same ON same.object_key = o.object_key AND same.event_id > o.event_id
         JOIN custody_event later ON later.id = same.event_id
         WHERE o.event_id = e.id AND o.object_type <> 'batch' AND later.organisation_id = e.organisation_id
           AND (e.command <> 'decommissionPack' OR o.object_type = 'pack')
           AND later.command = e.command AND later.anchor_state = 'anchored'))
     ORDER BY e.anchor_state = 'refused' DESC, e.id LIMIT 100`,
    [keys, packKey],
  );
}
