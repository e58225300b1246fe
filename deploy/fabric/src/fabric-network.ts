import { existsSync, mkdirSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Clock, type Random, sleep } from '@coldchain/kernel';
import { builtChaincode, type ChaincodeBuild, stageChaincode, stagedChaincode } from './chaincode-build.js';
import { type ChannelContext, joinOrderer, joinPeer, knownPeers, leadingOrderer } from './channel.js';
import type { ChannelSettings } from './channel-config.js';
import { type AtEnd, type Charge, spawnGuardian } from './charge.js';
import { Daemons } from './daemon.js';
import { FabricError } from './fabric-error.js';
import { genesisHash } from './genesis-hash.js';
import { ensureIdentity, type Identity } from './identity/identities.js';
import { parseParty } from './identity/party-name.js';
import { Layout } from './layout.js';
import { approveBuild, commitBuild, committedDefinition, type Definition, installPackage } from './lifecycle.js';
import { readIfThere, withLock } from './lock.js';
import { makeMaterial } from './material.js';
import { type NetworkProfile, networkProfile, readNetwork, readServedChaincode, writeWhole } from './network-file.js';
import { networkStatus, type NetworkStatus, processesOf, type ProcessStatus } from './network-status.js';
import { ORGANISATIONS, type ProcessName } from './organisations.js';
import { nodePlans, type NodePlan, serverPlans } from './plans.js';
import { DEFAULT_BASE_PORT } from './ports.js';
import { isRunning, thisProcess } from './process-identity.js';
import { findPrograms, type ProgramSettings } from './programs.js';
import { seedRegulator } from './seed.js';
import { demandPorts, ensureRunning } from './supervise.js';

const DEFAULT_BLOCK_MS = 200;
const MESH_PATIENCE_MS = 20_000;
const BETWEEN_LOOKS_MS = 200;
const REGULATOR_MSP = 'RegulatorMSP';
const BUILDER = fileURLToPath(new URL('../builder', import.meta.url));

/** The slice of the configuration that a network needs; null stands for what is on record, else for the default. */
export interface FabricSettings extends ProgramSettings {
  readonly dataDir: string;
  readonly fabricPort: number | null;
  readonly fabricBlockMs: number | null;
  readonly fabricRegulator: string;
}

/** What `up` did. */
export interface UpReport {
  /** Processes that were not running as they should and were started. */
  readonly started: readonly string[];
  /** Whether every peer knows the three others; if not yet, the gateway finds no endorsers for a while. */
  readonly meshed: boolean;
}

/** What `deploy` did. */
export interface DeployReport extends Definition {
  /** Whether the definition is new; false: this build was agreed on before. */
  readonly committed: boolean;
  readonly regulator: string;
  readonly seeded: boolean;
}

/** The network of four organisations on this machine, in `<data dir>/fabric`. Its processes outlive this one. */
export class FabricNetwork {
  readonly layout: Layout;
  private readonly daemons: Daemons;

  constructor(
    private readonly settings: FabricSettings,
    private readonly clock: Clock,
    private readonly random: Random,
  ) {
    this.layout = new Layout(usableFolder(join(settings.dataDir, 'fabric')));
    this.daemons = new Daemons(this.layout.run, this.layout.logs);
  }

  /**
   * Makes the network where there is none, starts every process that does not run, and lets nodes join the channel that
   * have not. Repeating it repairs.
   * @throws FabricError `program-missing`, `port-taken`, `settings-differ`, `process-ended`, `process-not-ready`, …
   */
  up(): Promise<UpReport> {
    return withLock(this.layout.lockFile, async () => {
      const channel = this.channelSettings();
      const context = this.contextOf(channel.basePort);
      const servers = this.servedPlans(context);
      const nodes = nodePlans(context);
      await demandPorts(this.daemons, [...nodes, ...servers]);
      // First the decisions, so that what is made is never without them; then with the block that was made from them.
      if (readNetwork(this.layout) === null) this.record(networkProfile(this.layout, channel, null));
      await makeMaterial(this.layout, context.programs, channel);
      this.record(networkProfile(this.layout, channel, genesisHash(this.layout)));
      const started = await ensureRunning(this.daemons, [...nodes, ...servers]);
      await Promise.all(ORGANISATIONS.map((organisation) => joinOrderer(organisation, context)));
      await Promise.all(ORGANISATIONS.map((organisation) => joinPeer(organisation, context)));
      return { started, meshed: await meshed(context) };
    });
  }

