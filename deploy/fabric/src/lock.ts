import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { sleep } from '@coldchain/kernel';
import { FabricError } from './fabric-error.js';
import { isRunning, thisProcess } from './process-identity.js';

const PATIENCE_MS = 15_000;
const BETWEEN_LOOKS_MS = 100;

/**
 * Runs `work` while no other command changes the same network; another one is waited for a while. A lock whose holder is gone is taken over.
 * @throws FabricError `in-use`
 */
export async function withLock<Result>(file: string, work: () => Promise<Result>): Promise<Result> {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const patientUntil = Date.now() + PATIENCE_MS;
  while (!taken(file)) {
    const holder = readIfThere(file);
    if (isRunning(holder)) {
      if (Date.now() < patientUntil) {
        await sleep(BETWEEN_LOOKS_MS);
        continue;
      }
      throw new FabricError(
        'in-use',
        `process ${holder.split(' ')[0] ?? ''} is changing the network in ${dirname(file)}`,
        'wait for it, or set CCT_DATA_DIR and CCT_FABRIC_PORT for a second network',
      );
    }
    rmSync(file, { force: true });
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

/** Linked, not written, into place: nobody ever sees a lock without its holder. */
function taken(file: string): boolean {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, thisProcess());
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  } finally {
    rmSync(draft);
  }
}

/** Empty when there is none. */
export function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return '';
  }
}
