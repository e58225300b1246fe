import type { OrganisationTransaction } from '@coldchain/database';

/** One product with its published versions, oldest first. */
export interface ProductRow {
  readonly gtin: string;
  readonly name: string;
  readonly slug: string;
  readonly profiles: readonly {
    readonly version: number;
    readonly published_at: string;
    readonly anchored: boolean;
    readonly profile: Record<string, unknown>;
  }[];
}

/** Products after a GTIN, in its order. */
export function productsAfter(
  transaction: OrganisationTransaction,
  after: string | null,
  count: number,
): Promise<ProductRow[]> {
  return transaction.query<ProductRow>(
    `SELECT p.gtin, p.name, o.slug,
            coalesce((SELECT jsonb_agg(jsonb_build_object(
                'version', f.version,
                'published_at', f.created_at,
                'anchored', EXISTS (SELECT 1 FROM ledger_object l
                                    WHERE l.object_type = 'profile' AND l.object_key = f.gtin || '/' || f.version),
                'profile', f.profile) ORDER BY f.version)
              FROM product_profile f WHERE f.gtin = p.gtin), '[]') AS profiles
     FROM product p JOIN organisation o ON o.id = p.organisation_id
     WHERE $1::text IS NULL OR p.gtin > $1 ORDER BY p.gtin LIMIT $2`,
    [after, count],
  );
}

/** The organisation that publishes a product's profiles; null: nobody does. */
export async function productOwner(transaction: OrganisationTransaction, gtin: string): Promise<number | null> {
  const [row] = await transaction.query<{ organisation_id: number }>(
    'SELECT organisation_id FROM product WHERE gtin = $1',
    [gtin],
  );
  return row?.organisation_id ?? null;
}
