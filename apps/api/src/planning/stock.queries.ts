import type { OrganisationTransaction } from '@coldchain/database';

/** Packs of a lot in one unit. */
export interface StockRow {
  readonly gtin: string;
  readonly site: string;
  readonly lot: string;
  /** Last day of use. */
  readonly expiry: string;
  readonly batch_key: string;
  readonly unit_key: string;
  readonly sscc: string;
  readonly packs: number;
  readonly on_the_way: boolean;
  readonly state: 'free' | 'held' | 'recalled';
}

/** What the organisation has, or what is on its way to it, of some products. */
export function stockOf(transaction: OrganisationTransaction, gtins: readonly string[]): Promise<StockRow[]> {
  return transaction.query<StockRow>(
    `SELECT gtin, site, lot, expiry, batch_key, unit_key, sscc, packs, on_the_way, state FROM stock_lot
     WHERE gtin = ANY ($1) ORDER BY gtin, expiry, lot, sscc`,
    [gtins],
  );
}

/** A lot that was counted at a site. */
export interface CountedLot {
  readonly gtin: string;
  readonly lot: string;
  readonly expiry: string;
  readonly packs: number;
}

/** Replaces what was counted at a site. */
export async function replaceCount(
  transaction: OrganisationTransaction,
  site: string,
  lots: readonly CountedLot[],
  countedAt: Date,
): Promise<void> {
  await transaction.query(
    `INSERT INTO stock_count (organisation_id, site, counted_at) VALUES ($1, $2, $3)
     ON CONFLICT (organisation_id, site) DO UPDATE SET counted_at = excluded.counted_at`,
    [transaction.organisationId, site, countedAt],
  );
  await transaction.query('DELETE FROM counted_lot WHERE site = $1', [site]);
  await transaction.query(
    `INSERT INTO counted_lot (organisation_id, site, gtin, lot, expiry, packs)
     SELECT $1, $2, * FROM unnest($3::text[], $4::text[], $5::date[], $6::integer[])`,
    [
      transaction.organisationId,
      site,
      lots.map(({ gtin }) => gtin),
      lots.map(({ lot }) => lot),
      lots.map(({ expiry }) => expiry),
      lots.map(({ packs }) => packs),
    ],
  );
}

/** Counted lots of some products; with the batch that each is of, where exactly one is visible. */
export function countedLots(
  transaction: OrganisationTransaction,
  gtins: readonly string[],
): Promise<(CountedLot & { readonly site: string; readonly batch_key: string | null; readonly recalled: boolean })[]> {
  return transaction.query(
    `SELECT c.site, c.gtin, c.lot, c.expiry, c.packs, CASE WHEN count(b.id) = 1 THEN min(b.batch_key) END AS batch_key,
            coalesce(bool_or(coalesce(e.state -> 'recall', 'null') <> 'null' OR coalesce(l.state -> 'recall', 'null') <> 'null'),
                     false) AS recalled
     FROM counted_lot c
     LEFT JOIN batch b ON b.gtin = c.gtin AND b.lot = c.lot
     LEFT JOIN expected_object e ON e.object_type = 'batch' AND e.object_key = b.batch_key
     LEFT JOIN ledger_object l ON l.object_type = 'batch' AND l.object_key = b.batch_key
     WHERE c.gtin = ANY ($1) AND c.packs > 0
     GROUP BY c.site, c.gtin, c.lot, c.expiry, c.packs ORDER BY c.gtin, c.expiry, c.lot, c.site`,
    [gtins],
  );
}

/** Sites that were counted, and when. */
export async function countedSites(transaction: OrganisationTransaction): Promise<ReadonlyMap<string, Date>> {
  const rows = await transaction.query<{ site: string; counted_at: Date }>('SELECT site, counted_at FROM stock_count');
  return new Map(rows.map(({ site, counted_at: at }) => [site, at]));
}

/** Place of the organisation. */
export async function ownSite(transaction: OrganisationTransaction): Promise<string> {
  const [row] = await transaction.query<{ gln: string }>('SELECT gln FROM organisation WHERE id = $1', [
    transaction.organisationId,
  ]);
  if (row === undefined) throw new Error('the organisation has no row');
  return row.gln;
}

/** What stands for the key of a lot that was counted and is of no batch that is known here. */
export const countedKey = (gtin: string, lot: string): string => `${gtin} ${lot}`;

/**
 * The key of a visible lot, or what stands for it where people counted a lot that nobody registered; undefined also where
 * two organisations have one of that name.
 */
export async function batchKeyOf(
  transaction: OrganisationTransaction,
  gtin: string,
  lot: string,
): Promise<string | undefined> {
  const rows = await transaction.query<{ batch_key: string }>(
    'SELECT batch_key FROM batch WHERE gtin = $1 AND lot = $2 LIMIT 2',
    [gtin, lot],
  );
  if (rows.length > 0) return rows.length === 1 ? rows[0]?.batch_key : undefined;
  const counted = await transaction.query('SELECT FROM counted_lot WHERE gtin = $1 AND lot = $2 LIMIT 1', [gtin, lot]);
  return counted.length > 0 ? countedKey(gtin, lot) : undefined;
}

/** What the newest forecast of a product and site was made of. */
export async function newestInput(
  transaction: OrganisationTransaction,
  product: string,
  site: string,
): Promise<string | undefined> {
  const [row] = await transaction.query<{ input: string }>(
    'SELECT input FROM forecast_newest WHERE article = $1 AND site = $2',
    [product, site],
  );
  return row?.input;
}

/** Names of products, by GTIN. */
export async function productNames(
  transaction: OrganisationTransaction,
  gtins: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await transaction.query<{ gtin: string; name: string }>(
    'SELECT gtin, name FROM product WHERE gtin = ANY ($1)',
    [gtins],
  );
  return new Map(rows.map(({ gtin, name }) => [gtin, name]));
}

/** The newest forecast of a product and site. */
export interface ForecastRow {
  readonly job_id: number;
  readonly product: string;
  readonly site: string;
  readonly source: string;
  readonly model: string;
  readonly computed_at: Date;
  readonly window_from: string;
  readonly window_until: string;
  readonly input_sha256: string;
  readonly document: string;
  readonly document_sha256: string;
}

/** What is asked for; a place in the list is a product and a site. */
export interface ForecastPage {
  readonly product?: string | undefined;
  readonly site?: string | undefined;
  readonly after: readonly [product: string, site: string] | null;
  readonly count: number;
}

/** Newest forecasts by product and site; what was forecast of a GTIN before it became a pack of an article is over. */
export function forecastsAfter(transaction: OrganisationTransaction, page: ForecastPage): Promise<ForecastRow[]> {
  return transaction.query<ForecastRow>(
    `SELECT job_id, article AS product, site, source, model, computed_at, window_from, window_until,
            encode(input_sha256, 'hex') AS input_sha256, document, encode(document_sha256, 'hex') AS document_sha256
     FROM forecast_newest
     WHERE NOT EXISTS (SELECT FROM article_pack a WHERE a.gtin = forecast_newest.article)
       AND ($1::text IS NULL OR article = $1) AND ($2::text IS NULL OR site = $2)
       AND ($3::text IS NULL OR (article COLLATE "C", site COLLATE "C") > ($3, $4))
     ORDER BY article COLLATE "C", site COLLATE "C" LIMIT $5`,
    [page.product ?? null, page.site ?? null, page.after?.[0] ?? null, page.after?.[1] ?? null, page.count],
  );
}
