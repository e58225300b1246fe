import { type ChildProcess, spawn } from 'node:child_process';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { eventually } from '../contract/ingest-fixture.js';
import { ownEnvironment, repositoryRoot } from '../support/index.js';

/** How an ingest process is started. */
export interface IngestProcessOptions {
  readonly databaseUrl: string;
  readonly dataDir: string;
  /** That gateways connect to; behind an external broker, of its health page. */
  readonly port: number;
  /** Who takes connections of gateways. Default: the own listener. */
  readonly server?: 'packets' | 'aedes';
  /** A shared subscription at an external broker instead of the embedded one. */
  readonly shared?: { readonly mqttUrl: string; readonly group: string; readonly clientId: string };
  /** An external broker without a group instead of the embedded one; `authorities`: file of certificates that are trusted. */
  readonly broker?: BrokerSettings;
  /** Told of each line of its log. Default: errors go where this process's go. */
  readonly logged?: (line: string) => void;
  /** Which disk is watched, and the room on it below which nothing is stored. */
  readonly disk?: { readonly path: string; readonly leastMib: number };
}

/** Which broker, and how it is spoken to. */
export interface BrokerSettings {
  readonly url: string;
  readonly version: '5' | '3.1.1';
  readonly client: 'packets' | 'mqtt.js';
  readonly authorities?: string;
}

/** An ingest in a process of its own, from when it answers on its port. It ends with this one, also when that is killed. */
export async function startIngestProcess(options: IngestProcessOptions): Promise<ChildProcess> {
  const { databaseUrl, dataDir, port, logged, disk } = options;
  const child = spawn(process.execPath, [join(repositoryRoot, 'apps/iot-ingest/dist/main.js')], {
    env: {
      ...ownEnvironment(),
      ...sourceOf(options),
      CCT_DATABASE_URL: databaseUrl,
      CCT_LOG_LEVEL: logged === undefined ? 'error' : 'info',
      CCT_DATA_DIR: dataDir,
      CCT_PARENT_PIPE: '1',
      ...(disk === undefined
        ? {}
        : { CCT_INGEST_DISK_PATH: disk.path, CCT_INGEST_MIN_FREE_MIB: String(disk.leastMib) }),
    },
    stdio: ['pipe', logged === undefined ? 'inherit' : 'pipe', 'inherit'],
  });
  if (child.stdout !== null && logged !== undefined) createInterface({ input: child.stdout }).on('line', logged);
  await eventually(async () => {
    if (child.exitCode !== null) throw new Error(`ingest ended with ${child.exitCode}`);
    return (await answers(port)) ? true : undefined;
  }, 20_000);
  return child;
}

function sourceOf({ port, server = 'packets', shared, broker }: IngestProcessOptions): Record<string, string> {
  if (shared !== undefined)
    return {
      CCT_MQTT_URL: shared.mqttUrl,
      CCT_MQTT_SHARE_GROUP: shared.group,
      CCT_MQTT_CLIENT_ID: shared.clientId,
      CCT_INGEST_HEALTH_PORT: String(port),
    };
  if (broker === undefined) return { CCT_MQTT_PORT: String(port), CCT_MQTT_SERVER: server };
  return {
    CCT_MQTT_URL: broker.url,
    CCT_MQTT_VERSION: broker.version,
    CCT_MQTT_CLIENT: broker.client,
    CCT_INGEST_HEALTH_PORT: String(port),
    ...(broker.authorities === undefined ? {} : { NODE_EXTRA_CA_CERTS: broker.authorities }),
  };
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
