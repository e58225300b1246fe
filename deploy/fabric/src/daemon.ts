import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { sleep } from '@coldchain/kernel';
import { baseEnvironment } from './command.js';
import { FabricError } from './fabric-error.js';
import type { Settings } from './node-settings.js';
import { isAlive, startOf } from './process-identity.js';

/** A program that goes on after we end. */
export interface DaemonPlan {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly settings: Settings;
  readonly ports: readonly number[];
}

const LOG_LIMIT_BYTES = 10 * 1024 * 1024;
const TAIL_LINES = 8;
const STOP_PATIENCE_MS = 15_000;
const KILL_PATIENCE_MS = 5_000;
const BETWEEN_LOOKS_MS = 20;

interface Record_ {
  readonly pid: number;
  /** When the operating system says it started: tells it from another process that got the same number. */
  readonly start: string;
  /** Digest of program, arguments and settings: a process with other ones is replaced. */
  readonly plan: string;
}

/** The long-running processes of one network: one record in `run/` and one log in `logs/` for each. */
export class Daemons {
  constructor(
    private readonly runFolder: string,
    private readonly logFolder: string,
  ) {}

  logFile(name: string): string {
    return join(this.logFolder, `${name}.log`);
  }

  /** The process's number; null when it does not run. */
  running(name: string): number | null {
    const record = this.read(name);
    return record !== null && isAlive(record.pid) && startOf(record.pid) === record.start ? record.pid : null;
  }

  /** Whether the process runs as this plan says. */
  runsAs(plan: DaemonPlan): boolean {
    return this.running(plan.name) !== null && this.read(plan.name)?.plan === fingerprint(plan);
  }

  /** Names of all processes that were started and not stopped, whether they live or not. */
  recorded(): string[] {
    if (!existsSync(this.runFolder)) return [];
    return readdirSync(this.runFolder)
      .filter((file) => file.endsWith('.json'))
      .map((file) => file.slice(0, -'.json'.length))
      .sort();
  }

  /** Starts a process in a session of its own; its output goes to its log. */
  start(plan: DaemonPlan): void {
    mkdirSync(this.runFolder, { recursive: true });
    mkdirSync(this.logFolder, { recursive: true });
    const logFile = this.logFile(plan.name);
    if (existsSync(logFile) && statSync(logFile).size > LOG_LIMIT_BYTES) renameSync(logFile, `${logFile}.1`);
    const log = openSync(logFile, 'a', 0o600);
    const child = spawn(plan.program, plan.args, {
      env: { ...baseEnvironment(), ...plan.settings },
      stdio: ['ignore', log, log],
      detached: true,
    });
    closeSync(log);
    // A program that cannot be started has no number, and is reported when its readiness is asked for.
    child.once('error', () => undefined);
    child.unref();
    if (child.pid === undefined) {
      throw new FabricError(
        'program-missing',
        `${plan.program} does not run`,
        'run `npm run fabric -- install`, or correct CCT_FABRIC_BIN',
      );
    }
    const record: Record_ = { pid: child.pid, start: startOf(child.pid), plan: fingerprint(plan) };
    const file = this.recordFile(plan.name);
    writeFileSync(`${file}.new`, JSON.stringify(record));
    renameSync(`${file}.new`, file);
  }

  /**
   * Ends a process: SIGTERM, and SIGKILL where that does not help (every node recovers from its disk).
   * @throws FabricError `process-not-stopped`
   */
  async stop(name: string): Promise<void> {
    for (const [signal, patienceMs] of [
      ['SIGTERM', STOP_PATIENCE_MS],
      ['SIGKILL', KILL_PATIENCE_MS],
    ] as const) {
      const pid = this.running(name);
      if (pid === null) break;
      signalTo(pid, signal);
      for (let waitedMs = 0; waitedMs < patienceMs && this.running(name) !== null; waitedMs += BETWEEN_LOOKS_MS)
        await sleep(BETWEEN_LOOKS_MS);
    }
    const pid = this.running(name);
    if (pid !== null)
      throw new FabricError('process-not-stopped', `${name} (process ${pid}) does not end`, `look at process ${pid}`);
    rmSync(this.recordFile(name), { force: true });
  }

  /** The last lines of a process's log. */
  tail(name: string): string {
    const file = this.logFile(name);
    if (!existsSync(file)) return '(no output)';
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-TAIL_LINES).join('\n');
  }

  private recordFile(name: string): string {
    return join(this.runFolder, `${name}.json`);
  }

  private read(name: string): Record_ | null {
    const file = this.recordFile(name);
    return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record_) : null;
  }
}

function fingerprint({ program, args, settings }: DaemonPlan): string {
  const names = Object.keys(settings).sort();
  return createHash('sha256')
    .update(JSON.stringify([program, args, names.map((name) => [name, settings[name]])]))
    .digest('hex');
}

function signalTo(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
