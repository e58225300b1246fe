import type { ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawnGuarded } from '../../../support/guarded.js';
import { installPackages, npmPackages } from './npm-packages.js';
import { KEYED_TABLE, Peer, type PeerWorld } from './peer.js';

const RELEASE = '4.1.15';
const PACKAGES = npmPackages(`node-red-${RELEASE}`, [`node-red@${RELEASE}`, 'pg@8.23.1']);

/**
 * What a function node does: it collects readings and writes a thousand or more with one statement; a row for each message
 * would be several times slower. MQTT is acknowledged before, so what it collects is lost with the process.
 */
const FUNCTION = `
const pool = global.get('pool');
const batch = context.get('batch') ?? { rows: [], writing: 0 };
context.set('batch', batch);
const write = () => {
  const rows = batch.rows;
  batch.rows = [];
  if (rows.length === 0) return;
  batch.writing++;
  const column = (name) => rows.map((row) => row[name]);
  pool.query(
    'INSERT INTO peer.reading SELECT d, to_timestamp(t / 1000.0), n, c, h FROM unnest($1::text[], $2::float8[], $3::int8[], $4::float8[], $5::float8[]) u (d, t, n, c, h) ON CONFLICT DO NOTHING',
    ['d', 't', 'n', 'c', 'h'].map(column),
  ).then(() => batch.writing--, (error) => node.error(error));
};
batch.rows.push(...msg.payload.r);
clearTimeout(batch.timer);
if (batch.rows.length >= 1000) write();
else batch.timer = setTimeout(write, 20);
`;

/** Node-RED: `mqtt in`, a function that batches, `pg`. */
export class NodeRedPeer extends Peer {
  readonly name = 'node-red';
  readonly title = `Node-RED ${RELEASE}`;
  readonly schema = KEYED_TABLE;

  install(): void {
    installPackages(PACKAGES);
  }

  start({ brokerPort, clientId, filter, databaseUrl, folder }: PeerWorld): ChildProcess {
    const settings = join(folder, 'settings.js');
    const packages = join(PACKAGES.folder, 'node_modules');
    writeFileSync(
      settings,
      `const { Pool } = require(${JSON.stringify(join(packages, 'pg'))});
module.exports = {
  httpAdminRoot: false,
  httpNodeRoot: false,
  flowFile: 'flows.json',
  credentialSecret: false,
  logging: { console: { level: 'error' } },
  functionGlobalContext: { pool: new Pool({ connectionString: ${JSON.stringify(databaseUrl)}, max: 4 }) },
};
`,
    );
    writeFileSync(
      join(folder, 'flows.json'),
      JSON.stringify([
        { id: 'flow', type: 'tab', label: 'bench' },
        {
          id: 'broker',
          type: 'mqtt-broker',
          broker: '127.0.0.1',
          port: String(brokerPort),
          clientid: clientId,
          autoConnect: true,
          usetls: false,
          protocolVersion: '4',
          keepalive: '60',
          cleansession: false,
        },
        {
          id: 'in',
          type: 'mqtt in',
          z: 'flow',
          topic: filter,
          qos: '1',
          datatype: 'json',
          broker: 'broker',
          inputs: 0,
          wires: [['store']],
        },
        { id: 'store', type: 'function', z: 'flow', func: FUNCTION, outputs: 0, libs: [], wires: [] },
      ]),
    );
    const program = join(packages, 'node-red/red.js');
    return spawnGuarded(process.execPath, [program, '--settings', settings, '--userDir', folder], {
      stdio: ['ignore', 'inherit', 'inherit'],
    });
  }
}
