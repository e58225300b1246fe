import type { OrganisationTransaction } from '@coldchain/database';

/** Something that changed: the id says where a reader goes on. */
export interface ChangeRow {
  readonly id: string;
  readonly kind: 'case' | 'excursion' | 'event';
  readonly at: Date;
  readonly sscc: string | null;
  readonly case_id: number | null;
}

/** Where a reader of changes is: transaction and number. */
export interface Cursor {
  readonly xid: string;
  readonly id: string;
}

export function cursorOfId(id: string): Cursor {
  const [xid = '0', number = '0'] = id.split('-');
  return { xid, id: number };
}

/**
 * Visible changes after a cursor in the order in which nothing can come in between any more: below the oldest transaction
 * that still runs.
 */
export function changesAfter(
  transaction: OrganisationTransaction,
  cursor: Cursor,
  count: number,
): Promise<ChangeRow[]> {
  return transaction.query<ChangeRow>(
    `SELECT c.xid::text || '-' || c.id AS id, c.kind, c.at, u.sscc, c.case_id
     FROM live_change c LEFT JOIN unit u ON u.id = c.unit_id
     WHERE (c.xid, c.id) > ($1::xid8, $2::bigint) AND c.xid < pg_snapshot_xmin(pg_current_snapshot())
     ORDER BY c.xid, c.id LIMIT $3`,
    [cursor.xid, cursor.id, count],
  );
}
