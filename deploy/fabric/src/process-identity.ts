import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** Linux: the fields of /proc/<pid>/stat after the command's name; null when there is no such process or file system. */
function procFields(pid: number): string[] | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name stands in parentheses and may hold anything.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return null;
  }
}

/**
 * Whether a process of that number exists and has not ended. One whose first thread has ended shows as a zombie while its
 * other threads still hold its ports and files.
 */
export function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid < 1) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const fields = procFields(pid);
  if (fields === null) return !existsSync('/proc/self/stat');
  return (fields[0] !== 'Z' && fields[0] !== 'X') || threadsOf(pid) > 1;
}

function threadsOf(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/task`).length;
  } catch {
    return 0;
  }
}

/** When a process started, as the operating system writes it; empty when it is gone. */
export function startOf(pid: number): string {
  const fields = procFields(pid);
  // Field 22 of proc_pid_stat(5) is the start in clock ticks since boot; the boot's own id tells two boots apart.
  if (fields !== null) return `${bootId()} ${fields[19] ?? ''}`;
  if (existsSync('/proc/self/stat')) return '';
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  } catch {
    return '';
  }
}

/** This process, so that nobody who gets its number later is taken for it. */
export const thisProcess = (): string => `${process.pid} ${startOf(process.pid)}`;

/** Whether a process that {@link thisProcess} described still runs. */
export function isRunning(described: string): boolean {
  const [pid = '', ...start] = described.split(' ');
  return isAlive(Number(pid)) && startOf(Number(pid)) === start.join(' ');
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}
