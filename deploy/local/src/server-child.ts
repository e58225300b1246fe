import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { guard } from './guardian.js';

/** What to run. */
export interface ChildDefinition {
  readonly name: string;
  /** Parameters of `node`. */
  readonly parameters: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  readonly workingFolder: string;
  readonly logFolder: string;
  /** The program stops by itself when its standard input ends (`CCT_PARENT_PIPE`); any other gets a guardian. */
  readonly watchesParent: boolean;
}

const STOP_PATIENCE_MS = 12_000;
const LARGEST_LOG_BYTES = 10_000_000;
const TAIL_LINES = 15;

/**
 * A process that we started: in a group of its own, so that the terminal's Ctrl-C reaches only us and we decide the
 * order; with a pipe or a guardian that ends it when we are gone; its output in a log file.
 */
export class ServerChild {
  readonly name: string;
  readonly logFile: string;
  /** Resolves when it has ended, with what the system says about it. */
  readonly ended: Promise<string>;
  private readonly child: ChildProcess;
  private readonly logStart: number;
  private endedAs: string | undefined;

  constructor(definition: ChildDefinition) {
    this.name = definition.name;
    this.logFile = join(definition.logFolder, `${definition.name}.log`);
    this.logStart = rotate(this.logFile);
    const log = openSync(this.logFile, 'a', 0o600);
    this.child = spawn(process.execPath, definition.parameters, {
      cwd: definition.workingFolder,
      env: { ...definition.environment, CCT_PARENT_PIPE: definition.watchesParent ? '1' : '0' },
      detached: true,
      stdio: ['pipe', log, log],
    });
    closeSync(log);
    // Writing to a child that has just ended is not an error: its end is reported by `ended`.
    this.child.stdin?.on('error', () => undefined);
    const { pid } = this.child;
    const guardian = definition.watchesParent || pid === undefined ? undefined : guard(pid, 'TERM');
    this.ended = new Promise((resolve) => {
      const settle = (how: string): void => {
        guardian?.kill('SIGKILL');
        this.endedAs ??= how;
        resolve(this.endedAs);
      };
      this.child.once('error', (error) => settle(error.message));
      this.child.once('exit', (code, signal) => settle(signal ?? `status ${code}`));
    });
  }

  /** How it ended; undefined while it runs. */
  get end(): string | undefined {
    return this.endedAs;
  }

  /** Asks it to stop and waits; what does not stop in time is killed with its whole group. */
  async stop(): Promise<void> {
    if (this.endedAs !== undefined) return;
    this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.kill(), STOP_PATIENCE_MS);
    await this.ended;
    clearTimeout(timer);
  }

  /** Ends its group at once. */
  kill(): void {
    if (this.endedAs !== undefined || this.child.pid === undefined) return;
    process.kill(-this.child.pid, 'SIGKILL');
  }

  /** The last lines that it wrote since it was started. */
  logTail(): string {
    const text = readFileSync(this.logFile).subarray(this.logStart).toString('utf8');
    const lines = text.trimEnd().split('\n').slice(-TAIL_LINES);
    return lines.map((line) => `    ${basename(this.logFile)}: ${line}`).join('\n');
  }
}

/** Keeps one older log beside a large one; returns where this run begins in the file. */
function rotate(file: string): number {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size < LARGEST_LOG_BYTES) return size;
  renameSync(file, `${file}.1`);
  return 0;
}
