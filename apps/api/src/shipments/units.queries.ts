import type { UnitState } from '@coldchain/chaincode/protocol';
import type { OrganisationTransaction } from '@coldchain/database';

/** A visible unit: what it will be once everything captured is committed, and whether the ledger says the same. */
export interface UnitRow {
  readonly id: number;
  readonly sscc: string;
  readonly unit_key: string;
  readonly state: UnitState | null;
  readonly anchored: boolean;
  readonly parent: string | null;
  readonly custodian: string | null;
  readonly receiver: string | null;
  readonly claimed_by: string | null;
  /** Slugs of the parties that placed, assessed and released holds. */
  readonly slugs: Readonly<Record<string, string>>;
  /** Visible batches among those assessed, by their keys. */
  readonly lots: Readonly<Record<string, { readonly gtin: string; readonly lot: string }>>;
}

const SELECT_UNIT = `
  SELECT u.id, u.sscc, u.unit_key, s.state, coalesce(l.state = s.state, false) AS anchored, p.sscc AS parent,
         (SELECT slug FROM organisation WHERE party = s.state ->> 'custodian') AS custodian,
         (SELECT slug FROM organisation WHERE party = s.state ->> 'receiver') AS receiver,
         (SELECT slug FROM organisation WHERE party = s.state ->> 'claimedBy') AS claimed_by,
         coalesce((SELECT jsonb_object_agg(o.party, o.slug) FROM organisation o
                   WHERE o.party IN (SELECT p #>> '{}' FROM jsonb_path_query(s.state, '$.holds[*].placedBy') p
                                     UNION SELECT p #>> '{}' FROM jsonb_path_query(s.state, '$.holds[*].assessments[*].by') p
                                     UNION SELECT p #>> '{}' FROM jsonb_path_query(s.state, '$.releases[*].releasedBy') p)),
                  '{}') AS slugs,
         coalesce((SELECT jsonb_object_agg(b.batch_key, jsonb_build_object('gtin', b.gtin, 'lot', b.lot)) FROM batch b
                   WHERE b.batch_key IN (SELECT k #>> '{}'
                                         FROM jsonb_path_query(s.state, '$.holds[*].assessments[*].batch') k)),
                  '{}') AS lots
  FROM unit u
  LEFT JOIN ledger_object l ON l.object_type = 'unit' AND l.object_key = u.unit_key
  LEFT JOIN expected_object e ON e.object_type = 'unit' AND e.object_key = u.unit_key
  LEFT JOIN LATERAL (SELECT coalesce(e.state, l.state) AS state) s ON true
  LEFT JOIN unit p ON p.id = u.parent_id`;

/** Units after an id, oldest first. */
export function unitsAfter(
  transaction: OrganisationTransaction,
  after: number | null,
  count: number,
): Promise<UnitRow[]> {
  return transaction.query<UnitRow>(`${SELECT_UNIT} WHERE $1::bigint IS NULL OR u.id > $1 ORDER BY u.id LIMIT $2`, [
    after,
    count,
  ]);
}

/** Quarantined units after an id, oldest first. */
export function heldUnitsAfter(
  transaction: OrganisationTransaction,
  after: number | null,
  count: number,
): Promise<UnitRow[]> {
  return transaction.query<UnitRow>(
    `${SELECT_UNIT} WHERE ($1::bigint IS NULL OR u.id > $1)
       AND jsonb_array_length(coalesce(s.state -> 'holds', '[]')) > 0 AND s.state ->> 'status' <> 'dissolved'
     ORDER BY u.id LIMIT $2`,
    [after, count],
  );
}

/** The visible unit of an SSCC. */
export async function unitOf(transaction: OrganisationTransaction, sscc: string): Promise<UnitRow | undefined> {
  const [row] = await transaction.query<UnitRow>(`${SELECT_UNIT} WHERE u.sscc = $1 ORDER BY u.id LIMIT 1`, [sscc]);
  return row;
}

/** The visible unit of a key. */
export async function unitOfKey(transaction: OrganisationTransaction, key: string): Promise<UnitRow | undefined> {
  const [row] = await transaction.query<UnitRow>(`${SELECT_UNIT} WHERE u.unit_key = $1`, [key]);
  return row;
}

/** What is in a unit and what watches it. */
export interface UnitContentsRow {
  readonly children: readonly string[];
  readonly batches: readonly { readonly gtin: string; readonly lot: string; readonly profileVersion: number }[];
  readonly packs: number;
  readonly loggers: readonly string[];
  readonly coldest_milli_celsius: number | null;
  readonly hottest_milli_celsius: number | null;
  readonly gap_ms: number;
  readonly evaluated_to: Date | null;
  readonly open_excursions: number;
}

export async function contentsOf(transaction: OrganisationTransaction, unit: UnitRow): Promise<UnitContentsRow> {
  const [row] = await transaction.query<UnitContentsRow>(
    `SELECT
       ARRAY(SELECT c.sscc FROM unit c WHERE c.parent_id = u.id ORDER BY c.sscc) AS children,
       coalesce((SELECT jsonb_agg(jsonb_build_object('gtin', b.gtin, 'lot', b.lot, 'profileVersion', b.profile_version)
                                  ORDER BY b.gtin, b.lot)
                 FROM batch b WHERE b.batch_key = ANY($2)), '[]') AS batches,
       (SELECT count(*)::integer FROM pack k WHERE k.unit_id = u.id) AS packs,
       ARRAY(SELECT g.serial FROM unit_logger n JOIN logger g ON g.id = n.logger_id
             WHERE n.unit_id = u.id AND n.unbound_at IS NULL ORDER BY g.serial) AS loggers,
       t.coldest_milli_celsius, t.hottest_milli_celsius, t.gap_ms, t.evaluated_to, t.open_excursions
     FROM unit u JOIN unit_thermal t ON t.unit_id = u.id WHERE u.id = $1`,
    [unit.id, (unit.state?.batches ?? []).map((content) => content.batch)],
  );
  if (row === undefined) throw new Error('a unit vanished within one transaction');
  return row;
}
