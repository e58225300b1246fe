import { type ChildProcess, spawn } from 'node:child_process';
import { connect } from 'node:net';
import { join } from 'node:path';
import { eventually } from '../contract/ingest-fixture.js';
import { ownEnvironment, repositoryRoot } from '../support/index.js';

/** How an ingest process is started. */
export interface IngestProcessOptions {
  readonly databaseUrl: string;
  readonly dataDir: string;
  /** Of its embedded broker; where it has none, of its health page. */
  readonly port: number;
  /** A shared subscription at an external broker instead of the embedded one. */
  readonly shared?: { readonly mqttUrl: string; readonly group: string; readonly clientId: string };
}

/** An ingest in a process of its own, from when it answers on its port. */
export async function startIngestProcess(options: IngestProcessOptions): Promise<ChildProcess> {
  const { databaseUrl, dataDir, port, shared } = options;
  const source =
    shared === undefined
      ? { CCT_MQTT_PORT: String(port) }
      : {
          CCT_MQTT_URL: shared.mqttUrl,
          CCT_MQTT_SHARE_GROUP: shared.group,
          CCT_MQTT_CLIENT_ID: shared.clientId,
          CCT_INGEST_HEALTH_PORT: String(port),
        };
  const child = spawn(process.execPath, [join(repositoryRoot, 'apps/iot-ingest/dist/main.js')], {
    env: {
      ...ownEnvironment(),
      ...source,
      CCT_DATABASE_URL: databaseUrl,
      CCT_LOG_LEVEL: 'error',
      CCT_DATA_DIR: dataDir,
    },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  await eventually(async () => {
    if (child.exitCode !== null) throw new Error(`ingest ended with ${child.exitCode}`);
    return (await answers(port)) ? true : undefined;
  }, 20_000);
  return child;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
