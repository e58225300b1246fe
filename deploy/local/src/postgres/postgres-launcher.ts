import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Database } from '@coldchain/database';
import { sleep } from '@coldchain/kernel';
import { freePort, isFree } from '../free-port.js';
import { guard } from '../guardian.js';
import { type PostgresBinaries, findBinaries } from './binaries.js';
import { type Cluster, CLUSTER_OWNER, clusterOwner, identity, openCluster, serverEnvironment } from './cluster.js';
import { PostgresLauncherError } from './launcher-error.js';
import { stopLeftover, stopPostmaster } from './postmaster.js';
import { type ServerAccount, serverAccount } from './server-account.js';

/** How to start. */
export interface PostgresOptions {
  /** The data folder of the installation; made where it is missing. */
  readonly dataDir: string;
  /** false: no flush to disk, for tests whose data nobody misses. */
  readonly durable: boolean;
}

/** A server that answers. */
export interface RunningPostgres {
  /** Address of the database `coldchain`, as its owner, with the password. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** The cluster was made by this start. */
  readonly created: boolean;
  /** Address of another database on this server. */
  urlOf(database: string): string;
  /** Resolves with the exit code when the server ends, asked or not. */
  readonly ended: Promise<number | null>;
  /** Fast shutdown; resolves when the process is gone. */
  stop(): Promise<void>;
}

const DATABASE_NAME = 'coldchain';
const READY_TIMEOUT_MS = 60_000;
const START_ATTEMPTS = 3;

/**
 * Starts the embedded PostgreSQL of a data folder on a free port of 127.0.0.1 (the one of the last time where it is
 * still free) and waits until it answers. Needs no install script, no shell profile and no `pg_ctl`; as root the server
 * runs as a user of its own. The server ends with this process, also when that is killed.
 * @throws PostgresLauncherError
 */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  mkdirSync(join(options.dataDir, 'logs'), { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 });
  const dataDir = realpathSync(options.dataDir);
  const account = serverAccount(clusterOwner(dataDir));
  const binaries = findBinaries(dataDir, account);
  const cluster = openCluster(dataDir, binaries, account);
  await stopLeftover(cluster.folder);
  let failure: unknown;
  for (let attempt = 0; attempt < START_ATTEMPTS; attempt++) {
    const port = await choosePort(dataDir, attempt);
    const server = launch({ binaries, cluster, account, dataDir, port, durable: options.durable });
    try {
      await waitUntilReady(server, dataDir);
      writeFileSync(join(dataDir, 'postgres-port'), `${port}\n`);
      return server;
    } catch (error) {
      await server.stop();
      failure = error;
    }
  }
  throw failure;
}

async function choosePort(dataDir: string, attempt: number): Promise<number> {
  const file = join(dataDir, 'postgres-port');
  if (attempt === 0 && existsSync(file)) {
    const port = Number(readFileSync(file, 'utf8').trim());
    if (port > 0 && port < 65_536 && (await isFree(port, '127.0.0.1'))) return port;
  }
  return freePort();
}

interface Launch {
  readonly binaries: PostgresBinaries;
  readonly cluster: Cluster;
  readonly account: ServerAccount | null;
  readonly dataDir: string;
  readonly port: number;
  readonly durable: boolean;
}

function launch({ binaries, cluster, account, dataDir, port, durable }: Launch): RunningPostgres {
  const log = openSync(join(dataDir, 'logs', 'postgres.log'), 'a', 0o600);
  const settings = [
    'unix_socket_directories=',
    'max_connections=100',
    'jit=off',
    'timezone=UTC',
    'log_timezone=UTC',
    ...(durable ? [] : ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off']),
  ];
  const server = spawn(
    binaries.postgres,
    ['-D', cluster.folder, '-h', '127.0.0.1', '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])],
    // In a group of its own: the terminal's Ctrl-C reaches us, and we stop the server last.
    { cwd: '/', detached: true, stdio: ['ignore', log, log], env: serverEnvironment(), ...identity(account) },
  );
  closeSync(log);
  const { pid } = server;
  if (pid === undefined) throw new PostgresLauncherError('postgres-start-failed', `cannot run ${binaries.postgres}`);
  const guardian = guard(pid, 'INT');
  const ended = new Promise<number | null>((resolve) => {
    server.once('exit', (code) => {
      guardian.kill('SIGKILL');
      resolve(code);
    });
  });
  const urlOf = (database: string): string =>
    `postgres://${CLUSTER_OWNER}:${cluster.password}@127.0.0.1:${port}/${database}`;
  return {
    url: urlOf(DATABASE_NAME),
    port,
    pid,
    created: cluster.created,
    urlOf,
    ended,
    stop: async () => {
      await stopPostmaster(pid);
      await ended;
    },
  };
}

async function waitUntilReady(server: RunningPostgres, dataDir: string): Promise<void> {
  let exit: { readonly code: number | null } | undefined;
  void server.ended.then((code) => {
    exit = { code };
  });
  const maintenance = Database.open({
    url: server.urlOf('postgres'),
    role: null,
    maxConnections: 1,
    applicationName: 'coldchain-launcher',
  });
  try {
    for (let waitedMs = 0; exit === undefined && waitedMs < READY_TIMEOUT_MS; waitedMs += 20) {
      if (await answers(maintenance)) {
        await createDatabase(maintenance);
        return;
      }
      await sleep(20);
    }
  } finally {
    await maintenance.close();
  }
  const reason = exit === undefined ? 'it does not answer' : `it ended with status ${exit.code}`;
  throw new PostgresLauncherError(
    'postgres-start-failed',
    `the embedded PostgreSQL did not start: ${reason}`,
    `see ${join(dataDir, 'logs', 'postgres.log')}`,
  );
}

const NOT_YET = ['ECONNREFUSED', 'ECONNRESET', '57P03' /* the database system is starting up */];

async function answers(database: Database): Promise<boolean> {
  try {
    await database.query('SELECT 1');
    return true;
  } catch (error) {
    if (NOT_YET.includes((error as { code?: string }).code ?? '')) return false;
    throw error;
  }
}

async function createDatabase(maintenance: Database): Promise<void> {
  const found = await maintenance.query('SELECT 1 FROM pg_database WHERE datname = $1', [DATABASE_NAME]);
  if (found.length === 0) await maintenance.query(`CREATE DATABASE ${DATABASE_NAME}`);
}
