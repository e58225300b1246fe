import { isDeepStrictEqual } from 'node:util';
import type { Pool, PoolClient } from 'pg';
import { inTransaction } from '../in-transaction.js';
import { readCheckpoint } from '../projection/project-block.js';
import type { ChainContent } from './check-chain.js';
import type { Finding } from './finding.js';

/**
 * Does the read model hold what the blocks give, and nothing else? One snapshot, so that a block which a worker projects
 * meanwhile is in none of it. null: the read model is at another block than this one, and cannot be compared.
 * @param checkpoint the last block of the chain
 */
export async function checkProjection(
  pool: Pool,
  chain: ChainContent,
  checkpoint: number,
): Promise<readonly Finding[] | null> {
  return inTransaction(pool, async (client) => {
    await client.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
    if ((await readCheckpoint(client)) !== checkpoint) return null;
    return [...(await checkObjects(client, chain)), ...(await checkAnchors(client, chain))];
  });
}

async function checkObjects(client: PoolClient, chain: ChainContent): Promise<Finding[]> {
  const { rows } = await client.query<{
    object_type: string;
    object_key: string;
    state: unknown;
    block: number | string;
    transaction_id: string;
  }>('SELECT object_type, object_key, state, block, transaction_id FROM ledger_object');
  const findings: Finding[] = [];
  const stored = new Map(rows.map((row) => [`${row.object_type} ${row.object_key}`, row]));
  for (const [subject, object] of chain.objects) {
    const row = stored.get(subject);
    if (row === undefined) findings.push({ code: 'object-missing', subject, detail: `block ${object.block} has it` });
    else if (
      !isDeepStrictEqual(row.state, JSON.parse(JSON.stringify(object.state))) ||
      Number(row.block) !== object.block ||
      row.transaction_id !== object.transactionId
    ) {
      findings.push({ code: 'object-differs', subject, detail: `from its state in block ${object.block}` });
    }
  }
  for (const subject of stored.keys()) {
    if (!chain.objects.has(subject)) findings.push({ code: 'object-unknown', subject, detail: 'no block has it' });
  }
  return findings;
}

async function checkAnchors(client: PoolClient, chain: ChainContent): Promise<Finding[]> {
  const { rows } = await client.query<{
    commitment: string;
    record: unknown;
    block: number | string;
    transaction_id: string;
  }>('SELECT commitment, record, block, transaction_id FROM ledger_anchor');
  const findings: Finding[] = [];
  const stored = new Map(rows.map((row) => [row.commitment, row]));
  for (const [commitment, anchor] of chain.anchors) {
    const row = stored.get(commitment);
    const subject = `anchor ${commitment}`;
    if (row === undefined) findings.push({ code: 'object-missing', subject, detail: `block ${anchor.block} has it` });
    else if (
      !isDeepStrictEqual(row.record, anchor.record) ||
      Number(row.block) !== anchor.block ||
      row.transaction_id !== anchor.transactionId
    ) {
      findings.push({ code: 'object-differs', subject, detail: `from its record in block ${anchor.block}` });
    }
  }
  for (const commitment of stored.keys()) {
    if (!chain.anchors.has(commitment)) {
      findings.push({ code: 'object-unknown', subject: `anchor ${commitment}`, detail: 'no block has it' });
    }
  }
  return findings;
}
