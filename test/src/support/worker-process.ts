import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { ownEnvironment } from './child-process.js';
import { repositoryRoot } from './repository.js';

/** A ledger worker, or another server of ours, in a process of its own. */
export class WorkerProcess {
  private constructor(private readonly child: ChildProcess) {}

  /** Starts it; who wants to know when it is active asks the database. */
  static start(
    environment: Readonly<Record<string, string>>,
    program = 'apps/ledger-worker/dist/main.js',
  ): WorkerProcess {
    const child = spawn(process.execPath, [join(repositoryRoot, program)], {
      env: { ...ownEnvironment(), CCT_LOG_LEVEL: 'silent', CCT_PARENT_PIPE: '1', ...environment },
      // It ends with this process, however that ends.
      stdio: ['pipe', 'inherit', 'inherit'],
    });
    return new WorkerProcess(child);
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  get running(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** SIGKILL; returns when it is gone. */
  async kill(): Promise<void> {
    if (!this.running) return;
    const gone = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await gone;
  }

  /** Stops it from running; to everybody else it looks as if it did nothing. */
  pause(): void {
    this.child.kill('SIGSTOP');
  }

  resume(): void {
    this.child.kill('SIGCONT');
  }

  /** SIGTERM; the exit status. */
  async stop(): Promise<number | null> {
    if (this.running) {
      const gone = once(this.child, 'exit');
      this.child.kill('SIGTERM');
      await gone;
    }
    return this.child.exitCode;
  }
}
