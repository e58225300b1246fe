import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Database, hashPassword } from '@coldchain/database';
import { type RunningIngest, type SourceConfiguration, startIngest } from '@coldchain/iot-ingest';
import { type Clock, SeededRandom, sleep, SystemClock, SystemRandom } from '@coldchain/kernel';
import { createLogger, type Metrics } from '@coldchain/runtime';
import { encodeFrame, type FrameReading } from '@coldchain/telemetry';
import mqtt, { type MqttClient } from 'mqtt';
import { type TestDatabase, testDatabase } from '../support/index.js';

export const PASSWORD = 'contract-spec-password';

/** An ingest with a database of its own, and the owner's view of that database. */
export interface IngestFixture {
  readonly owner: Database;
  readonly url: string;
  /** The running ingest; `restart` replaces it. */
  ingest(): RunningIngest;
  restart(settings?: IngestSettings): Promise<void>;
  /** The same with a second ingest on the same database; ends with the fixture. */
  second(): Promise<IngestFixture>;
  close(): Promise<void>;
}

/** What a spec varies. */
export interface IngestSettings {
  readonly groupSize?: number;
  readonly lingerMs?: number;
  /** Default: this machine's. */
  readonly clock?: Clock;
  /** For one start: its names are taken then. */
  readonly metrics?: Metrics;
  /** Where messages come from; unless told, gateways connect to ingest itself. */
  readonly source?: Partial<SourceConfiguration>;
}

/** No other broker: gateways connect to it, on a free port. */
export const OWN_BROKER: SourceConfiguration = {
  mqttHost: '127.0.0.1',
  mqttPort: 0,
  mqttServer: 'packets',
  mqttCertFile: null,
  mqttKeyFile: null,
  mqttUrl: null,
  mqttVersion: '5',
  mqttClient: 'packets',
  mqttClientId: 'spec-ingest',
  mqttShareGroup: null,
  mqttReceiveMaximum: 2000,
  natsUrl: null,
  natsConsumer: 'spec-ingest',
  natsReplicas: 1,
  httpHost: '127.0.0.1',
  ingestHttpPort: 0,
};

/** Starts an ingest with organisations `north` and `south`, gateways `north/g1`, `north/g2`, `north/plain`, `south/g1`. */
export async function ingestFixture(settings: IngestSettings = {}): Promise<IngestFixture> {
  const database = await testDatabase();
  const owner = Database.open({ url: database.url, role: null, applicationName: 'spec' });
  await registerGateways(owner);
  let running = await start(database, settings);
  const others: (() => Promise<void>)[] = [];
  const fixture: IngestFixture = {
    owner,
    url: database.url,
    ingest: () => running.ingest,
    restart: async (changed = settings) => {
      await running.close();
      running = await start(database, changed);
    },
    second: async () => {
      const other = await start(database, settings);
      others.push(() => other.close());
      return { ...fixture, ingest: () => other.ingest };
    },
    close: async () => {
      for (const close of others) await close();
      await running.close();
      await owner.close();
      await database.close();
    },
  };
  return fixture;
}

/** Registers what {@link ingestFixture} names; ids by `organisation/gateway`. */
export async function registerGateways(owner: Database): Promise<void> {
  const hash = await hashPassword(PASSWORD, new SystemRandom());
  for (const slug of ['north', 'south']) {
    await owner.query(
      `INSERT INTO organisation (slug, name, party, gln, prefixes, roles, served)
       VALUES ($1, $1, $1 || 'MSP:' || $1, '4012345000009', '{}', '{}', true)`,
      [slug],
    );
  }
  for (const [slug, name, unsequenced] of GATEWAYS) {
    await owner.query(
      `INSERT INTO gateway (organisation_id, name, password_hash, accepts_unsequenced)
       SELECT id, $2, $3, $4 FROM organisation WHERE slug = $1`,
      [slug, name, hash, unsequenced],
    );
  }
}

const GATEWAYS = [
  ['north', 'g1', false],
  ['north', 'g2', false],
  ['north', 'plain', true],
  ['south', 'g1', false],
] as const;

