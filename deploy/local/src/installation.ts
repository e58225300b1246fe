import { mkdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Database, migrate } from '@coldchain/database';
import { SystemRandom } from '@coldchain/kernel';
import { type Configuration, StopSequence } from '@coldchain/runtime';
import { childEnvironment } from './child-environment.js';
import { intendDemonstration } from './demonstration/progress.js';
import { LocalNetwork } from './fabric/local-network.js';
import { demandRecordedLedger } from './fabric/recorded-ledger.js';
import { createFirstAccounts } from './first-start/accounts.js';
import { untilPartiesRegistered } from './first-start/parties.js';
import { lockDataFolder } from './instance-lock.js';
import { LocalError } from './local-error.js';
import { startPostgres } from './postgres/postgres-launcher.js';
import { type Ports, reachableHost, takePorts } from './ports.js';
import { endedError, listens, readyz, untilReady } from './readiness.js';
import { ServerChild } from './server-child.js';

/** The top folder of the repository. */
export const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));

const STOP_DEADLINE_MS = 60_000;

/**
 * The ledger of a started installation: embedded; a Fabric network that ends with this start; one that ran before and goes
 * on; one that somebody else runs (`CCT_FABRIC_NETWORK`, production).
 */
export type LedgerOfStart = 'embedded' | 'network-of-this-start' | 'network-that-stays' | 'network-elsewhere';

/** What a started installation is reached by. */
export interface StartedInstallation {
  readonly dataDir: string;
  readonly apiUrl: string;
  /** The embedded broker, or the external one without its credentials. */
  readonly mqttUrl: string;
  readonly ledger: LedgerOfStart;
  /** Variables for further children: addresses, data folder, database. */
  readonly environment: NodeJS.ProcessEnv;
}

/** Database and server processes of one data folder on this machine. */
export class Installation {
  /** Resolves with the reason when something ends that should have gone on. */
  readonly failed: Promise<LocalError>;
  private readonly stops = new StopSequence();
  private readonly abort = new AbortController();
  private readonly children: ServerChild[] = [];
  private reportFailure: (error: LocalError) => void = () => undefined;

  /** @param onNodeEnded told each process of the Fabric network that ends */
  constructor(
    private readonly configuration: Configuration<'local'>,
    private readonly onNodeEnded: (name: string) => void,
  ) {
    this.failed = new Promise((resolve) => {
      this.reportFailure = resolve;
    });
  }

  /** Aborted as soon as the installation stops. */
  get signal(): AbortSignal {
    return this.abort.signal;
  }

  /**
   * Lock, ports, PostgreSQL, migrations, first accounts, the Fabric network where one is wanted, then the three processes;
   * returns when all are ready and the ledger knows whoever is to act.
   * On failure what was started is left to {@link stop}.
   */
  async start(): Promise<StartedInstallation> {
    const asRoot = process.getuid?.() === 0;
    mkdirSync(join(this.configuration.dataDir, 'logs'), { recursive: true, mode: asRoot ? 0o711 : 0o700 });
    const dataDir = realpathSync(this.configuration.dataDir);
    this.stops.add('lock', lockDataFolder(dataDir));
    const ports = await takePorts(this.configuration);
    const databaseUrl = this.configuration.databaseUrl ?? (await this.startDatabase(dataDir));
    this.goOn();
    await migrate(databaseUrl);
    const network = await this.prepare(databaseUrl, dataDir);
    if (network !== null) await this.startNetwork(network);
    const networkFolder = network?.folder ?? this.configuration.fabricNetwork;
    const environment = childEnvironment(this.configuration, ports, databaseUrl, dataDir, networkFolder);
    await this.startServers(dataDir, ports, environment);
    if (this.configuration.mode === 'development') await untilPartiesRegistered(databaseUrl, dataDir, this.signal);
    const apiUrl = `http://${reachableHost(this.configuration.httpHost)}:${ports.http}`;
    const mqttUrl = mqttAddress(this.configuration);
    const ledger = this.ledgerOf(network);
    return { dataDir, apiUrl, mqttUrl, ledger, environment: { ...environment, CCT_API_URL: apiUrl } };
  }

  /** A child beside the servers, stopped before them. How it ends is told to `whenEnded` unless we stopped it. */
  launch(
    name: string,
    dataDir: string,
    parameters: readonly string[],
    environment: NodeJS.ProcessEnv,
    whenEnded: (child: ServerChild) => void,
  ): void {
    this.goOn();
    const child = this.spawn(name, dataDir, parameters, environment, false);
    void child.ended.then(() => {
      if (!this.signal.aborted) whenEnded(child);
    });
  }

  /** Ends a start that is under way; {@link stop} does the rest. */
  interrupt(): void {
    this.abort.abort();
  }

