import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Database } from '@coldchain/database';
import type { Ledger } from '@coldchain/ledger';
import { EmbeddedLedger } from '@coldchain/ledger/embedded';
import { FabricLedger } from '@coldchain/ledger/fabric';
import { fsck } from '@coldchain/ledger-worker/fsck';
import { type Ended, runNode, type TestDatabase, testDatabase, WorkerProcess } from '../support/index.js';
import { HoldPoint, type HoldPointName } from './hold-point.js';
import { REGULATOR } from './ledger.suite.js';
import { OutboxWorld } from './outbox-world.js';

const ORGANISATIONS = ['ManufacturerMSP', 'DistributorMSP', 'PharmacyMSP', 'RegulatorMSP'];

/** What the world looks like when everything has come to rest. */
export interface Rest {
  readonly events: number;
  readonly outbox: Readonly<Record<string, number>>;
  /** Anchors on the ledger of events of this world, and how many events have one. */
  readonly anchors: number;
  readonly findings: readonly unknown[];
  readonly unchecked: readonly string[];
}

/** A database whose outbox a real worker process brings to a ledger that the spec looks at with eyes of its own. */
export class RelayedWorld extends OutboxWorld {
  private readonly workers: WorkerProcess[] = [];

  private constructor(
    private readonly database: TestDatabase,
    owner: Database,
    readonly ledger: Ledger,
    private readonly environment: Readonly<Record<string, string>>,
    private readonly dispose: () => Promise<void>,
  ) {
    super(owner);
  }

  /** On an embedded ledger. */
  static async embedded(): Promise<RelayedWorld> {
    const directory = await mkdtemp(join(tmpdir(), 'relayed-world-'));
    const keysDirectory = join(directory, 'keys');
    return RelayedWorld.open({ CCT_LEDGER_KEYS_DIR: keysDirectory }, async (url) => {
      const eyes = Database.open({ url, role: 'cct_worker', applicationName: 'relayed-world-ledger' });
      const ledger = await EmbeddedLedger.open({
        pool: eyes.pool,
        keysDirectory,
        organisations: ORGANISATIONS,
        regulator: REGULATOR,
      });
      const dispose = async (): Promise<void> => {
        await ledger.close();
        await eyes.close();
        await rm(directory, { recursive: true });
      };
      return { ledger, dispose };
    });
  }

  /** On a Fabric network that has the identities of all parties. @param networkDirectory of the network */
  static async fabric(networkDirectory: string): Promise<RelayedWorld> {
    const environment = { CCT_LEDGER: 'fabric', CCT_FABRIC_NETWORK: networkDirectory };
    return RelayedWorld.open(environment, async () => {
      const ledger = await FabricLedger.open({ networkDirectory, reader: REGULATOR });
      return { ledger, dispose: () => ledger.close() };
    });
  }

  private static async open(
    environment: Readonly<Record<string, string>>,
    openLedger: (url: string) => Promise<{ ledger: Ledger; dispose: () => Promise<void> }>,
  ): Promise<RelayedWorld> {
    const database = await testDatabase();
    const owner = Database.open({ url: database.url, role: null, applicationName: 'relayed-world' });
    await new OutboxWorld(owner).organisations();
    const { ledger, dispose } = await openLedger(database.url);
    const ownEnvironment = { ...environment, CCT_DATABASE_URL: database.url };
    return new RelayedWorld(database, owner, ledger, ownEnvironment, dispose);
  }

  /** Starts a worker; `active` waits until it leads. */
  async start(active = true): Promise<WorkerProcess> {
    const before = await this.epoch();
    const worker = WorkerProcess.start(this.environment);
    this.workers.push(worker);
    while (active && (await this.epoch()) === before) {
      if (!worker.running) throw new Error('the worker has ended');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return worker;
  }

  /** The number of leaders so far. */
  async epoch(): Promise<number> {
    const [row] = await this.owner.query<{ epoch: number }>('SELECT epoch FROM ledger_leadership');
    return row?.epoch ?? 0;
  }

  /** From now on no worker gets past a point. */
  holdAt(point: HoldPointName): Promise<HoldPoint> {
    return HoldPoint.at(this.database.url, point);
  }

  /** A command of the worker's program. */
  command(...args: readonly string[]): Promise<Ended> {
    return runNode('apps/ledger-worker/dist/main.js', args, { ...this.environment, CCT_LOG_LEVEL: 'silent' });
  }

  /** Waits until nothing waits that could go, and the projection is confirmed at a ledger that stands still. */
  async settled(): Promise<void> {
    await this.until(`SELECT count(*) = 0 FROM outbox WHERE state IN ('pending', 'submitted') AND held_by IS NULL`);
    for (;;) {
      const { height } = await this.ledger.health();
      await this.until(
        `SELECT block + 1 >= $1 AND confirmed_at > now() - interval '5 seconds' FROM ledger_checkpoint`,
        [height],
      );
      if ((await this.ledger.health()).height === height) return;
    }
  }

  /** Everything that must hold at rest, as `fsck` and the database see it. */
  async rest(): Promise<Rest> {
    const report = await fsck(this.owner.pool, this.ledger);
    const states = await this.owner.query<{ state: string; count: number }>(
      'SELECT state, count(*) FROM outbox GROUP BY state',
    );
    return {
      events: report.events.checked,
      outbox: Object.fromEntries(states.map(({ state, count }) => [state, count])),
      anchors: report.anchors,
      findings: report.findings,
      unchecked: report.unchecked,
    };
  }

  /** Ends everything, also after a failure. */
  async close(): Promise<void> {
    for (const worker of this.workers) await worker.kill();
    await this.dispose();
    await this.owner.close();
    await this.database.close();
  }
}