async function start(
  database: TestDatabase,
  settings: IngestSettings,
): Promise<{ ingest: RunningIngest; close(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'coldchain-spec-'));
  const connections = Database.open({
    url: database.url,
    role: 'cct_ingest',
    applicationName: 'spec-ingest',
    preparesStatements: true,
  });
  const ingest = await startIngest({
    database: connections,
    configuration: {
      ...OWN_BROKER,
      ...settings.source,
      ingestGroupSize: settings.groupSize ?? 500,
      ingestLingerMs: settings.lingerMs ?? 2,
      ingestMaxAgeDays: 3650,
      evaluatePollMs: 1_000,
      rootsIntervalMs: 3_600_000,
      ingestKeyFile: join(folder, 'key.pem'),
      ingestDiskPath: folder,
      ingestMinFreeMib: 1,
      ingestKeepDays: null,
    },
    logger: createLogger('spec', 'silent'),
    clock: settings.clock ?? new SystemClock(),
    ...(settings.metrics === undefined ? {} : { metrics: settings.metrics }),
    random: new SeededRandom('spec'),
  });
  return {
    ingest,
    close: async () => {
      await ingest.stop();
      await connections.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** A gateway's connection. */
export interface SpecGateway {
  readonly client: MqttClient;
  /** Acknowledgements heard so far, oldest first. */
  readonly acks: SpecAcknowledgement[];
  /** Publishes with QoS 1 on a channel of its own; resolves at the PUBACK. */
  publish(channel: string, payload: Buffer | string): Promise<void>;
  close(): Promise<void>;
}

export interface SpecAcknowledgement {
  readonly boots: readonly {
    readonly boot: string;
    readonly first: number | null;
    readonly contiguous: number;
    readonly last: number;
    readonly missing: readonly (readonly [number, number])[];
    readonly rejected: readonly (readonly [number, string])[];
  }[];
  readonly time: string;
}

/** Connects as a gateway. @throws with the CONNACK return code in `code` when it is refused */
export async function connectGateway(
  fixture: IngestFixture,
  userName = 'north/g1',
  options: { readonly password?: string; readonly listen?: boolean } = {},
): Promise<SpecGateway> {
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${fixture.ingest().port}`, {
    username: userName,
    password: options.password ?? PASSWORD,
    protocolVersion: 4,
    reconnectPeriod: 0,
    connectTimeout: 5_000,
  });
  client.on('error', () => undefined);
  const acks: SpecAcknowledgement[] = [];
  client.on('message', (_topic, payload) => acks.push(JSON.parse(payload.toString('utf8')) as SpecAcknowledgement));
  if (options.listen !== false) await client.subscribeAsync(`coldchain/v1/${userName}/acks`, { qos: 1 });
  return {
    client,
    acks,
    publish: async (channel, payload) => {
      await client.publishAsync(`coldchain/v1/${userName}/${channel}`, payload, { qos: 1 });
    },
    close: () => client.endAsync(true),
  };
}

const MINUTE = 60_000;
/** A plausible time in the past, the same in every run of a day. */
export const START = Math.floor(Date.now() / 86_400_000) * 86_400_000 - 10 * 86_400_000;

/** Readings a minute apart. */
export function readings(logger: string, from: number, count: number, milliCelsius = 5_000): FrameReading[] {
  return Array.from({ length: count }, (_, index) => ({
    logger,
    at: from + index * MINUTE,
    milliCelsius: milliCelsius + index * 10,
    humidityPermille: null,
    counter: null,
  }));
}

/** A frame as a gateway writes it. */
export function frame(
  boot: string,
  seq: number,
  content: readonly FrameReading[] = readings('L1', START + seq * MINUTE, 1),
): Buffer {
  return encodeFrame({ boot, seq, readings: content });
}

/** Waits until a look at the system gives something. */
export async function eventually<Value>(
  look: () => Promise<Value | undefined> | Value | undefined,
  withinMs = 10_000,
): Promise<Value> {
  const until = performance.now() + withinMs;
  for (;;) {
    const value = await look();
    if (value !== undefined) return value;
    if (performance.now() > until) throw new Error('did not come to pass in time');
    await sleep(20);
  }
}

/** Numbered messages, frames and single readings alike. */
export const STORED =
  '(SELECT stream, seq FROM reading_frame UNION ALL SELECT stream, seq FROM reading_single) AS stored';

/** Number of rows. */
export async function count(owner: Database, table: string): Promise<number> {
  const [row] = await owner.query<{ rows: number }>(`SELECT count(*) AS rows FROM ${table}`);
  return row?.rows ?? -1;
}

/** Codes of the dead letters, in order of arrival. */
export async function deadLetterCodes(owner: Database): Promise<string[]> {
  const rows = await owner.query<{ code: string }>('SELECT code FROM dead_letter ORDER BY id');
  return rows.map((row) => row.code);
}
