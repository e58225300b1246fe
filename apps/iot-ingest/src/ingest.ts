import type { Database } from '@coldchain/database';
import type { Clock, Random } from '@coldchain/kernel';
import type { Health, Logger, Metrics } from '@coldchain/runtime';
import { Acceptor } from './accept/acceptor.js';
import { GroupStore } from './accept/group-store.js';
import { OutageBreaker } from './accept/outage-breaker.js';
import { UNSEQUENCED_BOOT } from './accept/read-message.js';
import { Acknowledger } from './acknowledge/acknowledger.js';
import { PlatformKey } from './acknowledge/platform-key.js';
import { Watermarks } from './acknowledge/watermarks.js';
import { AlarmWatch } from './alarms/alarm-watch.js';
import { DeviceNotes } from './gateways/device-notes.js';
import { GatewayPolicies } from './gateways/gateway-policy.js';
import { BootClocks } from './clocks/boot-clocks.js';
import { startEvaluator } from './evaluate/evaluator.js';
import { IngestFigures } from './figures/ingest-figures.js';
import { MeasuredStore } from './figures/measured-store.js';
import { startFlagFollower } from './flags/flag-follower.js';
import { type Gateway, type MessageReceiver, type ReceivedMessage, UNKNOWN_GATEWAY } from './message-source.js';
import { startRootFollower } from './roots/root-follower.js';
import { FreeSpace } from './storage/free-space.js';
import { PartitionManager } from './storage/partition-manager.js';
import { SilenceWatch } from './silence/silence-watch.js';
import { openSources, type SourceConfiguration } from './sources/open-sources.js';

export type { SourceConfiguration } from './sources/open-sources.js';

/**
 * What {@link startIngest} needs of the configuration (`CCT_MQTT_*`, `CCT_NATS_*`, `CCT_INGEST_*`, `CCT_EVALUATE_POLL_MS`,
 * `CCT_ROOTS_INTERVAL_MS`).
 */
export interface IngestConfiguration extends SourceConfiguration {
  readonly ingestGroupSize: number;
  readonly ingestLingerMs: number;
  readonly ingestMaxAgeDays: number;
  readonly evaluatePollMs: number;
  readonly rootsIntervalMs: number;
  /** File of the key that acknowledgements are signed with. */
  readonly ingestKeyFile: string;
  /** A folder on the disk of the database. */
  readonly ingestDiskPath: string;
  readonly ingestMinFreeMib: number;
  readonly ingestKeepDays: number | null;
}

/** Options of {@link startIngest}. */
export interface IngestOptions {
  /** Opened with the role `cct_ingest`. */
  readonly database: Database;
  readonly configuration: IngestConfiguration;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: Random;
  readonly health?: Health;
  readonly metrics?: Metrics;
}

/** A running ingest. */
export interface RunningIngest {
  /** Port of the embedded broker; 0 without one. */
  readonly port: number;
  /** Port of the HTTP twin; 0 without one. */
  readonly httpPort: number;
  /** Folds in what was stored so far; how many legs changed. For tests: it also happens by itself. */
  evaluateOnce(): Promise<number>;
  /** Gives stored frames their leaves; how many. For tests: it also happens once per interval. */
  growRoots(): Promise<number>;
  /** Writes what is noted about devices, looks for quiet loggers, missing data and limits about to be broken. For tests: it also happens by itself. */
  lookAtDevices(): Promise<void>;
  /** Takes nothing more, stores and acknowledges what was taken, and ends. */
  stop(): Promise<void>;
}

const MAX_PENDING_BYTES = 64 * 1024 * 1024;
/** Part of the stop deadline of a process that groups may take, if the database is away. */
const DRAIN_MS = 5_000;

