import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadConfiguration } from '@coldchain/runtime';
import { CliError } from '../cli-error.js';
import type { ExitCode, Terminal } from '../command.js';

const WORKER = fileURLToPath(new URL('../../../ledger-worker/dist/main.js', import.meta.url));

/**
 * Runs a command of the ledger worker, in a process of its own: it alone may open the ledger. What it prints is the
 * output of the command, and its exit status is ours.
 */
export async function runWorkerCommand(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const { dataDir, databaseUrl } = loadConfiguration('cli', terminal.environment);
  if (!existsSync(WORKER)) throw new CliError('not-built', `${WORKER} is missing`, 'run "npm run build"');
  const child = spawn(process.execPath, [WORKER, ...args], {
    env: {
      CCT_LEDGER_KEYS_DIR: join(dataDir, 'ledger-keys'),
      ...terminal.environment,
      CCT_DATA_DIR: dataDir,
      CCT_DATABASE_URL: databaseUrl ?? embeddedDatabase(dataDir),
      CCT_LOG_LEVEL: terminal.environment['CCT_LOG_LEVEL'] ?? 'warn',
    },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const status = await new Promise<number | null>((resolve, reject) =>
    child.once('error', reject).once('exit', resolve),
  );
  return status === 0 || status === 2 || status === 64 ? status : 1;
}

/** Address of the embedded PostgreSQL that `npm start` runs: its port and password lie in the data folder. */
function embeddedDatabase(dataDir: string): string {
  const read = (name: string): string => {
    const file = join(dataDir, name);
    try {
      return readFileSync(file, 'utf8').trim();
    } catch (error) {
      const reason = (error as NodeJS.ErrnoException).code ?? String(error);
      throw new CliError(
        'database-unknown',
        `cannot read ${file} (${reason})`,
        'run "npm start" on this data folder, or set CCT_DATABASE_URL',
        2,
      );
    }
  };
  return `postgres://coldchain:${encodeURIComponent(read('postgres-password'))}@127.0.0.1:${read('postgres-port')}/coldchain`;
}
