import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { findProgram } from './mosquitto.js';

const RELEASE = '2.15.2';
const MODULE = `github.com/nats-io/nats-server/v2@v${RELEASE}`;

/** Beside the programs of Fabric: `CCT_FABRIC_CACHE_DIR`, else `coldchain` in the user's cache folder. */
function cacheFolder(): string {
  const xdg = process.env['XDG_CACHE_HOME'] ?? '';
  const own = xdg.startsWith('/') ? xdg : join(homedir(), process.platform === 'darwin' ? 'Library/Caches' : '.cache');
  const folder = process.env['CCT_FABRIC_CACHE_DIR'] ?? join(own, 'coldchain');
  return join(folder, `nats-server-${RELEASE}-${process.platform}-${process.arch}`);
}

/** The NATS server of the pinned release, null where {@link installNatsServer} has not built it. */
export const NATS_SERVER = findProgram('nats-server', cacheFolder());

/** Builds the pinned server into the cache, once, about a minute; needs Go. */
export function installNatsServer(): void {
  const target = cacheFolder();
  if (existsSync(target)) return;
  mkdirSync(dirname(target), { recursive: true });
  const draft = mkdtempSync(`${target}.`);
  try {
    execFileSync('go', ['install', MODULE], { env: { ...process.env, GOBIN: draft }, stdio: 'inherit' });
    renameSync(draft, target);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}
