import type { OrganisationTransaction } from '@coldchain/database';

/** A share that the organisation gave or received. */
export interface StockShareRow {
  readonly id: number;
  readonly given: boolean;
  /** Slug of the other side. */
  readonly other: string;
  readonly product: string;
  readonly shared_at: Date;
  readonly withdrawn_at: Date | null;
}

const SELECT_SHARE = `
  SELECT s.id, s.organisation_id = $1 AS given, o.slug AS other, s.product, s.shared_at, s.withdrawn_at
  FROM stock_share s
  JOIN organisation o ON o.id = CASE WHEN s.organisation_id = $1 THEN s.receiver_id ELSE s.organisation_id END`;

/** Shares after an id, oldest first. */
export function sharesAfter(
  transaction: OrganisationTransaction,
  after: number | null,
  count: number,
): Promise<StockShareRow[]> {
  return transaction.query<StockShareRow>(
    `${SELECT_SHARE} WHERE $2::bigint IS NULL OR s.id > $2 ORDER BY s.id LIMIT $3`,
    [transaction.organisationId, after, count],
  );
}

async function shareOf(transaction: OrganisationTransaction, id: number): Promise<StockShareRow> {
  const [row] = await transaction.query<StockShareRow>(`${SELECT_SHARE} WHERE s.id = $2`, [
    transaction.organisationId,
    id,
  ]);
  if (row === undefined) throw new Error('stock_share: what was written is not there');
  return row;
}

/** Shares a product of the organisation; one that stands stays as it is. */
export async function giveShare(
  transaction: OrganisationTransaction,
  product: string,
  receiverId: number,
  sharedAt: Date,
): Promise<StockShareRow> {
  await transaction.query(
    `INSERT INTO stock_share (organisation_id, receiver_id, product, shared_at) VALUES ($1, $2, $3, $4)
     ON CONFLICT (organisation_id, product, receiver_id)
     DO UPDATE SET shared_at = excluded.shared_at, withdrawn_at = NULL WHERE stock_share.withdrawn_at IS NOT NULL`,
    [transaction.organisationId, receiverId, product, sharedAt],
  );
  const [row] = await transaction.query<{ id: number }>(
    'SELECT id FROM stock_share WHERE organisation_id = $1 AND product = $2 AND receiver_id = $3',
    [transaction.organisationId, product, receiverId],
  );
  return shareOf(transaction, row?.id ?? 0);
}

/** Ends a share of the organisation; undefined when it has none of this number. */
export async function endShare(
  transaction: OrganisationTransaction,
  id: number,
  withdrawnAt: Date,
): Promise<StockShareRow | undefined> {
  const [own] = await transaction.query<{ open: boolean }>(
    `SELECT withdrawn_at IS NULL AS open FROM stock_share WHERE id = $1 AND organisation_id = $2 FOR UPDATE`,
    [id, transaction.organisationId],
  );
  if (own === undefined) return undefined;
  if (own.open) await transaction.query('UPDATE stock_share SET withdrawn_at = $2 WHERE id = $1', [id, withdrawnAt]);
  return shareOf(transaction, id);
}

/** An organisation that shares something with another one. */
export interface Sharer {
  readonly id: number;
  readonly slug: string;
  readonly name: string;
}

/** Who shares anything with the organisation now. */
export function sharersWith(transaction: OrganisationTransaction, count: number): Promise<Sharer[]> {
  return transaction.query<Sharer>(
    `SELECT o.id, o.slug, o.name FROM organisation o
     WHERE EXISTS (SELECT FROM stock_share s WHERE s.organisation_id = o.id AND s.receiver_id = $1 AND s.withdrawn_at IS NULL)
     ORDER BY o.slug LIMIT $2`,
    [transaction.organisationId, count],
  );
}

/** What the organisation shares with a receiver now, of what has one of some packs. */
export async function productsSharedWith(
  transaction: OrganisationTransaction,
  receiverId: number,
  gtins: readonly string[],
): Promise<string[]> {
  const rows = await transaction.query<{ product: string }>(
    `SELECT s.product FROM stock_share s
     WHERE s.organisation_id = $1 AND s.receiver_id = $2 AND s.withdrawn_at IS NULL
       AND (s.product = ANY ($3)
            OR EXISTS (SELECT FROM article_pack p WHERE p.article = s.product AND p.gtin = ANY ($3)))
     ORDER BY s.product`,
    [transaction.organisationId, receiverId, gtins],
  );
  return rows.map(({ product }) => product);
}
