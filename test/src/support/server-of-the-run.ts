import { chmodSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Database, migrate } from '@coldchain/database';
import { type RunningPostgres, startPostgres } from '@coldchain/deploy-local';

/** Names under which the global set-up tells the workers where the server is. Not `CCT_`: child processes inherit them. */
export const SERVER_VARIABLE = 'COLDCHAIN_TEST_SERVER';
/** A server to use instead of an embedded one: address of any of its databases, as a superuser. */
const OTHER_SERVER_VARIABLE = 'COLDCHAIN_TEST_POSTGRES';

/** The migrated database that every spec clones; nobody stays connected to it. */
export const TEMPLATE = 'coldchain_template';

interface ServerOfTheRun {
  readonly folder: string;
  readonly postgres: RunningPostgres;
}

let server: ServerOfTheRun | undefined;

/** Starts one PostgreSQL for the whole run, or takes the one named by the environment, and migrates the template. */
export async function startServer(): Promise<void> {
  const other = process.env[OTHER_SERVER_VARIABLE] ?? '';
  const address = other === '' ? await startEmbedded() : databaseAddress(other, 'postgres');
  const maintenance = Database.open({ url: address, role: null, maxConnections: 1, applicationName: 'test-set-up' });
  try {
    await maintenance.query(`DROP DATABASE IF EXISTS ${TEMPLATE} WITH (FORCE)`);
    await maintenance.query(`CREATE DATABASE ${TEMPLATE}`);
    await migrate(databaseAddress(address, TEMPLATE));
  } finally {
    await maintenance.close();
  }
  process.env[SERVER_VARIABLE] = address;
}

/** Stops what {@link startServer} started and removes its folder. */
export async function stopServer(): Promise<void> {
  if (server === undefined) return;
  const { folder, postgres } = server;
  server = undefined;
  await postgres.stop();
  // As root the cluster may be a link to where the server's account can get.
  const cluster = realpathSync(join(folder, 'postgres'));
  rmSync(folder, { recursive: true, force: true });
  rmSync(cluster, { recursive: true, force: true });
}

/** The same server and user, another database. */
export function databaseAddress(address: string, database: string): string {
  const changed = new URL(address);
  changed.pathname = `/${database}`;
  return changed.href;
}

async function startEmbedded(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'coldchain-test-'));
  chmodSync(folder, 0o711);
  const postgres = await startPostgres({ dataDir: folder, durable: false });
  server = { folder, postgres };
  return postgres.urlOf('postgres');
}