  /**
   * Makes a build of the chaincode, the repository's unless another is named, the one that the channel runs: package, approval by four organisations, commit
   * endorsed by three, a server for each organisation, and the regulator's party on the ledger.
   * @throws FabricError `network-not-running`, `chaincode-not-built`, `command-failed`, …
   */
  deploy(distFolder: string = builtChaincode()): Promise<DeployReport> {
    const regulator = parseParty(`${REGULATOR_MSP}:${this.settings.fabricRegulator}`);
    return withLock(this.layout.lockFile, async () => {
      const context = this.runningContext();
      const build = stageChaincode(this.layout, distFolder);
      await Promise.all(ORGANISATIONS.map((organisation) => installPackage(organisation, build, context)));
      const before = await this.definition(context);
      // The first servers start before anybody needs them; later ones only when the channel has agreed to them.
      if (before === null) await this.serve(build, context);
      const sequence = await this.agree(build, before, context);
      await this.serve(build, context);
      const identity = ensureIdentity(regulator, this.layout, this.clock, this.random);
      const seeded = await seedRegulator(regulator, identity, context);
      const committed = sequence !== before?.sequence;
      return { sequence, version: build.digest, committed, regulator: regulator.party, seeded };
    });
  }

  /** Heights, processes and the chaincode's definition; waits for nothing and changes nothing. */
  status(): Promise<NetworkStatus> {
    const profile = readNetwork(this.layout);
    const context = profile === null ? null : this.contextOf(profile.basePort);
    return networkStatus(context, this.daemons, readServedChaincode(this.layout));
  }

  /** Stops every process; the chain stays. @returns names of the processes that were running */
  down(): Promise<string[]> {
    return withLock(this.layout.lockFile, () => this.stopAll());
  }

  /**
   * Stops every process and deletes the chain, logs and the keys that were made for it. Key material that somebody put
   * there stays.
   * @returns whether there was anything
   */
  destroy(): Promise<boolean> {
    return withLock(this.layout.lockFile, () => this.wipe());
  }

  /**
   * Makes the network end with this process, also when that is killed: `down` or `destroy`.
   * @returns null when it runs already and nobody has it in charge: it was started for itself and stays
   * @throws FabricError `in-use` while another process has it in charge
   */
  takeCharge(atEnd: AtEnd): Promise<Charge | null> {
    const { chargeFile, run, lockFile } = this.layout;
    return withLock(lockFile, async () => {
      const holder = readIfThere(chargeFile);
      if (isRunning(holder)) {
        const message = `the network in ${this.layout.root} ends with process ${holder.split(' ')[0] ?? ''}`;
        throw new FabricError('in-use', message, 'stop that process first');
      }
      if (holder === '' && this.processes().some(({ pid }) => pid !== null)) return null;
      mkdirSync(run, { recursive: true });
      const self = thisProcess();
      writeWhole(chargeFile, self);
      const guardian = spawnGuardian(resolve(this.settings.dataDir), atEnd);
      const end = async (): Promise<void> => {
        await this.endOf(self, atEnd);
        guardian.kill('SIGKILL');
      };
      return { end };
    });
  }

  /** Ends the network if it is in the charge of this process (as `thisProcess` describes it). */
  endOf(holder: string, atEnd: AtEnd): Promise<void> {
    return withLock(this.layout.lockFile, async () => {
      if (readIfThere(this.layout.chargeFile) !== holder) return;
      if (atEnd === 'destroy') await this.wipe();
      else await this.stopAll();
    });
  }

  /** What runs; asks no node. */
  processes(): ProcessStatus[] {
    return processesOf(this.daemons);
  }

  /** Starts one process of a network that was made before, and waits until it is ready. @throws FabricError */
  startProcess(name: ProcessName): Promise<void> {
    return withLock(this.layout.lockFile, async () => {
      const context = this.madeContext();
      const plans = [...nodePlans(context), ...this.servedPlans(context)];
      await ensureRunning(
        this.daemons,
        plans.filter((plan) => plan.name === name),
      );
    });
  }

  /** The orderer that leads; null when none answers. */
  async leader(): Promise<ProcessName | null> {
    const leading = await leadingOrderer(this.madeContext());
    return leading === null ? null : `orderer-${leading.slug}`;
  }

  /** Identity of a party, issued with the key of its organisation's authority. @throws FabricError */
  identity(party: string): Promise<Identity> {
    const name = parseParty(party);
    return withLock(this.layout.lockFile, () =>
      Promise.resolve(ensureIdentity(name, this.layout, this.clock, this.random)),
    );
  }

  private record(profile: NetworkProfile): void {
    writeWhole(this.layout.networkFile, `${JSON.stringify(profile, undefined, 2)}\n`);
  }

  private async stopAll(): Promise<string[]> {
    const names = this.daemons.recorded();
    const running = names.filter((name) => this.daemons.running(name) !== null);
    await Promise.all(names.map((name) => this.daemons.stop(name)));
    rmSync(this.layout.chargeFile, { force: true });
    return running;
  }

