import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/**
 * Where a program of a pinned release lies: beside the programs of Fabric, in `CCT_FABRIC_CACHE_DIR`, else in `coldchain` in
 * the user's cache folder. @param name with the release in it
 */
export function programFolder(name: string): string {
  const xdg = process.env['XDG_CACHE_HOME'] ?? '';
  const own = xdg.startsWith('/') ? xdg : join(homedir(), process.platform === 'darwin' ? 'Library/Caches' : '.cache');
  const folder = process.env['CCT_FABRIC_CACHE_DIR'] ?? join(own, 'coldchain');
  return join(folder, `${name}-${process.platform}-${process.arch}`);
}

/** Makes a folder once: what `make` puts into a draft is there as a whole or not at all. @throws what `make` throws */
export function makeOnce(target: string, make: (draft: string) => void): void {
  if (existsSync(target)) return;
  mkdirSync(dirname(target), { recursive: true });
  const draft = mkdtempSync(`${target}.`);
  try {
    make(draft);
    renameSync(draft, target);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/** Builds a program of a Go module into a folder; needs Go. @param module with its version @param tags of the build */
export function goInstall(module: string, target: string, tags: readonly string[] = []): void {
  makeOnce(target, (draft) => {
    const selected = tags.length === 0 ? [] : ['-tags', tags.join(',')];
    execFileSync('go', ['install', ...selected, module], { env: { ...process.env, GOBIN: draft }, stdio: 'inherit' });
  });
}
