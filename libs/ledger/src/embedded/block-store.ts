import type { Pool, PoolClient } from 'pg';
import { readEvent } from '@coldchain/chaincode/written-form';
import type { LedgerEvent } from '@coldchain/chaincode/protocol';
import type { LedgerBlock, LedgerTransaction, Settled } from '../ledger.js';
import { settledBy, VALIDATION_CODES, type ValidationCode, validationCode } from '../validation-code.js';
import type { OrganisationSignature } from './organisation-keys.js';

/** A transaction to store. */
export interface TransactionRow {
  readonly transactionId: string;
  readonly validation: ValidationCode;
  readonly envelope: Buffer;
  readonly event: { readonly name: string; readonly payload: string } | null;
}

/** A block to store. */
export interface BlockRow {
  readonly number: number;
  readonly headerHash: Buffer;
  readonly previousHash: Buffer;
  readonly dataHash: Buffer;
  /** The header in DER: what the organisations signed. */
  readonly content: Buffer;
  readonly signatures: readonly OrganisationSignature[];
  readonly transactions: readonly TransactionRow[];
}

type Queryable = Pick<Pool | PoolClient, 'query'>;

interface StoredBlock {
  number: string;
  header_hash: Buffer;
  previous_hash: Buffer;
  data_hash: Buffer;
  content: Buffer;
  signatures: OrganisationSignature[];
}

/** The last block's number and header hash; undefined on an empty ledger. */
export async function lastBlock(db: Queryable): Promise<{ number: number; headerHash: Buffer } | undefined> {
  const { rows } = await db.query<StoredBlock>(
    'SELECT number, header_hash FROM embedded_ledger.block ORDER BY number DESC LIMIT 1',
  );
  const [row] = rows;
  return row === undefined ? undefined : { number: Number(row.number), headerHash: row.header_hash };
}

/** Appends a block with its transactions. */
export async function insertBlock(db: Queryable, block: BlockRow): Promise<void> {
  await db.query(
    `INSERT INTO embedded_ledger.block (number, header_hash, previous_hash, data_hash, content, signatures)
     VALUES ($1, $2, $3, $4, $5, $6)`,
    [
      block.number,
      block.headerHash,
      block.previousHash,
      block.dataHash,
      block.content,
      JSON.stringify(block.signatures),
    ],
  );
  const { transactions } = block;
  await db.query(
    `INSERT INTO embedded_ledger.transaction
       (transaction_id, block, index, validation_code, envelope, event_name, event_payload)
     SELECT id, $1, index, code, envelope, name, payload
     FROM unnest($2::text[], $3::integer[], $4::integer[], $5::bytea[], $6::text[], $7::bytea[])
       AS t (id, index, code, envelope, name, payload)`,
    [
      block.number,
      transactions.map((transaction) => transaction.transactionId),
      transactions.map((_, index) => index),
      transactions.map((transaction) => VALIDATION_CODES[transaction.validation]),
      transactions.map((transaction) => transaction.envelope),
      transactions.map((transaction) => transaction.event?.name ?? null),
      transactions.map(({ event }) => (event === null ? null : Buffer.from(event.payload))),
    ],
  );
}

/** The envelope of a transaction in a block and what is said of it; undefined when it is in none. */
export async function storedTransaction(
  db: Queryable,
  id: string,
): Promise<{ readonly envelope: Buffer; readonly validation: ValidationCode } | undefined> {
  const { rows } = await db.query<{ envelope: Buffer; validation_code: number }>(
    'SELECT envelope, validation_code FROM embedded_ledger.transaction WHERE transaction_id = $1',
    [id],
  );
  const [row] = rows;
  return row === undefined ? undefined : { envelope: row.envelope, validation: validationCode(row.validation_code) };
}

/** What became of transactions that are in blocks. */
export async function outcomesOf(db: Queryable, ids: readonly string[]): Promise<Map<string, Settled>> {
  const { rows } = await db.query<{ transaction_id: string; block: string; validation_code: number }>(
    'SELECT transaction_id, block, validation_code FROM embedded_ledger.transaction WHERE transaction_id = ANY($1)',
    [ids],
  );
  return new Map(
    rows.map(({ transaction_id: transactionId, block, validation_code: code }) => [
      transactionId,
      settledBy(validationCode(code), transactionId, Number(block)),
    ]),
  );
}

/** A stored block with the bytes that were signed. */
export interface ReadBlock {
  readonly block: LedgerBlock;
  readonly content: Buffer;
  readonly signatures: readonly OrganisationSignature[];
  readonly envelopes: readonly Buffer[];
}

/**
 * Blocks above a number, in order. An event that was damaged in its column is refused, or left out for an inspection,
 * which finds that it differs from the one that was endorsed.
 */
export async function readBlocks(
  db: Queryable,
  after: number,
  limit: number,
  damagedEvents: 'refused' | 'left-out' = 'refused',
): Promise<ReadBlock[]> {
  const blocks = await db.query<StoredBlock>(
    `SELECT number, header_hash, previous_hash, data_hash, content, signatures FROM embedded_ledger.block
     WHERE number > $1 ORDER BY number LIMIT $2`,
    [after, limit],
  );
  const last = blocks.rows.at(-1);
  if (last === undefined) return [];
  const { rows } = await db.query<{
    transaction_id: string;
    block: string;
    index: number;
    validation_code: number;
    envelope: Buffer;
    event_payload: Buffer | null;
  }>(
    `SELECT transaction_id, block, index, validation_code, envelope, event_payload FROM embedded_ledger.transaction
     WHERE block > $1 AND block <= $2 ORDER BY block, index`,
    [after, last.number],
  );
  return blocks.rows.map((stored) => {
    const own = rows.filter((row) => row.block === stored.number);
    const transactions = own.map((row): LedgerTransaction => ({
      transactionId: row.transaction_id,
      index: row.index,
      valid: row.validation_code === VALIDATION_CODES.VALID,
      validation: validationCode(row.validation_code),
      event:
        row.event_payload === null || row.validation_code !== VALIDATION_CODES.VALID
          ? null
          : storedEvent(row.event_payload, damagedEvents),
      timestamp: timestampOf(row.envelope),
    }));
    return {
      block: {
        number: Number(stored.number),
        headerHash: stored.header_hash.toString('hex'),
        previousHash: stored.previous_hash.toString('hex'),
        dataHash: stored.data_hash.toString('hex'),
        transactions,
      },
      content: stored.content,
      signatures: stored.signatures,
      envelopes: own.map((row) => row.envelope),
    };
  });
}

function storedEvent(payload: Buffer, damagedEvents: 'refused' | 'left-out'): LedgerEvent | null {
  try {
    return readEvent(payload.toString('utf8'));
  } catch (error) {
    if (damagedEvents === 'left-out') return null;
    throw error;
  }
}

/** The time in the first part of an envelope: the proposal of a transaction, or the ledger's configuration. */
function timestampOf(envelope: Buffer): number {
  const length = envelope.readUInt32BE(0);
  const first = JSON.parse(envelope.subarray(4, 4 + length).toString('utf8')) as { readonly timestamp: number };
  return first.timestamp;
}
