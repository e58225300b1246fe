import type { Pool, PoolClient } from 'pg';
import type { Outcome } from '../ledger.js';
import { LedgerError } from '../ledger-error.js';
import { settledBy } from '../validation-code.js';
import { type BlockHeader, dataHash, headerBytes, headerHash } from './block-header.js';
import { insertBlock, lastBlock, outcomesOf, type TransactionRow } from './block-store.js';
import type { Transaction, Version } from './envelope.js';
import type { OrganisationKeys } from './organisation-keys.js';
import { transaction } from './transaction.js';

/** When a block is cut. */
export interface BlockCutting {
  /** At most this long after the first transaction that waits. */
  readonly waitMs: number;
  readonly transactions: number;
}

interface Waiting {
  readonly transaction: Transaction;
  /** By as many organisations as must; otherwise it is void in its block. */
  readonly endorsed: boolean;
  readonly settle: (outcome: Outcome) => void;
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/**
 * Orders transactions into blocks and commits them: one database transaction per block checks the version of all that was
 * read, applies the writes of those that hold, and appends block and state. Blocks are committed one after the other;
 * what comes meanwhile waits for the next one.
 */
export class Committer {
  private waiting: Waiting[] = [];
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private closed = false;

  constructor(
    private readonly pool: Pool,
    private readonly keys: OrganisationKeys,
    private readonly cutting: BlockCutting,
    private readonly onBlock: () => void,
  ) {}

  /** Puts a transaction into the next block. @param endorsed by as many organisations as must; otherwise it is void there */
  submit(transaction: Transaction, endorsed: boolean): Promise<Outcome> {
    if (this.closed) return Promise.resolve({ kind: 'unavailable', reason: 'the ledger is closed' });
    return new Promise((settle) => {
      this.waiting.push({ transaction, endorsed, settle });
      this.schedule();
    });
  }

  /** Commits what waits, and takes nothing more. */
  async close(): Promise<void> {
    this.closed = true;
    while (this.waiting.length > 0 || this.running !== undefined) {
      this.cut();
      await this.running;
    }
  }

  private schedule(): void {
    if (this.running !== undefined || this.waiting.length === 0) return;
    if (this.waiting.length >= this.cutting.transactions) this.cut();
    else this.timer ??= setTimeout(() => this.cut(), this.cutting.waitMs);
  }

  private cut(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.running !== undefined || this.waiting.length === 0) return;
    const taken = this.waiting.splice(0, this.cutting.transactions);
    this.running = this.commit(taken).then(() => {
      this.running = undefined;
      this.schedule();
    });
  }

  /** Never rejects: each waiting caller learns what is known. */
  private async commit(taken: readonly Waiting[]): Promise<void> {
    let ending = false;
    const onEnd = (): void => {
      ending = true;
    };
    try {
      const append = (client: PoolClient): Promise<Map<string, Outcome>> => this.appendBlock(client, taken);
      const outcomes = await transaction(this.pool, 'BEGIN', 'COMMIT', append, onEnd);
      for (const { transaction: one, settle } of taken) {
        const transactionId = one.proposal.transactionId;
        settle(outcomes.get(transactionId) ?? { kind: 'outcome-unknown', transactionId, reason: 'not in the block' });
      }
      this.onBlock();
    } catch (error) {
      const reason = reasonOf(error);
      for (const { transaction: one, settle } of taken) {
        const { transactionId } = one.proposal;
        settle(ending ? { kind: 'outcome-unknown', transactionId, reason } : { kind: 'unavailable', reason });
      }
    }
  }

  private async appendBlock(client: PoolClient, taken: readonly Waiting[]): Promise<Map<string, Outcome>> {
    // Another process may hold the same ledger open: blocks are still appended one after the other.
    await client.query(`SELECT pg_advisory_xact_lock(hashtext('coldchain-embedded-ledger'))`);
    const last = await lastBlock(client);
    if (last === undefined) throw new LedgerError('ledger-unavailable', 'the embedded ledger has no first block');
    const ids = taken.map(({ transaction }) => transaction.proposal.transactionId);
    const outcomes = new Map<string, Outcome>(await outcomesOf(client, ids));
    const fresh = new Map<string, Waiting>();
    for (const waiting of taken) {
      const id = waiting.transaction.proposal.transactionId;
      if (!outcomes.has(id)) fresh.set(id, waiting);
    }
    if (fresh.size === 0) return outcomes;

    const number = last.number + 1;
    const rows = await this.validate(client, number, [...fresh.values()]);
    for (const { transactionId, validation } of rows) {
      outcomes.set(transactionId, settledBy(validation, transactionId, number));
    }
    await this.append(client, number, last.headerHash, rows);
    return outcomes;
  }

  private async append(
    client: PoolClient,
    number: number,
    previousHash: Buffer,
    transactions: readonly TransactionRow[],
  ): Promise<void> {
    const header: BlockHeader = {
      number,
      previousHash,
      dataHash: dataHash(transactions.map((row) => row.envelope)),
    };
    const content = headerBytes(header);
    const { organisations } = this.keys;
    const proposer = organisations[number % organisations.length] ?? '';
    await insertBlock(client, {
      ...header,
      headerHash: headerHash(content),
      content,
      signatures: this.keys.quorum(proposer).map((mspid) => this.keys.sign(mspid, content)),
      transactions,
    });
  }

  /** Judges each transaction against the state as those before it leave it, and writes the state of the block. */
  private async validate(
    client: PoolClient,
    block: number,
    transactions: readonly Waiting[],
  ): Promise<TransactionRow[]> {
    const read = transactions.flatMap(({ transaction }) => transaction.response.reads.map(([key]) => key));
    const { rows } = await client.query<{ key: string; version_block: string; version_index: number }>(
      'SELECT key, version_block, version_index FROM embedded_ledger.state WHERE key = ANY($1)',
      [[...new Set(read)]],
    );
    const versions = new Map<string, Version>(
      rows.map((row) => [row.key, [Number(row.version_block), row.version_index]]),
    );
    const values = new Map<string, string>();
    const judged = transactions.map(({ transaction, endorsed }, index): TransactionRow => {
      const { response, proposal, envelope } = transaction;
      const current = response.reads.every(([key, version]) => sameVersion(version, versions.get(key)));
      if (endorsed && current) {
        for (const [key, value] of response.writes) {
          versions.set(key, [block, index]);
          values.set(key, value);
        }
      }
      return {
        transactionId: proposal.transactionId,
        // Endorsements are judged before versions, as peers do.
        validation: !endorsed ? 'ENDORSEMENT_POLICY_FAILURE' : current ? 'VALID' : 'MVCC_READ_CONFLICT',
        envelope,
        event: endorsed && current ? response.event : null,
      };
    });
    const keys = [...values.keys()];
    await client.query(
      `INSERT INTO embedded_ledger.state (key, value, version_block, version_index)
       SELECT * FROM unnest($1::text[], $2::bytea[], $3::bigint[], $4::integer[])
       ON CONFLICT (key) DO UPDATE
       SET value = excluded.value, version_block = excluded.version_block, version_index = excluded.version_index`,
      [
        keys,
        keys.map((key) => Buffer.from(values.get(key) ?? '')),
        keys.map((key) => versions.get(key)?.[0]),
        keys.map((key) => versions.get(key)?.[1]),
      ],
    );
    return judged;
  }
}

const sameVersion = (read: Version | null, now: Version | undefined): boolean =>
  read === null ? now === undefined : now !== undefined && read[0] === now[0] && read[1] === now[1];
