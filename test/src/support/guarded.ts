import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process';
import { guard } from '@coldchain/deploy-local';

/** Starts a program that watches no pipe of ours; it ends with this process all the same, also when that is killed. */
export function spawnGuarded(program: string, args: readonly string[], options: SpawnOptions = {}): ChildProcess {
  const child = spawn(program, args, { stdio: 'ignore', ...options });
  if (child.pid === undefined) return child;
  const guardian = guard(child.pid, 'TERM');
  child.once('exit', () => guardian.kill('SIGKILL'));
  return child;
}
