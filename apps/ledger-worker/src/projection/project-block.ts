import { CHANNEL_NAME } from '@coldchain/chaincode/protocol';
import type { LedgerBlock } from '@coldchain/ledger';
import type { Pool, PoolClient } from 'pg';
import { inTransaction } from '../in-transaction.js';
import { type BlockEffects, effectsOf, type ProjectedObject } from './block-effects.js';
import { notifyProjection } from './notify-projection.js';

/** An outbox row whose act is on the ledger. */
const COMMITTED = `state = 'committed', settled_at = now(), last_error = NULL, held_by = NULL, parked_at = NULL`;

/** Makes the checkpoint where there is none: nothing projected, never confirmed. */
export async function ensureCheckpoint(pool: Pool): Promise<void> {
  await pool.query(
    `INSERT INTO ledger_checkpoint (channel, block, transaction_index, height, confirmed_at)
     VALUES ($1, -1, -1, 0, to_timestamp(0)) ON CONFLICT DO NOTHING`,
    [CHANNEL_NAME],
  );
}

/** The number of the last projected block; -1 before the first. */
export async function readCheckpoint(database: Pool | PoolClient): Promise<number> {
  const { rows } = await database.query<{ block: number | string }>(
    'SELECT block FROM ledger_checkpoint WHERE channel = $1',
    [CHANNEL_NAME],
  );
  return Number(rows[0]?.block ?? -1);
}

/**
 * Writes all that a block changes, and the checkpoint, in one transaction: whoever reads sees a whole block or none of
 * it, and a block is projected once however often it comes.
 * @param epoch of the leader that projects
 * @returns false when the block is not the next one after the checkpoint, or another leads: nothing was written
 */
export async function projectBlock(pool: Pool, block: LedgerBlock, epoch: number): Promise<boolean> {
  return inTransaction(pool, async (client) => (await leads(client, epoch)) && writeBlock(client, block));
}

/** Whether this epoch's leader still leads; while the transaction lasts, nobody takes over. */
export async function leads(client: PoolClient, epoch: number): Promise<boolean> {
  const { rowCount } = await client.query(
    'SELECT 1 FROM ledger_leadership WHERE channel = $1 AND epoch = $2 FOR SHARE',
    [CHANNEL_NAME, epoch],
  );
  return rowCount === 1;
}

/**
 * Writes all that a block changes, and the checkpoint, in the caller's transaction.
 * @returns false when the block is not the next one after the checkpoint: nothing was written
 */
export async function writeBlock(client: PoolClient, block: LedgerBlock): Promise<boolean> {
  const effects = effectsOf(block);
  const { rowCount } = await client.query(
    `UPDATE ledger_checkpoint SET block = $2, transaction_index = $3, height = greatest(height, $2 + 1)
     WHERE channel = $1 AND block = $2 - 1`,
    [CHANNEL_NAME, block.number, block.transactions.length - 1],
  );
  if (rowCount !== 1) return false;
  await writeObjects(client, block.number, effects.objects);
  await writeAnchors(client, block.number, effects);
  await settleOutbox(client, effects);
  await correctExpectations(client, effects.objects);
  const told = effects.objects.filter(({ type }) => type === 'batch' || type === 'unit' || type === 'pack');
  await notifyProjection(
    client,
    told.map(({ key }) => key),
  );
  return true;
}

async function writeObjects(client: PoolClient, block: number, objects: readonly ProjectedObject[]): Promise<void> {
  if (objects.length === 0) return;
  await client.query(
    `INSERT INTO ledger_object (object_type, object_key, state, block, transaction_id)
     SELECT type, key, state, $1, transaction_id
     FROM unnest($2::text[], $3::text[], $4::jsonb[], $5::text[]) AS t (type, key, state, transaction_id)
     ON CONFLICT (object_type, object_key) DO UPDATE
     SET state = excluded.state, block = excluded.block, transaction_id = excluded.transaction_id`,
    [block, ...columnsOf(objects), objects.map((object) => object.transactionId)],
  );
}

const columnsOf = (objects: readonly ProjectedObject[]): [string[], string[], string[]] => [
  objects.map((object) => object.type),
  objects.map((object) => object.key),
  objects.map((object) => JSON.stringify(object.state)),
];

