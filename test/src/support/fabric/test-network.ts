import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Charge,
  FabricError,
  FabricNetwork,
  type FabricSettings,
  freeSpan,
  type NetworkStatus,
  type ProcessName,
} from '@coldchain/deploy-fabric';
import { sleep, SystemClock, SystemRandom } from '@coldchain/kernel';
import { loadConfiguration } from '@coldchain/runtime';

/** Enrolment name of the regulator of every test network. */
const REGULATOR = 'authority';
/** Short blocks: a lone transaction takes 60 ms (measured; 200 ms is the default of a real network). */
const BLOCK_MS = 50;
/** Below the ports that systems give to outgoing connections (32768 on Linux, 49152 elsewhere). */
const PORTS_FROM = 20_000;
const PORTS_TO = 31_000;
const PORT_ATTEMPTS = 5;
const PATIENCE_MS = 30_000;
const BETWEEN_LOOKS_MS = 100;

/** What a test network may have otherwise. */
export interface TestNetworkOptions {
  /** Parties, such as `PharmacyMSP:pharmacy`, to issue identities for; the regulator has one. */
  readonly parties?: readonly string[];
  /** How long orderers wait for a block to fill. */
  readonly blockMs?: number;
}

/** A deployed Fabric network in a folder of its own; its regulator is `RegulatorMSP:authority`, already on the ledger. */
export class TestNetwork {
  private constructor(
    /** `CCT_DATA_DIR` of the network. */
    readonly dataDir: string,
    readonly fabric: FabricNetwork,
    private readonly charge: Charge | null,
  ) {}

  /** Makes a network, on free ports, that ends with this process at the latest; whoever makes it calls {@link destroy}. */
  static async make({ parties = [], blockMs = BLOCK_MS }: TestNetworkOptions = {}): Promise<TestNetwork> {
    const network = await TestNetwork.reserve();
    try {
      await network.bringUp(blockMs);
      await network.identify(...parties);
      return network;
    } catch (error) {
      await network.destroy();
      throw error;
    }
  }

  /** An empty folder; the network that somebody makes there ends with this process at the latest. */
  static async reserve(): Promise<TestNetwork> {
    const dataDir = mkdtempSync(join(tmpdir(), 'coldchain-fabric-'));
    const fabric = fabricOf(dataDir, null);
    return new TestNetwork(dataDir, fabric, await fabric.takeCharge('destroy'));
  }

  /** The network in a folder that another process reserved; the first who asks makes it. */
  static async attach(dataDir: string): Promise<TestNetwork> {
    const network = new TestNetwork(dataDir, fabricOf(dataDir, null), null);
    if (!existsSync(network.fabric.layout.chaincodeFile)) await network.bringUp(BLOCK_MS);
    return network;
  }

  /** What `FabricLedger.open` and `CCT_FABRIC_NETWORK` want. */
  get networkDirectory(): string {
    return this.fabric.layout.root;
  }

  /** Issues identities; who has one keeps it. */
  async identify(...parties: readonly string[]): Promise<void> {
    for (const party of parties) await this.fabric.identity(party);
  }

  /** Process number, as the system has it; null: it does not run. */
  pidOf(name: ProcessName): number | null {
    return this.fabric.processes().find((process_) => process_.name === name)?.pid ?? null;
  }

  /** SIGKILL; returns when the process is gone. */
  async kill(name: ProcessName): Promise<void> {
    const pid = this.pidOf(name);
    if (pid === null) throw new Error(`${name} does not run`);
    process.kill(pid, 'SIGKILL');
    while (this.pidOf(name) !== null) await sleep(10);
  }

  /** Kills everything at once. */
  async killAll(): Promise<void> {
    const running = this.fabric.processes().filter(({ pid }) => pid !== null);
    await Promise.all(running.map(({ name }) => this.kill(name)));
  }

  /** Starts one process again; returns when it is ready, which is before a node has caught up. */
  async start(name: ProcessName): Promise<void> {
    await this.fabric.startProcess(name);
  }

  /** Starts everything that does not run. */
  async repair(): Promise<void> {
    await this.fabric.up();
  }

  /** The orderer that leads. @throws Error when none says so in time */
  async leader(): Promise<ProcessName> {
    for (let waitedMs = 0; waitedMs < PATIENCE_MS; waitedMs += BETWEEN_LOOKS_MS) {
      const leader = await this.fabric.leader();
      if (leader !== null) return leader;
      await sleep(BETWEEN_LOOKS_MS);
    }
    throw new Error('no orderer says who leads');
  }

  /**
   * Waits until every process runs and all peers have the same blocks.
   * @throws Error with what is still wrong
   */
  async settled(): Promise<NetworkStatus> {
    const until = Date.now() + PATIENCE_MS;
    for (;;) {
      const status = await this.fabric.status();
      if (status.problems.length === 0) return status;
      if (Date.now() > until) throw new Error(`the network does not settle: ${status.problems.join('; ')}`);
      await sleep(BETWEEN_LOOKS_MS);
    }
  }

  /** Ends every process and deletes everything; a network that another process answers for is left to it. */
  async destroy(): Promise<void> {
    if (this.charge === null) return;
    await this.charge.end();
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  private async bringUp(blockMs: number): Promise<void> {
    const wanted = loadConfiguration('local').fabricPort;
    for (let attempt = 1; ; attempt++) {
      const from = wanted ?? PORTS_FROM + Math.floor(Math.random() * (PORTS_TO - PORTS_FROM));
      const fabric = fabricOf(this.dataDir, { port: await freeSpan(from), blockMs });
      try {
        await fabric.up();
        await fabric.deploy();
        return;
      } catch (error) {
        // Ports are kept with a network; one that was refused before that can have others.
        const raced = error instanceof FabricError && error.code === 'port-taken' && attempt < PORT_ATTEMPTS;
        if (!raced || existsSync(fabric.layout.networkFile)) throw error;
      }
    }
  }
}

/** null: what the network was made with. */
function fabricOf(dataDir: string, made: { readonly port: number; readonly blockMs: number } | null): FabricNetwork {
  const { fabricBin, fabricCacheDir } = loadConfiguration('local');
  const settings: FabricSettings = {
    dataDir,
    fabricBin,
    fabricCacheDir,
    fabricPort: made?.port ?? null,
    fabricBlockMs: made?.blockMs ?? null,
    fabricRegulator: REGULATOR,
  };
  return new FabricNetwork(settings, new SystemClock(), new SystemRandom());
}
