import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { thisProcess } from './process-identity.js';

/** What happens to a network when the process that has it in charge ends. */
export type AtEnd = 'down' | 'destroy';

/** A network that ends with this process, however that ends. */
export interface Charge {
  /** Ends the network now, unless somebody else has taken it over. */
  end(): Promise<void>;
}

const GUARDIAN = fileURLToPath(new URL('./guardian.js', import.meta.url));

/** A shell that waits for the end of our pipe, also when we are killed, and then becomes the guardian that ends the network. */
export function spawnGuardian(dataDir: string, atEnd: AtEnd): ChildProcess {
  const command = ['sh', process.execPath, GUARDIAN, dataDir, atEnd, thisProcess()];
  const guardian = spawn('/bin/sh', ['-c', 'read -r line; exec "$@"', ...command], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  guardian.unref();
  return guardian;
}
