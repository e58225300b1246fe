import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command, CommandPayloads, PartyId, Query } from '@coldchain/chaincode/protocol';
import { Database } from '@coldchain/database';
import { SystemClock, SystemRandom } from '@coldchain/kernel';
import {
  type AttestedTransaction,
  type ContractBuilds,
  type InspectedBlock,
  Ledger,
  type LedgerBlock,
  type LedgerHealth,
  type Outcome,
  type Preparation,
  type Settled,
} from '@coldchain/ledger';
import { EmbeddedLedger } from '@coldchain/ledger/embedded';
import { type LedgerWorker, type LedgerWorkerOptions, startLedgerWorker } from '@coldchain/ledger-worker';
import { createLogger } from '@coldchain/runtime';
import { type Ended, runNode, testDatabase, WorkerProcess } from '../support/index.js';
import { REGULATOR } from './ledger.suite.js';
import { OutboxWorld } from './outbox-world.js';

/** What stands between a worker and its ledger; a test says what goes wrong on the way. */
export class UnreliableLedger extends Ledger {
  /** Answers instead of the ledger, or after it. */
  onSubmit: (envelope: Buffer, submit: () => Promise<Outcome>) => Promise<Outcome> = (_, submit) => submit();
  /** Runs between a preparation and its answer. */
  onPrepared: (command: Command) => Promise<void> = async () => undefined;
  /** Organisations that endorse; undefined for as many as must. */
  onEndorse: (command: Command) => readonly string[] | undefined = () => undefined;
  /** Throws instead of preparing, or does nothing. */
  onPrepare: (command: Command, party: PartyId) => void = () => undefined;
  readonly submitted: Buffer[] = [];
  readonly prepared: CommandPayloads[Command][] = [];

  constructor(readonly inner: EmbeddedLedger) {
    super();
  }

  override async prepare<Name extends Command>(
    command: Name,
    payload: CommandPayloads[Name],
    party: PartyId,
    endorsers?: readonly string[],
  ): Promise<Preparation> {
    this.onPrepare(command, party);
    const preparation = await this.inner.prepare(command, payload, party, endorsers ?? this.onEndorse(command));
    this.prepared.push(payload);
    await this.onPrepared(command);
    return preparation;
  }

  override submit(envelope: Buffer): Promise<Outcome> {
    this.submitted.push(envelope);
    return this.onSubmit(envelope, () => this.inner.submit(envelope));
  }

  override transaction(id: string): Promise<Settled | undefined> {
    return this.inner.transaction(id);
  }

  override evaluate(query: Query, key: string): Promise<string | undefined> {
    return this.inner.evaluate(query, key);
  }

  override events(after: number, signal: AbortSignal): AsyncIterable<LedgerBlock> {
    return this.inner.events(after, signal);
  }

  override block(number: number): Promise<LedgerBlock | undefined> {
    return this.inner.block(number);
  }

  override inspect(number: number, previous: string | null): Promise<InspectedBlock | undefined> {
    return this.inner.inspect(number, previous);
  }

  override attest(id: string, organisations: readonly string[]): Promise<AttestedTransaction> {
    return this.inner.attest(id, organisations);
  }

  override sealedBlock(number: number): Promise<Buffer | undefined> {
    return this.inner.sealedBlock(number);
  }

  override configurations(): Promise<readonly Buffer[]> {
    return this.inner.configurations();
  }

  override health(): Promise<LedgerHealth> {
    return this.inner.health();
  }

  override builds(): Promise<ContractBuilds | null> {
    return this.inner.builds();
  }

  override close(): Promise<void> {
    return this.inner.close();
  }
}

/** A database with organisations, an embedded ledger, and workers that can be started, stopped and killed. */
export class WorkerWorld extends OutboxWorld {
  private readonly workers: { readonly worker: LedgerWorker; readonly database: Database }[] = [];

  private constructor(
    private readonly url: string,
    owner: Database,
    private readonly keysDirectory: string,
    readonly ledger: UnreliableLedger,
    private readonly dispose: () => Promise<void>,
  ) {
    super(owner);
  }

