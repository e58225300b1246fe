import type { BatchState } from '@coldchain/chaincode/protocol';
import type { OrganisationTransaction } from '@coldchain/database';

/** A visible batch beside the ledger's state of it. */
export interface BatchRow {
  readonly id: number;
  readonly gtin: string;
  readonly lot: string;
  readonly expiry: string;
  readonly profile_version: number;
  readonly slug: string;
  readonly state: BatchState | null;
}

/** Batches after an id, oldest first. */
export function batchesAfter(
  transaction: OrganisationTransaction,
  after: number | null,
  count: number,
): Promise<BatchRow[]> {
  return transaction.query<BatchRow>(
    `SELECT b.id, b.gtin, b.lot, b.expiry, b.profile_version, o.slug, l.state
     FROM batch b
     JOIN organisation o ON o.id = b.organisation_id
     LEFT JOIN ledger_object l ON l.object_type = 'batch' AND l.object_key = b.batch_key
     WHERE $1::bigint IS NULL OR b.id > $1 ORDER BY b.id LIMIT $2`,
    [after, count],
  );
}
