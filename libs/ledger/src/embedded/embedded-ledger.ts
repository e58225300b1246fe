import type { KeyObject } from 'node:crypto';
import type { InProcessChaincode } from '@coldchain/chaincode/in-process';
import {
  CHAINCODE_NAME,
  CHANNEL_NAME,
  type Command,
  type CommandPayloads,
  type PartyId,
  type Query,
  SEED_FUNCTION,
} from '@coldchain/chaincode/protocol';
import { type Clock, type Random, sleep, SystemClock, SystemRandom } from '@coldchain/kernel';
import type { Pool } from 'pg';
import {
  type AttestedTransaction,
  type InspectedBlock,
  Ledger,
  type LedgerBlock,
  type LedgerHealth,
  type Outcome,
  type Preparation,
  type Settled,
} from '../ledger.js';
import { LedgerError } from '../ledger-error.js';
import { attestationOf, attested } from './attestation.js';
import { inspectBlock } from './block-inspection.js';
import { lastBlock, outcomesOf, readBlocks, storedTransaction } from './block-store.js';
import { Committer } from './committer.js';
import {
  envelopeProblems,
  isEndorsed,
  parseEnvelope,
  type Proposal,
  proposalOf,
  sealed,
  sha256Hex,
} from './envelope.js';
import { openFirstBlock } from './first-block.js';
import { OrganisationKeys } from './organisation-keys.js';
import { sealBlock } from './sealed-block.js';
import { simulate, type Simulation } from './simulation.js';

/** What an embedded ledger is made of. */
export interface EmbeddedLedgerOptions {
  /** Connections that may write the schema `embedded_ledger`. Not closed by the ledger. */
  readonly pool: Pool;
  /** Where the organisations' signing keys are kept (made with mode 0700 and 0600 when missing). */
  readonly keysDirectory: string;
  /** MSP ids of all organisations; fixed by the first start. */
  readonly organisations: readonly string[];
  /** The first party, which registers all others. */
  readonly regulator: PartyId;
  readonly clock?: Clock;
  readonly random?: Random;
  /** A block is cut at most this long after its first transaction (default 10 ms). */
  readonly blockWaitMs?: number;
  /** A block is cut when so many transactions wait (default 200). */
  readonly blockTransactions?: number;
}

const POLL_MS = 250;
const BLOCKS_PER_READ = 50;

/**
 * A ledger inside this process, for development, tests and evaluation on one machine: the real contract classes, state
 * and blocks in PostgreSQL, endorsements and block signatures by generated keys of all organisations. One machine holds
 * all keys, so it proves that nothing was changed by mistake, and nothing about who agreed. It is not a Fabric network.
 */
export class EmbeddedLedger extends Ledger {
  private readonly committer: Committer;
  private readonly followers = new Set<() => void>();

  private constructor(
    private readonly pool: Pool,
    private readonly keys: OrganisationKeys,
    private readonly publicKeys: ReadonlyMap<string, KeyObject>,
    private readonly regulator: PartyId,
    private readonly chaincode: InProcessChaincode,
    private readonly clock: Clock,
    private readonly random: Random,
    options: EmbeddedLedgerOptions,
  ) {
    super();
    const cutting = { waitMs: options.blockWaitMs ?? 10, transactions: options.blockTransactions ?? 200 };
    this.committer = new Committer(pool, keys, cutting, () => this.wakeFollowers());
  }

  /**
   * Opens the ledger of a database; an empty one gets its first block and the regulator's party.
   * @throws LedgerError `ledger-keys-unreadable`, `ledger-keys-differ`, `ledger-seed-refused`.
   */
  static async open(options: EmbeddedLedgerOptions): Promise<EmbeddedLedger> {
    const clock = options.clock ?? new SystemClock();
    const random = options.random ?? new SystemRandom();
    const { pool, organisations, regulator } = options;
    const first = await openFirstBlock(options, clock, random);
    // fabric-shim changes the whole process when it is loaded: only who embeds the ledger may have it.
    const { loadChaincode } = await import('@coldchain/chaincode/in-process');
    const ledger = new EmbeddedLedger(pool, first.keys, first.publicKeys, regulator, loadChaincode(), clock, random, {
      ...options,
      organisations,
    });
    await ledger.seed();
    return ledger;
  }

  override async prepare<Name extends Command>(
    command: Name,
    payload: CommandPayloads[Name],
    signingParty: PartyId,
    endorsers?: readonly string[],
  ): Promise<Preparation> {
    return this.propose(command, JSON.stringify(payload), signingParty, endorsers);
  }

  override async submit(envelope: Buffer): Promise<Outcome> {
    const transaction = parseEnvelope(envelope);
    const problems = envelopeProblems(transaction, this.publicKeys);
    if (problems.length > 0) throw new LedgerError('envelope-invalid', problems.join(', '), { problems });
    return this.committer.submit(transaction, isEndorsed(transaction, this.publicKeys));
  }

  override async transaction(transactionId: string): Promise<Settled | undefined> {
    return (await outcomesOf(this.pool, [transactionId])).get(transactionId);
  }

  override async evaluate(query: Query, key: string): Promise<string | undefined> {
    const { simulation } = await this.execute(query, key, this.regulator);
    return simulation.ok && simulation.result.payload !== '' ? simulation.result.payload : undefined;
  }

