import type { CallStub, InProcessChaincode } from '@coldchain/chaincode/in-process';
import type { RefusalMessage } from '@coldchain/chaincode/protocol';
import type { Pool, PoolClient } from 'pg';
import { LedgerError } from '../ledger-error.js';
import type { Proposal, ProposalResponse, Version } from './envelope.js';
import { transaction } from './transaction.js';

/** A committed value with the version that a read set names. */
export interface VersionedValue {
  readonly value: Buffer;
  readonly version: Version;
}

/** What a call read and wrote, and what it answered. */
export type Simulation =
  | { readonly ok: true; readonly result: Omit<ProposalResponse, 'proposalHash'> }
  | { readonly ok: false; readonly refusal: RefusalMessage };

/**
 * The stub of one call: committed state only (a read after a write gives the old value), versions of all that was read,
 * the last event set. Nothing of it reaches the state before commit.
 */
class SimulationStub implements CallStub {
  readonly reads = new Map<string, Version | null>();
  readonly writes = new Map<string, string>();
  event: { readonly name: string; readonly payload: string } | null = null;
  /** A read that failed: the dispatcher makes a failed call of it, but it is no answer of the contract. */
  failure: { readonly cause: unknown } | undefined;

  constructor(
    private readonly proposal: Proposal,
    private readonly read: (keys: readonly string[]) => Promise<ReadonlyMap<string, VersionedValue>>,
  ) {}

  getBufferArgs(): Buffer[] {
    return [Buffer.from(this.proposal.function), Buffer.from(this.proposal.argument)];
  }

  getTxID(): string {
    return this.proposal.transactionId;
  }

  getChannelID(): string {
    return this.proposal.channel;
  }

  getCreator(): { mspid: string; idBytes: Uint8Array } {
    return { mspid: this.proposal.creator.mspid, idBytes: Buffer.from(this.proposal.creator.certificate) };
  }

  getDateTimestamp(): Date {
    return new Date(this.proposal.timestamp);
  }

  async getStates(keys: readonly string[]): Promise<Uint8Array[]> {
    const found = await this.read(keys).catch((cause: unknown) => {
      this.failure ??= { cause };
      throw cause;
    });
    for (const key of keys) if (!this.reads.has(key)) this.reads.set(key, found.get(key)?.version ?? null);
    return keys.map((key) => found.get(key)?.value ?? Buffer.alloc(0));
  }

  async putStates(entries: readonly { readonly key: string; readonly value: Uint8Array }[]): Promise<void> {
    for (const { key, value } of entries) this.writes.set(key, Buffer.from(value).toString('utf8'));
  }

  setEvent(name: string, payload: Uint8Array): void {
    this.event = { name, payload: Buffer.from(payload).toString('utf8') };
  }
}

/**
 * Executes a proposal against one snapshot of the committed state, as an endorsing peer does.
 * @throws LedgerError `chaincode-failed`: it ended with something that is no refusal. Errors of the database pass.
 */
export async function simulate(pool: Pool, chaincode: InProcessChaincode, proposal: Proposal): Promise<Simulation> {
  return transaction(pool, 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY', 'ROLLBACK', async (client) => {
    const stub = new SimulationStub(proposal, (keys) => readStates(client, keys));
    const response = await chaincode.invoke(stub);
    if (stub.failure !== undefined) throw stub.failure.cause;
    if (response.status !== 200) return { ok: false, refusal: refusalOf(response.message, proposal) };
    const payload = Buffer.from(response.payload).toString('utf8');
    return { ok: true, result: { payload, event: stub.event, reads: [...stub.reads], writes: [...stub.writes] } };
  });
}

async function readStates(client: PoolClient, keys: readonly string[]): Promise<Map<string, VersionedValue>> {
  const { rows } = await client.query<{ key: string; value: Buffer; version_block: string; version_index: number }>({
    name: 'embedded-ledger-read',
    text: 'SELECT key, value, version_block, version_index FROM embedded_ledger.state WHERE key = ANY($1)',
    values: [keys],
  });
  return new Map(
    rows.map((row) => [row.key, { value: row.value, version: [Number(row.version_block), row.version_index] }]),
  );
}

function refusalOf(message: string, proposal: Proposal): RefusalMessage {
  if (!message.startsWith('{"code":')) {
    throw new LedgerError('chaincode-failed', message, { function: proposal.function });
  }
  return JSON.parse(message) as RefusalMessage;
}
