import type { Database } from '@coldchain/database';
import { sleep } from '@coldchain/kernel';

/**
 * Waits until everything written so far is visible for good: readers that follow by transaction pass over what an older
 * transaction of the same server, also one of another spec's database, still stands before.
 */
export async function allVisible(database: Database): Promise<void> {
  const [written] = await database.query<{ xid: string }>('SELECT pg_current_xact_id()::text AS xid');
  for (;;) {
    const [row] = await database.query<{ visible: boolean }>(
      'SELECT pg_snapshot_xmin(pg_current_snapshot()) > $1::xid8 AS visible',
      [written?.xid],
    );
    if (row?.visible === true) return;
    await sleep(10);
  }
}