  override async *events(after: number, signal: AbortSignal): AsyncIterable<LedgerBlock> {
    let seen = after;
    while (!signal.aborted) {
      const woken = this.nextBlock(signal);
      try {
        const blocks = await readBlocks(this.pool, seen, BLOCKS_PER_READ);
        for (const { block } of blocks) {
          if (signal.aborted) return;
          yield block;
          seen = block.number;
        }
        if (blocks.length === 0) await woken.wait();
      } finally {
        woken.forget();
      }
    }
  }

  override async block(number: number): Promise<LedgerBlock | undefined> {
    const [read] = await readBlocks(this.pool, number - 1, 1);
    return read?.block.number === number ? read.block : undefined;
  }

  override async inspect(number: number, previousHeaderHash: string | null): Promise<InspectedBlock | undefined> {
    const [read] = await readBlocks(this.pool, number - 1, 1, 'left-out');
    return read?.block.number === number ? inspectBlock(read, previousHeaderHash, this.publicKeys) : undefined;
  }

  override async attest(transactionId: string, organisations: readonly string[]): Promise<AttestedTransaction> {
    const stored = await storedTransaction(this.pool, transactionId);
    const strangers = organisations.filter((mspid) => !this.publicKeys.has(mspid));
    if (stored === undefined || strangers.length > 0) {
      const reason = stored === undefined ? 'the transaction is in no block' : `no key of ${strangers.join(', ')}`;
      throw new LedgerError('ledger-unavailable', reason, { transactionId });
    }
    const attestation = attestationOf(stored.envelope, stored.validation, organisations, this.keys);
    const trusted = { channel: CHANNEL_NAME, publicKeys: this.publicKeys };
    return {
      attestation,
      attested: attested(attestation, { transactionId, channel: CHANNEL_NAME, organisations }, trusted),
    };
  }

  override async sealedBlock(number: number): Promise<Buffer | undefined> {
    const [read] = await readBlocks(this.pool, number - 1, 1);
    return read?.block.number === number ? sealBlock(read) : undefined;
  }

  override async configurations(): Promise<readonly Buffer[]> {
    const first = await this.sealedBlock(0);
    return first === undefined ? [] : [first];
  }

  override async health(): Promise<LedgerHealth> {
    try {
      const last = await lastBlock(this.pool);
      return { adapter: 'embedded', height: (last?.number ?? -1) + 1 };
    } catch (cause) {
      throw new LedgerError('ledger-unavailable', 'the embedded ledger cannot reach its database', {}, { cause });
    }
  }

  override builds(): Promise<null> {
    return Promise.resolve(null);
  }

  override async close(): Promise<void> {
    await this.committer.close();
    this.wakeFollowers();
  }

  /** The regulator registers himself; on a ledger that has him, this is a replay and leaves nothing behind. */
  private async seed(): Promise<void> {
    if ((await this.evaluate('getParty', this.regulator)) !== undefined) return;
    const prepared = await this.propose(SEED_FUNCTION, '{}', this.regulator);
    const outcome = prepared.kind === 'prepared' ? await this.submit(prepared.envelope) : prepared;
    if (outcome.kind !== 'committed' && outcome.kind !== 'conflict') {
      throw new LedgerError('ledger-seed-refused', `the regulator ${this.regulator} cannot be the first party`, {
        outcome: JSON.stringify(outcome),
      });
    }
  }

  private async propose(
    name: string,
    argument: string,
    party: PartyId,
    endorsers?: readonly string[],
  ): Promise<Preparation> {
    try {
      const { proposal, bytes, simulation } = await this.execute(name, argument, party);
      if (!simulation.ok) return { kind: 'refused', refusal: simulation.refusal };
      const response = { proposalHash: sha256Hex(bytes), ...simulation.result };
      const envelope = sealed(bytes, proposal, response, this.keys, endorsers);
      return { kind: 'prepared', transactionId: proposal.transactionId, envelope };
    } catch (error) {
      if (error instanceof LedgerError) throw error;
      return { kind: 'unavailable', reason: error instanceof Error ? error.message : String(error) };
    }
  }

  private async execute(
    name: string,
    argument: string,
    party: PartyId,
  ): Promise<{ proposal: Proposal; bytes: Buffer; simulation: Simulation }> {
    const nonce = this.random.bytes(24).toString('hex');
    const call = {
      channel: CHANNEL_NAME,
      chaincode: CHAINCODE_NAME,
      timestamp: this.clock.now(),
      function: name,
      argument,
    };
    const { proposal, bytes } = proposalOf(party, call, nonce, this.keys);
    return { proposal, bytes, simulation: await simulate(this.pool, this.chaincode, proposal) };
  }

  /** Registers for the next block before the reader looks, so that none is missed between looking and waiting. */
  private nextBlock(signal: AbortSignal): { wait: () => Promise<void>; forget: () => void } {
    const stop = new AbortController();
    const wake = (): void => stop.abort();
    this.followers.add(wake);
    signal.addEventListener('abort', wake, { once: true });
    return {
      wait: () => sleep(POLL_MS, stop.signal),
      forget: () => {
        this.followers.delete(wake);
        signal.removeEventListener('abort', wake);
      },
    };
  }

  private wakeFollowers(): void {
    for (const wake of this.followers) wake();
  }
}