async function writeAnchors(client: PoolClient, block: number, { anchors }: BlockEffects): Promise<void> {
  if (anchors.length === 0) return;
  const commitments = anchors.map(({ record }) => record.commitment);
  const ids = anchors.map(({ transactionId }) => transactionId);
  await client.query(
    `INSERT INTO ledger_anchor (commitment, record, block, transaction_id)
     SELECT commitment, record, $1, transaction_id
     FROM unnest($2::text[], $3::jsonb[], $4::text[]) AS t (commitment, record, transaction_id)
     ON CONFLICT (commitment) DO UPDATE
     SET record = excluded.record, block = excluded.block, transaction_id = excluded.transaction_id`,
    [block, commitments, anchors.map(({ record }) => JSON.stringify(record)), ids],
  );
  // What stands on the ledger is anchored, whatever was noted about it before.
  await client.query(
    `UPDATE custody_event e
     SET anchor_state = 'anchored', refusal = NULL, block = $1, transaction_id = t.transaction_id,
         anchored_at = to_timestamp(t.time_ms / 1000.0)
     FROM unnest($2::text[], $3::text[], $4::double precision[]) AS t (commitment, transaction_id, time_ms)
     WHERE e.commitment = t.commitment`,
    [block, commitments, ids, anchors.map(({ timestamp }) => timestamp)],
  );
}

async function settleOutbox(client: PoolClient, { anchors, validTransactionIds }: BlockEffects): Promise<void> {
  // Also under an id from before it was proposed anew, and when it was parked meanwhile: it is on the ledger.
  const { rows: settled } = await client.query<{ event_id: number | string | null }>(
    `UPDATE outbox SET ${COMMITTED}
     WHERE (transaction_id = ANY($1) OR earlier_transaction_ids && $1) AND state <> 'committed' RETURNING event_id`,
    [validTransactionIds],
  );
  if (anchors.length > 0) {
    // An act that was anchored under another transaction id (sent again after its row was restored) is settled too.
    await client.query(
      `UPDATE outbox o SET ${COMMITTED}
       FROM custody_event e
       WHERE e.commitment = ANY($1) AND o.event_id = e.id AND o.state <> 'committed'`,
      [anchors.map(({ record }) => record.commitment)],
    );
  }
  const events = settled.flatMap((row) => row.event_id ?? []);
  if (events.length === 0) return;
  // A replay brings no anchor: the act has it from an earlier block.
  await client.query(
    `UPDATE custody_event e
     SET anchor_state = 'anchored', refusal = NULL, block = a.block, transaction_id = a.transaction_id,
         anchored_at = to_timestamp((a.record ->> 'proposalTime')::double precision / 1000)
     FROM ledger_anchor a WHERE e.id = ANY($1) AND a.commitment = e.commitment AND e.anchor_state <> 'anchored'`,
    [events],
  );
}

/**
 * After a refusal the expectation was set back to the ledger, past acts that were still on their way. Where no act is on
 * its way any more, the expectation is what the ledger has.
 */
async function correctExpectations(client: PoolClient, objects: readonly ProjectedObject[]): Promise<void> {
  if (objects.length === 0) return;
  const given = 'unnest($1::text[], $2::text[], $3::jsonb[]) AS t (type, key, state)';
  const [types, keys, states] = columnsOf(objects);
  const { rows } = await client.query<{ object_key: string }>(
    `SELECT x.object_key FROM expected_object x JOIN ${given} ON x.object_type = t.type AND x.object_key = t.key
     WHERE x.state <> t.state ORDER BY x.object_type, x.object_key FOR UPDATE OF x`,
    [types, keys, states],
  );
  if (rows.length === 0) return;
  // A statement of its own: it sees the outbox rows of acts that held those locks.
  await client.query(
    `UPDATE expected_object x SET state = t.state FROM ${given}
     WHERE x.object_type = t.type AND x.object_key = t.key AND x.object_key = ANY($4) AND NOT EXISTS (
       SELECT 1 FROM outbox o WHERE (o.state IN ('pending', 'submitted') OR o.state = 'parked')
         AND o.object_keys && ARRAY[x.object_key, x.object_type || ':' || x.object_key])`,
    [types, keys, states, rows.map((row) => row.object_key)],
  );
}
