import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LocalError } from './local-error.js';
import { commandOf, isAlive } from './postgres/postmaster.js';

/**
 * Holds the data folder for this process; the returned function gives it back. A lock whose holder is gone, or whose
 * number now belongs to another program, is taken over.
 * @throws LocalError `already-running`
 */
export function lockDataFolder(dataDir: string): () => void {
  const file = join(dataDir, 'lock');
  for (;;) {
    try {
      writeFileSync(file, `${process.pid}\n`, { flag: 'wx' });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = Number(readFileSync(file, 'utf8').trim());
    // An empty file is a lock that is being written at this moment, or was when the machine went down.
    if (holder !== process.pid && isAlive(holder) && (commandOf(holder) ?? 'node').includes('node')) {
      throw new LocalError(
        'already-running',
        `process ${holder} uses ${dataDir}`,
        'stop that one first, or set CCT_DATA_DIR, CCT_HTTP_PORT and CCT_MQTT_PORT for a second one',
      );
    }
    rmSync(file, { force: true });
  }
}