  static async open(): Promise<WorkerWorld> {
    const test = await testDatabase();
    const directory = await mkdtemp(join(tmpdir(), 'ledger-worker-'));
    const owner = Database.open({ url: test.url, role: null, applicationName: 'worker-world' });
    const ledgerDatabase = Database.open({ url: test.url, role: 'cct_worker', applicationName: 'worker-world-ledger' });
    await new OutboxWorld(owner).organisations();
    const ledger = await EmbeddedLedger.open({
      pool: ledgerDatabase.pool,
      keysDirectory: join(directory, 'keys'),
      organisations: ['ManufacturerMSP', 'DistributorMSP', 'PharmacyMSP', 'RegulatorMSP'],
      regulator: REGULATOR,
    });
    return new WorkerWorld(test.url, owner, join(directory, 'keys'), new UnreliableLedger(ledger), async () => {
      await ledger.close();
      await ledgerDatabase.close();
      await owner.close();
      await test.close();
      await rm(directory, { recursive: true });
    });
  }

  /** A worker with connections of its own, as a process would have. */
  start(options: Partial<LedgerWorkerOptions> = {}): LedgerWorker {
    const database = Database.open({
      url: this.url,
      role: 'cct_worker',
      applicationName: `worker ${this.workers.length}`,
      maxConnections: 10,
    });
    const worker = startLedgerWorker({
      pool: database.pool,
      ledger: this.ledger,
      logger: createLogger('ledger-worker', 'silent'),
      clock: new SystemClock(),
      random: new SystemRandom(),
      outboxPollMs: 50,
      heightCheckMs: 50,
      retryMs: 20,
      ...options,
    });
    this.workers.push({ worker, database });
    return worker;
  }

  /** A command of the worker's program, beside the workers here. */
  command(...args: readonly string[]): Promise<Ended> {
    return runNode('apps/ledger-worker/dist/main.js', args, { ...this.environment, CCT_LOG_LEVEL: 'error' });
  }

  /** A worker in a process of its own, ready. Whoever starts it ends it. */
  async process(environment: { readonly CCT_WORKER_HEALTH_PORT: string }): Promise<WorkerProcess> {
    const process_ = WorkerProcess.start({ ...this.environment, ...environment });
    await this.until('SELECT count(*) > 0 FROM ledger_leadership');
    return process_;
  }

  private get environment(): Readonly<Record<string, string>> {
    return { CCT_DATABASE_URL: this.url, CCT_LEDGER_KEYS_DIR: this.keysDirectory };
  }

  /** Ends the session of the active worker, and only this one: another takes over while it goes on. */
  async dethrone(): Promise<void> {
    await this.owner.query(
      `SELECT pg_terminate_backend(pid) FROM pg_locks
       WHERE locktype = 'advisory' AND granted AND objid = (hashtext('coldchain-ledger-worker')::bigint & 4294967295)::oid
         AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    );
  }

  /** Cuts all connections of the workers, as the end of their process would. */
  async kill(): Promise<void> {
    await this.owner.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND application_name LIKE 'worker %'`,
    );
  }

  async close(): Promise<void> {
    for (const { worker } of this.workers) await worker.stop();
    for (const { database } of this.workers) await database.close();
    await this.dispose();
  }

  /** Everything is settled, and the projection is confirmed at the ledger's height. */
  async settled(): Promise<void> {
    await this.until(`SELECT count(*) = 0 FROM outbox WHERE state NOT IN ('committed', 'refused')`);
    await this.until(`SELECT count(*) = 0 FROM custody_event WHERE anchor_state = 'pending'`);
    const { height } = await this.ledger.health();
    await this.until(`SELECT block + 1 >= $1 AND confirmed_at > to_timestamp(0) FROM ledger_checkpoint`, [height]);
  }

  /** The number of valid transactions on the ledger that anchor a commitment. */
  async anchorings(sealed: string): Promise<number> {
    const { height } = await this.ledger.health();
    let found = 0;
    for (let number = 0; number < height; number++) {
      const block = await this.ledger.block(number);
      found += block?.transactions.filter((one) => one.event?.anchor?.commitment === sealed).length ?? 0;
    }
    return found;
  }
}
