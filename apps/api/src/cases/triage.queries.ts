import type { Hex32 } from '@coldchain/chaincode/protocol';
import type { OrganisationTransaction } from '@coldchain/database';
import type { Sscc } from '@coldchain/gs1';

/** A batch in a unit that the organisation has. */
export interface StockRow {
  readonly sscc: Sscc;
  /** null: nothing is recorded in the unit. */
  readonly batch_key: Hex32 | null;
  /** Known of every batch: the ledger names its profile. */
  readonly gtin: string | null;
  /** null: data of the batch was not given to the organisation. */
  readonly lot: string | null;
  readonly profile: string | null;
  readonly product: string | null;
  /** Who owns the batch, or where nobody knows, who registered the unit. */
  readonly owner_slug: string;
  readonly owner_name: string;
  readonly owner_gln: string;
}

/** Where the cooling failed; null: wherever. */
export interface FailedPlace {
  /** A place of the organisation: the units that are in it, or that hold one which is. */
  readonly place: string | null;
  /** A logger: the units that it speaks for: bound to them or to one in them, or watching the place they are in. */
  readonly logger: string | null;
}

/** Whether a place or logger of this name belongs to the organisation: of one that does not, nothing can be told. */
export async function isOwn(
  transaction: OrganisationTransaction,
  kind: 'place' | 'logger',
  name: string,
): Promise<boolean> {
  const text =
    kind === 'place'
      ? 'SELECT 1 FROM place WHERE name = $1'
      : 'SELECT 1 FROM logger WHERE serial = $1 AND organisation_id = coldchain_organisation()';
  return (await transaction.query(text, [name])).length > 0;
}

/**
 * What the organisation has in its hands, also on the way, by unit and batch: of units in units the outermost one that is
 * visible. Whatever is not visible of the contents still has a row: nothing that lies there is left out.
 */
export function stockOf(
  transaction: OrganisationTransaction,
  party: string,
  where: FailedPlace,
  count: number,
): Promise<StockRow[]> {
  return transaction.query<StockRow>(
    `WITH RECURSIVE present(id) AS (
       SELECT n.unit_id FROM unit_presence n JOIN place w ON w.id = n.place_id
       WHERE n.left_at IS NULL AND w.name = $3
       UNION
       SELECT u.parent_id FROM present JOIN unit u ON u.id = present.id WHERE u.parent_id IS NOT NULL
     ), watched(id) AS (
       SELECT n.unit_id FROM unit_logger n JOIN logger g ON g.id = n.logger_id
       WHERE n.unbound_at IS NULL AND g.serial = $2
       UNION
       SELECT n.unit_id FROM unit_presence n JOIN place w ON w.id = n.place_id
       JOIN place_logger p ON p.place_id = w.id AND p.until IS NULL JOIN logger g ON g.id = p.logger_id
       WHERE n.left_at IS NULL AND g.serial = $2
     ), around(id) AS (
       SELECT id FROM watched
       UNION
       SELECT u.parent_id FROM around JOIN unit u ON u.id = around.id WHERE u.parent_id IS NOT NULL
     )
     SELECT u.sscc, c ->> 'batch' AS batch_key, coalesce(b.gtin, split_part(c ->> 'profile', '/', 1)) AS gtin, b.lot,
            c ->> 'profile' AS profile, p.name AS product,
            o.slug AS owner_slug, o.name AS owner_name, o.gln AS owner_gln
     FROM unit u
     JOIN expected_object e ON e.object_type = 'unit' AND e.object_key = u.unit_key
     LEFT JOIN LATERAL jsonb_array_elements(e.state -> 'batches') AS c ON true
     LEFT JOIN batch b ON b.batch_key = c ->> 'batch'
     LEFT JOIN expected_object k ON k.object_type = 'batch' AND k.object_key = c ->> 'batch'
     LEFT JOIN organisation r ON r.party = k.state ->> 'owner'
     JOIN organisation o ON o.id = coalesce(b.organisation_id, r.id, u.organisation_id)
     LEFT JOIN product p ON p.gtin = coalesce(b.gtin, split_part(c ->> 'profile', '/', 1))
     WHERE e.state ->> 'custodian' = $1 AND e.state ->> 'status' IN ('held-by-custodian', 'in-transit')
       AND (e.state ->> 'parent' IS NULL OR NOT EXISTS (SELECT 1 FROM unit v WHERE v.unit_key = e.state ->> 'parent'))
       AND ($2::text IS NULL OR u.id IN (SELECT id FROM around))
       AND ($3::text IS NULL OR u.id IN (SELECT id FROM present))
     ORDER BY u.sscc, gtin, b.lot, batch_key LIMIT $4`,
    [party, where.logger, where.place, count],
  );
}
