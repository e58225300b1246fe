import { randomBytes } from 'node:crypto';
import { Database } from '@coldchain/database';
import { sleep } from '@coldchain/kernel';
import { databaseAddress, SERVER_VARIABLE, TEMPLATE } from './server-of-the-run.js';

/** A database of one spec. */
export interface TestDatabase {
  /** As its owner. */
  readonly url: string;
  /** Drops it, also under open connections. */
  close(): Promise<void>;
}

const CLONE_ATTEMPTS = 100;
const OBJECT_IN_USE = '55006';

/** Clones the migrated template: an empty, current database that nobody else uses. */
export async function testDatabase(): Promise<TestDatabase> {
  const server = process.env[SERVER_VARIABLE] ?? '';
  if (server === '')
    throw new Error('no test server: run Jest with the configuration in the root package.json (its globalSetup)');
  const name = `spec_${randomBytes(6).toString('hex')}`;
  await clone(server, name);
  return {
    url: databaseAddress(server, name),
    close: () =>
      withServer(server, async (maintenance) => {
        await maintenance.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      }),
  };
}

/** PostgreSQL clones only what nobody is connected to; its own background workers may look in for a moment. */
async function clone(server: string, name: string): Promise<void> {
  await withServer(server, async (maintenance) => {
    for (let attempt = 1; ; attempt++) {
      try {
        await maintenance.query(`CREATE DATABASE ${name} TEMPLATE ${TEMPLATE}`);
        return;
      } catch (error) {
        if ((error as { code?: string }).code !== OBJECT_IN_USE || attempt === CLONE_ATTEMPTS) throw error;
        await sleep(50);
      }
    }
  });
}

async function withServer(server: string, work: (maintenance: Database) => Promise<void>): Promise<void> {
  const maintenance = Database.open({ url: server, role: null, maxConnections: 1, applicationName: 'test-database' });
  try {
    // One clone at a time over all workers: cloning holds the template.
    await maintenance.query(`SELECT pg_advisory_lock(hashtext('${TEMPLATE}'))`);
    await work(maintenance);
  } finally {
    await maintenance.close();
  }
}
