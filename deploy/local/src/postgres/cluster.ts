import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { PostgresBinaries } from './binaries.js';
import { PostgresLauncherError } from './launcher-error.js';
import type { ServerAccount } from './server-account.js';

/** The superuser of the embedded server and owner of its databases. */
export const CLUSTER_OWNER = 'coldchain';

/** Where root keeps a cluster that the server account could not reach in the data folder. */
const SHARED_CLUSTERS = '/var/lib/coldchain';

/** A PostgreSQL data folder that is ready to be served. */
export interface Cluster {
  readonly folder: string;
  readonly password: string;
  /** Made just now. */
  readonly created: boolean;
}

/** User and group of the cluster of a data folder; null while there is none. */
export function clusterOwner(dataDir: string): { uid: number; gid: number } | null {
  const folder = join(dataDir, 'postgres');
  if (!existsSync(folder)) return null;
  const { uid, gid } = statSync(folder);
  return { uid, gid };
}

/**
 * Opens or creates the cluster of a data folder: `<data dir>/postgres`, or, where the server account cannot get there,
 * a folder in `/var/lib/coldchain` that `<data dir>/postgres` links to. The link alone decides: a data folder that was
 * deleted and made again starts empty. The password lies in `<data dir>/postgres-password`, mode 0600.
 */
export function openCluster(dataDir: string, binaries: PostgresBinaries, account: ServerAccount | null): Cluster {
  const place = join(dataDir, 'postgres');
  const passwordFile = join(dataDir, 'postgres-password');
  const folder = isLink(place) ? resolve(dataDir, readlinkSync(place)) : place;
  if (existsSync(join(folder, 'PG_VERSION'))) {
    checkVersion(folder, binaries);
    checkOwner(folder, account);
    return { folder, password: readPassword(passwordFile), created: false };
  }
  const password = randomBytes(32).toString('base64url');
  writeFileSync(passwordFile, password, { mode: 0o600 });
  return { folder: create(dataDir, binaries, account, password), password, created: true };
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}

function checkVersion(folder: string, binaries: PostgresBinaries): void {
  const found = readFileSync(join(folder, 'PG_VERSION'), 'utf8').trim();
  if (found === binaries.version.split('.')[0]) return;
  throw new PostgresLauncherError(
    'cluster-foreign',
    `${folder} was made by PostgreSQL ${found}, the installed programs are ${binaries.version}`,
    'set CCT_DATA_DIR to a new folder, or move the data with pg_upgrade',
  );
}

function checkOwner(folder: string, account: ServerAccount | null): void {
  const { uid } = statSync(folder);
  if (uid === (account?.uid ?? process.getuid?.() ?? uid)) return;
  throw new PostgresLauncherError(
    'cluster-foreign',
    `${folder} belongs to another user (uid ${uid})`,
    'start as the user of the first start, or set CCT_DATA_DIR to another folder',
  );
}

function readPassword(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new PostgresLauncherError(
      'cluster-password-missing',
      `cannot read ${file}, the password of the embedded PostgreSQL`,
      'restore the file, or set CCT_DATA_DIR to a new folder',
      { cause },
    );
  }
}

function create(dataDir: string, binaries: PostgresBinaries, account: ServerAccount | null, password: string): string {
  const place = join(dataDir, 'postgres');
  // A link without a cluster behind it: its first start was interrupted.
  rmSync(place, { force: true, recursive: true });
  const reachable = account === null || canTraverse(dataDir, account);
  const folder = reachable ? place : join(SHARED_CLUSTERS, `${shortDigest(dataDir)}-${randomBytes(4).toString('hex')}`);
  // initdb works in a folder beside, which gets its name when it is complete.
  const partial = `${folder}.partial`;
  try {
    if (!reachable) {
      mkdirSync(SHARED_CLUSTERS, { recursive: true });
      chmodSync(SHARED_CLUSTERS, 0o755); // whatever the umask is
    }
    rmSync(partial, { recursive: true, force: true });
    mkdirSync(partial, { mode: 0o700 });
    if (account !== null) chownSync(partial, account.uid, account.gid);
    initialise(partial, binaries, account, password);
    renameSync(partial, folder);
    if (!reachable) symlinkSync(folder, place);
  } catch (cause) {
    rmSync(partial, { recursive: true, force: true });
    if (cause instanceof PostgresLauncherError) throw cause;
    throw new PostgresLauncherError(
      'cluster-creation-failed',
      `cannot create the database folder ${folder}`,
      `make ${dirname(folder)} writable, or set CCT_DATABASE_URL to a PostgreSQL server of your own`,
      { cause },
    );
  }
  return folder;
}

function initialise(folder: string, binaries: PostgresBinaries, account: ServerAccount | null, password: string): void {
  const passwordFile = `${folder}.password`;
  writeFileSync(passwordFile, password, { mode: 0o600 });
  try {
    if (account !== null) chownSync(passwordFile, account.uid, account.gid);
    const answer = spawnSync(
      binaries.initdb,
      [
        ...['--pgdata', folder, '--username', CLUSTER_OWNER, '--pwfile', passwordFile],
        ...['--auth', 'scram-sha-256', '--encoding', 'UTF8', '--no-instructions'],
        // Independent of the locales that a machine happens to have, and of their versions.
        ...['--locale', 'C', '--locale-provider', 'builtin', '--builtin-locale', 'C.UTF-8'],
      ],
      { cwd: '/', encoding: 'utf8', env: serverEnvironment(), ...identity(account) },
    );
    if (answer.status === 0) return;
    const reason = answer.error?.message ?? answer.stderr.trim().split('\n').slice(-3).join(' ');
    throw new PostgresLauncherError('cluster-creation-failed', `initdb failed: ${reason}`);
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

/** `PG…` variables and locales of the caller must not change the server. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  return { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };
}

/** What `spawn` needs to act as the account. */
export function identity(account: ServerAccount | null): { uid?: number; gid?: number } {
  return account === null ? {} : { uid: account.uid, gid: account.gid };
}

/** Lets the account pass through the data folder itself, then asks the system whether it gets there. */
function canTraverse(dataDir: string, account: ServerAccount): boolean {
  const { mode, uid } = statSync(dataDir);
  if (uid === 0) chmodSync(dataDir, (mode & 0o777) | 0o011);
  const probe = spawnSync('/bin/sh', ['-c', 'cd -- "$1"', 'sh', dataDir], { cwd: '/', ...identity(account) });
  return probe.status === 0;
}

function shortDigest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
