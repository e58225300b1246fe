import { join } from 'node:path';
import type { Configuration } from '@coldchain/runtime';
import type { Ports } from './ports.js';

/** Our environment with the decisions of this start; `_FILE` forms are gone because the values are now there. */
export function childEnvironment(
  configuration: Pick<Configuration<'local'>, 'databaseUrl' | 'mqttUrl'>,
  ports: Ports,
  databaseUrl: string,
  dataDir: string,
  networkFolder: string | null,
): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('npm_') && !(name.startsWith('CCT_') && name.endsWith('_FILE')),
  );
  return {
    CCT_LEDGER_KEYS_DIR: join(dataDir, 'ledger-keys'),
    // Not the data folder: the cluster can be a link to another disk.
    ...(configuration.databaseUrl === null ? { CCT_INGEST_DISK_PATH: join(dataDir, 'postgres') } : {}),
    ...Object.fromEntries(inherited),
    CCT_DATABASE_URL: databaseUrl,
    CCT_DATA_DIR: dataDir,
    ...(networkFolder === null ? {} : { CCT_FABRIC_NETWORK: networkFolder }),
    ...(configuration.mqttUrl === null ? {} : { CCT_MQTT_URL: configuration.mqttUrl }),
    CCT_INGEST_HEALTH_PORT: String(ports.ingestHealth),
    CCT_WORKER_HEALTH_PORT: String(ports.workerHealth),
  };
}
