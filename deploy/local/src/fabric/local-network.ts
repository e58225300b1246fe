import { existsSync } from 'node:fs';
import type { Database } from '@coldchain/database';
import { type Charge, FabricNetwork, type ProcessName } from '@coldchain/deploy-fabric';
import { SystemClock, SystemRandom } from '@coldchain/kernel';
import type { Configuration } from '@coldchain/runtime';

const LOOK_MS = 2_000;

type NetworkConfiguration = Pick<
  Configuration<'local'>,
  'fabricBin' | 'fabricCacheDir' | 'fabricPort' | 'fabricBlockMs'
>;

/** The Fabric network of a data folder, made or continued for one start. */
export class LocalNetwork {
  private charge: Charge | null = null;
  private timer: NodeJS.Timeout | undefined;

  private constructor(
    private readonly fabric: FabricNetwork,
    private readonly parties: readonly string[],
  ) {}

  /**
   * Reads from the database for whom the network is.
   * @throws FabricError `path-unusable`
   */
  static async of(configuration: NetworkConfiguration, dataDir: string, database: Database): Promise<LocalNetwork> {
    const rows = await database.query<{ party: string; regulator: boolean }>(
      `SELECT party, 'regulator' = ANY(roles) AS regulator FROM organisation WHERE served ORDER BY id`,
    );
    // The ledger worker reads in the name of the first regulator; its party is the one that the chain begins with.
    const regulator = rows.find((row) => row.regulator)?.party ?? '';
    const fabricRegulator = regulator.slice(regulator.indexOf(':') + 1);
    const { fabricBin, fabricCacheDir, fabricPort, fabricBlockMs } = configuration;
    const settings = { dataDir, fabricBin, fabricCacheDir, fabricPort, fabricBlockMs, fabricRegulator };
    const fabric = new FabricNetwork(settings, new SystemClock(), new SystemRandom());
    return new LocalNetwork(
      fabric,
      rows.map(({ party }) => party),
    );
  }

  /** Whether a network was made in this data folder before. */
  get exists(): boolean {
    return existsSync(this.fabric.layout.networkFile);
  }

  /** What the ledger worker is told. */
  get folder(): string {
    return this.fabric.layout.root;
  }

  /** False: it ran before, and goes on when this start ends. */
  get ends(): boolean {
    return this.charge !== null;
  }

  /**
   * Makes or continues the network, deploys the built contracts, and issues the identities of all parties that are served
   * here. `goOn` throws when the start was called off.
   * @throws FabricError
   */
  async start(goOn: () => void): Promise<void> {
    this.charge = await this.fabric.takeCharge('down');
    goOn();
    await this.fabric.up();
    goOn();
    await this.fabric.deploy();
    for (const party of this.parties) await this.fabric.identity(party);
    goOn();
  }

  /** Tells each process of the network that ends, once: three of four organisations go on without it. */
  watch(report: (name: ProcessName) => void): void {
    const told = new Set<ProcessName>();
    this.timer = setInterval(() => {
      for (const { name, pid } of this.fabric.processes()) {
        if (pid !== null) told.delete(name);
        else if (!told.has(name)) {
          told.add(name);
          report(name);
        }
      }
    }, LOOK_MS);
  }

  /** Ends what {@link start} started; the chain stays. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.charge?.end();
  }
}