  private async wipe(): Promise<boolean> {
    const existed = existsSync(this.layout.networkFile);
    await this.stopAll();
    const { config, run, logs, networkFile, chaincodeFile, crypto, identities } = this.layout;
    const ownKeys = existsSync(join(config, 'crypto-config.yaml')) || !existsSync(crypto);
    const state = ['peers', 'orderers', 'chaincode'].map((name) => join(this.layout.root, name));
    const keys = ownKeys ? [crypto, `${crypto}.new`, identities] : [];
    for (const path of [...state, ...keys, run, logs, networkFile, chaincodeFile, config])
      rmSync(path, { recursive: true, force: true });
    rmSync(this.layout.lockFile, { force: true });
    if (readdirSync(this.layout.root).length === 0) rmdirSync(this.layout.root);
    return existed;
  }

  /** The chaincode servers of the build that is served. */
  private servedPlans(context: ChannelContext): NodePlan[] {
    const served = readServedChaincode(this.layout);
    return served === null ? [] : serverPlans(stagedChaincode(this.layout, served.digest), context);
  }

  /** @returns the sequence of the definition that names this build */
  private async agree(build: ChaincodeBuild, before: Definition | null, context: ChannelContext): Promise<number> {
    if (before?.version === build.digest) return before.sequence;
    const sequence = (before?.sequence ?? 0) + 1;
    await approveBuild(build, sequence, context);
    await commitBuild(build, sequence, context);
    return sequence;
  }

  private async serve(build: ChaincodeBuild, context: ChannelContext): Promise<void> {
    await ensureRunning(this.daemons, serverPlans(build, context));
    writeWhole(this.layout.chaincodeFile, `${JSON.stringify({ digest: build.digest })}\n`);
  }

  private async definition(context: ChannelContext): Promise<Definition | null> {
    const [first] = ORGANISATIONS;
    return first === undefined ? null : committedDefinition(first, context);
  }

  /** What is on record, else what is asked for. @throws FabricError `settings-differ` */
  private channelSettings(): ChannelSettings {
    const { fabricPort, fabricBlockMs } = this.settings;
    const present = readNetwork(this.layout);
    if (present === null)
      return { basePort: fabricPort ?? DEFAULT_BASE_PORT, blockIntervalMs: fabricBlockMs ?? DEFAULT_BLOCK_MS };
    const { basePort, blockIntervalMs } = present;
    for (const [variable, wanted, recorded] of [
      ['CCT_FABRIC_PORT', fabricPort, basePort],
      ['CCT_FABRIC_BLOCK_MS', fabricBlockMs, blockIntervalMs],
    ] as const) {
      if (wanted === null || wanted === recorded) continue;
      throw new FabricError(
        'settings-differ',
        `${variable} is ${wanted}, the network in ${this.layout.root} was made with ${recorded}`,
        `unset it; or, for a new chain, run \`npm run fabric -- destroy\` first`,
      );
    }
    return { basePort, blockIntervalMs };
  }

  private contextOf(basePort: number): ChannelContext {
    const programs = findPrograms(this.settings);
    const coresPerNode = Math.max(1, Math.floor(availableParallelism() / ORGANISATIONS.length));
    const { layout } = this;
    return { layout, basePort, programs, configFolder: programs.config, builderFolder: BUILDER, coresPerNode };
  }

  private runningContext(): ChannelContext {
    const context = this.madeContext();
    const missing = nodePlans(context).filter(({ name }) => this.daemons.running(name) === null);
    if (missing.length === 0) return context;
    throw notRunning(`not running: ${missing.map(({ name }) => name).join(', ')}`);
  }

  private madeContext(): ChannelContext {
    const profile = readNetwork(this.layout);
    if (profile === null) throw notRunning(`there is no network in ${this.layout.root}`);
    return this.contextOf(profile.basePort);
  }
}

const notRunning = (message: string): FabricError =>
  new FabricError('network-not-running', message, 'run `npm run fabric -- up`');

/** Fabric reads lists of paths from its settings and splits them at these. @throws FabricError `path-unusable` */
function usableFolder(path: string): string {
  if (!/[\s,[\]]/.test(path)) return path;
  throw new FabricError(
    'path-unusable',
    `'${path}' contains a blank, comma or bracket, which Fabric's settings cannot carry`,
    'set CCT_DATA_DIR to another folder',
  );
}

/** Waits until every peer knows the three others. */
async function meshed(context: ChannelContext): Promise<boolean> {
  const others = ORGANISATIONS.length - 1;
  for (let waitedMs = 0; waitedMs < MESH_PATIENCE_MS; waitedMs += BETWEEN_LOOKS_MS) {
    const known = await Promise.all(ORGANISATIONS.map((organisation) => knownPeers(organisation, context)));
    if (known.every((count) => count >= others)) return true;
    await sleep(BETWEEN_LOOKS_MS);
  }
  return false;
}
