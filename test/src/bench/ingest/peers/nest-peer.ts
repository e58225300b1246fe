import type { ChildProcess } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { spawnGuarded } from '../../../support/guarded.js';
import { installPackages, npmPackages } from './npm-packages.js';
import { KEYED_TABLE, Peer, type PeerWorld } from './peer.js';

const RELEASE = '12.1.1';
const PACKAGES = npmPackages(`nestjs-microservices-${RELEASE}`, [
  `@nestjs/microservices@${RELEASE}`,
  '@nestjs/common@12.5.1',
  '@nestjs/core@12.5.1',
  'mqtt@5.16.0',
  'pg@8.23.1',
  'reflect-metadata@0.2.2',
  'rxjs@7.8.2',
  'typeorm@1.1.1',
]);

/** NestJS's own MQTT transport, whose handler inserts the readings of a frame by a TypeORM repository. */
export class NestPeer extends Peer {
  readonly name = 'nest';
  readonly title = `NestJS microservices ${RELEASE} with TypeORM`;
  readonly schema = KEYED_TABLE;

  install(): void {
    installPackages(PACKAGES);
  }

  start({ brokerPort, clientId, filter, databaseUrl }: PeerWorld): ChildProcess {
    // Beside its packages, which are none of ours: an import is looked up from where the file lies.
    const program = join(PACKAGES.folder, 'nest-peer-process.mjs');
    copyFileSync(fileURLToPath(new URL('nest-peer-process.js', import.meta.url)), program);
    const parameters = [`mqtt://127.0.0.1:${brokerPort}`, clientId, filter, databaseUrl];
    return spawnGuarded(process.execPath, [program, ...parameters], { stdio: ['ignore', 'ignore', 'inherit'] });
  }
}
