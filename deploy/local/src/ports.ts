import type { Configuration } from '@coldchain/runtime';
import { freePort, isFree } from './free-port.js';
import { LocalError } from './local-error.js';

/** The ports of one installation. */
export interface Ports {
  readonly http: number;
  /** null: an external broker is used. */
  readonly mqtt: number | null;
  readonly ingestHealth: number;
  readonly workerHealth: number;
}

/**
 * Checks every wanted port before anything is started, and chooses free ones for probes that nobody asked for.
 * @throws LocalError `port-taken`, naming the variable
 */
export async function takePorts(configuration: Configuration<'local'>): Promise<Ports> {
  const { httpHost, httpPort, mqttHost, mqttPort, mqttUrl, ingestHealthPort, workerHealthPort } = configuration;
  await demandFree('CCT_HTTP_PORT', httpPort, httpHost);
  if (mqttUrl === null) await demandFree('CCT_MQTT_PORT', mqttPort, mqttHost);
  if (ingestHealthPort !== 0) await demandFree('CCT_INGEST_HEALTH_PORT', ingestHealthPort, httpHost);
  if (workerHealthPort !== 0) await demandFree('CCT_WORKER_HEALTH_PORT', workerHealthPort, httpHost);
  return {
    http: httpPort,
    mqtt: mqttUrl === null ? mqttPort : null,
    ingestHealth: ingestHealthPort === 0 ? await freePort() : ingestHealthPort,
    workerHealth: workerHealthPort === 0 ? await freePort() : workerHealthPort,
  };
}

async function demandFree(variable: string, port: number, host: string): Promise<void> {
  if (await isFree(port, host)) return;
  throw new LocalError(
    'port-taken',
    `port ${port} on ${host} is in use by another program`,
    `end that program, or set ${variable} to a free port`,
  );
}

/** An address of this machine under which a server listening on `host` is reached. */
export function reachableHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}
