import { DEMAND_SOURCES } from '@coldchain/api-contract';
import type { OrganisationTransaction } from '@coldchain/database';

/** What a product came to in a year, at all sites together. */
export interface YearlyDemand {
  /** Code of an article, or a GTIN that belongs to none. */
  readonly product: string;
  /** Base units. */
  readonly quantity: number;
  /** Money for a base unit; null: not told. */
  readonly unitPrice: number | null;
}

/** Of every product with demand in [from, until), by product; of each site the source that is nearest to patients. */
export function yearlyDemand(
  transaction: OrganisationTransaction,
  from: string,
  until: string,
): Promise<YearlyDemand[]> {
  return transaction.query<YearlyDemand>(
    `WITH known AS (
       SELECT product, site, source, sum(quantity) AS quantity FROM demand_imported
       WHERE day >= $2::date AND day < $3::date GROUP BY 1, 2, 3
       UNION ALL
       SELECT d.gtin, o.gln, d.source, sum(d.packs) FROM demand_event d JOIN organisation o ON o.id = d.organisation_id
       WHERE d.organisation_id = $1 AND d.at >= $2::date AT TIME ZONE 'UTC' AND d.at < $3::date AT TIME ZONE 'UTC'
       GROUP BY 1, 2, 3),
     counted AS (
       SELECT coalesce(p.article, k.product) AS product, k.site, k.source,
              sum(k.quantity * coalesce(p.base_units, 1)) AS quantity
       FROM known k LEFT JOIN article_pack p ON p.gtin = k.product GROUP BY 1, 2, 3),
     nearest AS (
       SELECT DISTINCT ON (product, site) product, quantity FROM counted
       ORDER BY product, site, array_position($4::text[], source))
     SELECT n.product, coalesce(sum(n.quantity), 0)::float8 AS quantity, a.unit_price::float8 AS "unitPrice"
     FROM nearest n LEFT JOIN article a ON a.code = n.product
     GROUP BY n.product, a.unit_price ORDER BY n.product COLLATE "C"`,
    [transaction.organisationId, from, until, DEMAND_SOURCES],
  );
}