  /** Stops everything in reverse order; true when all of it ended as it should. */
  async stop(): Promise<boolean> {
    this.abort.abort();
    const { failed, unfinished } = await this.stops.run(STOP_DEADLINE_MS);
    return failed.length === 0 && unfinished.length === 0;
  }

  /** Ends all children at once, without order. PostgreSQL is stopped by its guardian when this process ends. */
  kill(): void {
    for (const child of this.children) child.kill();
  }

  private async startDatabase(dataDir: string): Promise<string> {
    const postgres = await startPostgres({ dataDir, durable: true });
    this.stops.add('postgres', () => postgres.stop());
    void postgres.ended.then((code) => {
      if (this.signal.aborted) return;
      const log = join(dataDir, 'logs', 'postgres.log');
      this.reportFailure(new LocalError('process-ended', `PostgreSQL ended (status ${code})`, `see ${log}`));
    });
    return postgres.url;
  }

  /** First accounts, and the network that is to be started; null: the ledger needs no start. */
  private async prepare(databaseUrl: string, dataDir: string): Promise<LocalNetwork | null> {
    const { mode, ledger, fabricNetwork, demo } = this.configuration;
    const options = { url: databaseUrl, role: null, maxConnections: 1, applicationName: 'coldchain-first-start' };
    const database = Database.open(options);
    try {
      const first = mode === 'development' && (await createFirstAccounts(database, dataDir, new SystemRandom()));
      if (first && demo === 'on') intendDemonstration(dataDir);
      // Test keys of four organisations in one folder are nothing for production: there the network is others'.
      const starts = ledger === 'fabric' && fabricNetwork === null && mode === 'development';
      const network = starts ? await LocalNetwork.of(this.configuration, dataDir, database) : null;
      await demandRecordedLedger(database, dataDir, ledger, network?.exists ?? true);
      this.goOn();
      return network;
    } finally {
      await database.close();
    }
  }

  private async startNetwork(network: LocalNetwork): Promise<void> {
    this.stops.add('network', () => network.stop());
    try {
      await network.start(() => this.goOn());
    } catch (error) {
      // A terminal's Ctrl-C reaches the commands that were under way, too: that they failed is no news then.
      this.goOn();
      throw error;
    }
    network.watch((name) => this.onNodeEnded(name));
  }

  private ledgerOf(network: LocalNetwork | null): LedgerOfStart {
    if (this.configuration.ledger === 'embedded') return 'embedded';
    if (network === null) return 'network-elsewhere';
    return network.ends ? 'network-of-this-start' : 'network-that-stays';
  }

  private async startServers(dataDir: string, ports: Ports, environment: NodeJS.ProcessEnv): Promise<void> {
    const { httpHost, mqttHost } = this.configuration;
    const health = (port: number) => readyz(`http://${reachableHost(httpHost)}:${port}`);
    const broker = ports.mqtt === null ? [] : [listens(ports.mqtt, reachableHost(mqttHost))];
    const servers = [
      { name: 'ledger-worker', probes: [health(ports.workerHealth)] },
      { name: 'iot-ingest', probes: [...broker, health(ports.ingestHealth)] },
      { name: 'api', probes: [health(ports.http)] },
    ].map(({ name, probes }) => ({
      probes,
      child: this.spawn(name, dataDir, [join(REPOSITORY, 'apps', name, 'dist', 'main.js')], environment, true),
    }));
    for (const { child } of servers)
      void child.ended.then(() => {
        if (!this.signal.aborted) this.reportFailure(endedError(child));
      });
    const ready = servers.map(({ child, probes }) => untilReady(child, probes, this.signal));
    await Promise.all(ready);
  }

  private spawn(
    name: string,
    dataDir: string,
    parameters: readonly string[],
    environment: NodeJS.ProcessEnv,
    watchesParent: boolean,
  ): ServerChild {
    const logFolder = join(dataDir, 'logs');
    const child = new ServerChild({
      name,
      parameters,
      environment,
      workingFolder: REPOSITORY,
      logFolder,
      watchesParent,
    });
    this.children.push(child);
    this.stops.add(name, () => child.stop());
    return child;
  }

  private goOn(): void {
    if (this.signal.aborted) throw new LocalError('interrupted', 'stopped while starting', 'start again');
  }
}

function mqttAddress({ mqttUrl, mqttHost, mqttPort, mqttCertFile }: Configuration<'local'>): string {
  if (mqttUrl === null) return `${mqttCertFile === null ? 'mqtt' : 'mqtts'}://${reachableHost(mqttHost)}:${mqttPort}`;
  const address = new URL(mqttUrl);
  address.username = '';
  address.password = '';
  return address.href;
}
