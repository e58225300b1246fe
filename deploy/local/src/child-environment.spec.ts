import { describe, expect, it } from '@jest/globals';
import { childEnvironment } from './child-environment.js';

const PORTS = { http: 1, mqtt: null, ingestHealth: 2, workerHealth: 3 };
const OWN = 'postgres://own';

describe('childEnvironment', () => {
  it('watches the disk of the cluster, which the data folder may only link to', () => {
    const environment = childEnvironment({ databaseUrl: null, mqttUrl: null }, PORTS, OWN, '/data', null);
    expect(environment['CCT_INGEST_DISK_PATH']).toBe('/data/postgres');
  });

  it('watches no disk of its own choice for a database elsewhere', () => {
    const environment = childEnvironment({ databaseUrl: OWN, mqttUrl: null }, PORTS, OWN, '/data', null);
    expect(environment['CCT_INGEST_DISK_PATH']).toBeUndefined();
  });
});
