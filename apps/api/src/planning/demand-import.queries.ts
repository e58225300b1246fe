import type { DemandSource } from '@coldchain/api-contract';
import type { OrganisationTransaction } from '@coldchain/database';
import type { DemandLine } from './demand-line.js';

/** An import of a file: complete with its outcome, or begun. */
export interface ImportRow {
  readonly id: number;
  /** null: not complete. */
  readonly outcome: Record<string, unknown> | null;
  /** Of one that is not complete: somebody may be at work on it. */
  readonly fresh: boolean;
}

/** After so long an import that is not complete was interrupted. */
const FRESH_SECONDS = 60;

/** The import of a file that is there already. */
export async function importOf(
  transaction: OrganisationTransaction,
  sha256: Buffer,
  source: DemandSource,
): Promise<ImportRow | undefined> {
  const [row] = await transaction.query<ImportRow>(
    `SELECT id, outcome, started_at > clock_timestamp() - $3 * interval '1 s' AS fresh
     FROM demand_import WHERE sha256 = $1 AND source = $2`,
    [sha256, source, FRESH_SECONDS],
  );
  return row;
}

/** An attempt at an import. */
export interface ImportClaim {
  readonly id: number;
  readonly claim: number;
}

/** Begins an import, or takes over one that was interrupted; null: somebody else did just now. */
export async function beginImport(
  transaction: OrganisationTransaction,
  sha256: Buffer,
  source: DemandSource,
  by: string,
): Promise<ImportClaim | null> {
  const [row] = await transaction.query<ImportClaim>(
    `INSERT INTO demand_import AS i (organisation_id, sha256, source, imported_by) VALUES ($1, $2, $3, $4)
     ON CONFLICT (organisation_id, sha256, source) DO UPDATE
       SET started_at = clock_timestamp(), imported_by = excluded.imported_by, claim = i.claim + 1
       WHERE i.completed_at IS NULL AND i.started_at <= clock_timestamp() - $5 * interval '1 s'
     RETURNING id, claim`,
    [transaction.organisationId, sha256, source, by, FRESH_SECONDS],
  );
  return row ?? null;
}

/** Removes up to `count` rows that an interrupted import left; how many. */
export async function removeRows(
  transaction: OrganisationTransaction,
  importId: number,
  count: number,
): Promise<number> {
  const rows = await transaction.query(
    `DELETE FROM demand_row WHERE (series_id, day, import_id) IN
       (SELECT series_id, day, import_id FROM demand_row WHERE import_id = $1 LIMIT $2) RETURNING 1`,
    [importId, count],
  );
  return rows.length;
}

/** Removes what an import took of one series; how many rows. */
export async function removeSeries(
  transaction: OrganisationTransaction,
  importId: number,
  seriesId: number,
): Promise<number> {
  const rows = await transaction.query('DELETE FROM demand_row WHERE import_id = $1 AND series_id = $2 RETURNING 1', [
    importId,
    seriesId,
  ]);
  return rows.length;
}

/** Ids of series, made where they are new, in the order asked for. */
export async function seriesIds(
  transaction: OrganisationTransaction,
  series: readonly Pick<DemandLine, 'product' | 'site' | 'source'>[],
): Promise<number[]> {
  const columns = [
    series.map(({ product }) => product),
    series.map(({ site }) => site),
    series.map(({ source }) => source),
  ];
  await transaction.query(
    `INSERT INTO demand_series (organisation_id, product, site, source)
     SELECT $4, * FROM unnest($1::text[], $2::text[], $3::text[]) ORDER BY 2, 3, 4 ON CONFLICT DO NOTHING`,
    [...columns, transaction.organisationId],
  );
  const rows = await transaction.query<{ id: number }>(
    `SELECT s.id FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS k(product, site, source, place)
     JOIN demand_series s ON s.organisation_id = $4 AND s.product = k.product AND s.site = k.site AND s.source = k.source
     ORDER BY k.place`,
    [...columns, transaction.organisationId],
  );
  return rows.map(({ id }) => id);
}

/** Stores rows; how many: a day that stands twice is stored once. */
export async function insertRows(
  transaction: OrganisationTransaction,
  importId: number,
  ids: readonly number[],
  lines: readonly DemandLine[],
): Promise<number> {
  const [row] = await transaction.query<{ stored: number }>(
    `WITH stored AS (${INSERT_ROWS}) SELECT count(*) AS stored FROM stored`,
    columnsOf(transaction, importId, ids, lines),
  );
  return row?.stored ?? 0;
}

/** As {@link insertRows}; those that were stored, by series and day. */
export function insertRowsNamed(
  transaction: OrganisationTransaction,
  importId: number,
  ids: readonly number[],
  lines: readonly DemandLine[],
): Promise<{ readonly series_id: number; readonly day: string }[]> {
  return transaction.query(INSERT_ROWS, columnsOf(transaction, importId, ids, lines));
}

const INSERT_ROWS = `
  INSERT INTO demand_row (series_id, day, import_id, organisation_id, quantity, available)
  SELECT id, day, $1, $2, quantity, available
  FROM unnest($3::integer[], $4::date[], $5::double precision[], $6::real[]) AS r(id, day, quantity, available)
  ON CONFLICT DO NOTHING RETURNING series_id, day`;

const columnsOf = (
  transaction: OrganisationTransaction,
  importId: number,
  ids: readonly number[],
  lines: readonly DemandLine[],
): unknown[] => [
  importId,
  transaction.organisationId,
  ids,
  lines.map(({ day }) => day),
  lines.map(({ quantity }) => quantity),
  lines.map(({ available }) => available),
];

/** Locks an import for this transaction and says that somebody is at work on it; false: another attempt has it now. */
export async function renewImport(transaction: OrganisationTransaction, { id, claim }: ImportClaim): Promise<boolean> {
  const rows = await transaction.query(
    `UPDATE demand_import SET started_at = clock_timestamp()
     WHERE id = $1 AND claim = $2 AND completed_at IS NULL RETURNING 1`,
    [id, claim],
  );
  return rows.length === 1;
}

/** From now on the import counts. */
export async function completeImport(
  transaction: OrganisationTransaction,
  importId: number,
  outcome: object,
): Promise<void> {
  await transaction.query('UPDATE demand_import SET completed_at = clock_timestamp(), outcome = $2 WHERE id = $1', [
    importId,
    JSON.stringify(outcome),
  ]);
}
