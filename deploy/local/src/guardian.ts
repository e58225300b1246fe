import { type ChildProcess, spawn } from 'node:child_process';

/**
 * A shell that waits for the end of our pipe and then sends the signal: it works also when we are killed. For programs
 * that do not watch such a pipe themselves. Whoever saw the program end kills the guardian, before the number can belong
 * to another.
 */
export function guard(pid: number, signal: 'INT' | 'TERM'): ChildProcess {
  const guardian = spawn('/bin/sh', ['-c', 'read -r line; kill -s "$2" "$1"', 'sh', String(pid), signal], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  guardian.unref();
  return guardian;
}