/** Accepts readings from gateways and evaluates them; returns once connections are taken. */
export async function startIngest(options: IngestOptions): Promise<RunningIngest> {
  const { database, configuration, logger, clock, random } = options;
  const breaker = new OutageBreaker(random);
  const key = PlatformKey.ofFile(configuration.ingestKeyFile);
  const sources = openSources({
    database,
    configuration,
    logger,
    clock,
    random,
    health: options.health,
    acknowledgementOf: (gateway) => acknowledger.answer(gateway),
  });
  const { source } = sources;
  const space = new FreeSpace({ path: configuration.ingestDiskPath, leastMib: configuration.ingestMinFreeMib, logger });
  const partitions = new PartitionManager(database, clock, logger, configuration.ingestKeepDays);
  const figures = options.metrics === undefined ? null : new IngestFigures(options.metrics, { database, space });
  const devices = new DeviceNotes({ database, clock, logger, figures });
  const silence = new SilenceWatch(database, logger, options.metrics);
  const alarms = new AlarmWatch({ database, clock, logger });
  const acknowledger: Acknowledger = new Acknowledger({
    database,
    source,
    watermarks: new Watermarks(database, UNSEQUENCED_BOOT),
    key,
    clock,
    logger,
    figures,
    isPressed: () => acceptor.isPressed,
  });
  const acceptor: Acceptor = new Acceptor({
    store: new MeasuredStore(new GroupStore(database, clock), figures),
    policies: new GatewayPolicies(database, clock, logger),
    clocks: new BootClocks(database, clock),
    breaker,
    space,
    devices,
    clock,
    logger,
    groupSize: configuration.ingestGroupSize,
    lingerMs: configuration.ingestLingerMs,
    maxAgeDays: configuration.ingestMaxAgeDays,
    maxPendingBytes: MAX_PENDING_BYTES,
    touched: (gateway, boot) => acknowledger.touched(gateway, boot),
    count: (figure, by) => figures?.accepted(figure, by),
  });
  options.health?.addCheck('disk', () => (space.isShort ? 'disk nearly full' : null));
  options.health?.addCheck('database', () => (breaker.open ? 'database does not answer' : null));
  await database.query('SELECT 1');
  await space.start();
  partitions.start();
  acknowledger.start();
  devices.start();
  silence.start();
  alarms.start();
  await source.start(new Reception(acceptor, acknowledger));
  const evaluator = startEvaluator({ database, clock, random, logger, pollMs: configuration.evaluatePollMs });
  const roots = startRootFollower({
    database,
    clock,
    random,
    logger,
    intervalMs: configuration.rootsIntervalMs,
    isPressed: () => acceptor.isPressed,
  });
  const flags = startFlagFollower({
    database,
    logger,
    metrics: options.metrics,
    isPressed: () => acceptor.isPressed,
  });
  logger.info({ port: sources.mqttPort(), httpPort: sources.httpPort(), kid: key.kid }, 'gateways can connect');
  return {
    port: sources.mqttPort(),
    httpPort: sources.httpPort(),
    evaluateOnce: () => evaluator.runOnce(),
    growRoots: () => roots.runOnce(),
    lookAtDevices: async () => {
      await devices.write();
      await silence.look();
      await alarms.look();
    },
    stop: async () => {
      await source.pause();
      const giveUp = setTimeout(() => {
        breaker.stop();
        void space.stop();
      }, DRAIN_MS);
      await acceptor.drain();
      clearTimeout(giveUp);
      await Promise.all([space.stop(), partitions.stop()]);
      await acknowledger.stop();
      await silence.stop();
      await alarms.stop();
      await devices.stop();
      await source.stop();
      await evaluator.stop();
      await roots.stop();
      await flags.stop();
    },
  };
}

class Reception implements MessageReceiver {
  constructor(
    private readonly acceptor: Acceptor,
    private readonly acknowledger: Acknowledger,
  ) {}

  received(message: ReceivedMessage): boolean {
    if (message.channel === 'status') this.announced(message.gateway);
    return this.acceptor.take(message);
  }

  announced(gateway: Gateway): void {
    if (gateway === UNKNOWN_GATEWAY) return;
    this.acknowledger.touched(gateway, null);
  }
}
