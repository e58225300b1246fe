import { CHANNEL_NAME } from '@coldchain/chaincode/protocol';
import type { Ledger } from '@coldchain/ledger';
import type { Pool } from 'pg';
import { inTransaction } from '../in-transaction.js';
import { ensureCheckpoint, writeBlock } from './project-block.js';

/**
 * Builds the read model anew from block 0, in one transaction: who reads meanwhile sees the old one. A worker may run
 * beside it; it waits at the checkpoint and then goes on from the new one.
 * @returns number of blocks
 */
export async function rebuild(pool: Pool, ledger: Ledger, onBlock: (number: number) => void): Promise<number> {
  await ensureCheckpoint(pool);
  const { height } = await ledger.health();
  return inTransaction(pool, async (client) => {
    await client.query(`UPDATE ledger_checkpoint SET block = -1, transaction_index = -1 WHERE channel = $1`, [
      CHANNEL_NAME,
    ]);
    await client.query('DELETE FROM ledger_object');
    await client.query('DELETE FROM ledger_anchor');
    const stop = new AbortController();
    let number = 0;
    for await (const block of ledger.events(-1, stop.signal)) {
      if (!(await writeBlock(client, block))) throw new Error(`block ${block.number} does not follow`);
      number = block.number + 1;
      onBlock(number);
      if (number >= height) stop.abort();
    }
    return number;
  });
}
