import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { sleep } from '@coldchain/kernel';
import { PostgresLauncherError } from './launcher-error.js';

const FAST_STOP_MS = 15_000;
const HARD_STOP_MS = 5_000;

/**
 * Ends a postmaster that a killed launcher left behind, and removes the pid file of one that is no more. A process that
 * merely got the same number is left alone.
 */
export async function stopLeftover(clusterFolder: string): Promise<void> {
  const file = join(clusterFolder, 'postmaster.pid');
  if (!existsSync(file)) return;
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0]);
  if (Number.isSafeInteger(pid) && pid > 1 && serves(pid, clusterFolder)) await stopPostmaster(pid);
  else if (!isAlive(pid) || commandOf(pid) !== null) rmSync(file, { force: true });
}

/**
 * SIGINT is PostgreSQL's fast shutdown: clients are disconnected, transactions rolled back, a checkpoint is written.
 * Where that hangs, SIGQUIT ends at once and the next start recovers from the write-ahead log.
 */
export async function stopPostmaster(pid: number): Promise<void> {
  for (const [signal, patienceMs] of [
    ['SIGINT', FAST_STOP_MS],
    ['SIGQUIT', HARD_STOP_MS],
  ] as const) {
    if (!isAlive(pid)) return;
    signalTo(pid, signal);
    for (let waitedMs = 0; waitedMs < patienceMs; waitedMs += 10) {
      if (!isAlive(pid)) return;
      await sleep(10);
    }
  }
  throw new PostgresLauncherError(
    'postgres-stop-failed',
    `PostgreSQL (process ${pid}) does not stop`,
    `look at process ${pid}`,
  );
}

function signalTo(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Whether a process of that number exists and has not ended (a zombie has). */
export function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid < 1) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  try {
    return !/^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    // No such file system (macOS), or it ended between the two questions: asked again by who waits.
    return !existsSync('/proc/self/stat');
  }
}

function serves(pid: number, clusterFolder: string): boolean {
  const command = isAlive(pid) ? commandOf(pid) : null;
  return command !== null && command.includes('postgres') && command.includes(clusterFolder);
}

/** The command line of a process; null when it cannot be seen. */
export function commandOf(pid: number): string | null {
  try {
    if (existsSync('/proc/self/cmdline')) return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
  } catch {
    return null;
  }
}
