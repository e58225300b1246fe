import type { OrganisationTransaction } from '@coldchain/database';
import type { Gtin, Lot, Serial } from '@coldchain/gs1';

/** Lots visible to the organisation in which a serial number of a product is registered. */
export async function lotsOfPack(
  transaction: OrganisationTransaction,
  gtin: Gtin,
  serial: Serial,
): Promise<readonly Lot[]> {
  const rows = await transaction.query<{ lot: Lot }>(
    `SELECT b.lot FROM batch b JOIN pack p ON p.batch_id = b.id AND p.serial = $2 WHERE b.gtin = $1 ORDER BY b.lot LIMIT 2`,
    [gtin, serial],
  );
  return rows.map((row) => row.lot);
}
