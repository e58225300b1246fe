import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, lstatSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sleep } from '@coldchain/kernel';
import { freePort } from './free-port.js';
import { REPOSITORY } from './installation.js';
import { isAlive } from './postgres/postmaster.js';

/** One `node deploy/local/dist/main.js` with all that it wrote. */
export interface Launcher {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly ended: Promise<number | null>;
}

/** A data folder with ports of its own, and the launchers that a spec starts on it. */
export class LauncherFolder {
  private readonly launchers: Launcher[] = [];

  private constructor(
    private readonly folder: string,
    readonly apiUrl: string,
    readonly environment: NodeJS.ProcessEnv,
  ) {}

  /** @param settings beside folder and ports */
  static async make(settings: NodeJS.ProcessEnv): Promise<LauncherFolder> {
    const folder = mkdtempSync(join(tmpdir(), 'coldchain-start-'));
    // The database server may have an account of its own.
    chmodSync(folder, 0o711);
    const port = await freePort();
    return new LauncherFolder(folder, `http://127.0.0.1:${port}`, {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      // Under npm a launcher watches its parent: it ends with the spec, also when that is killed.
      npm_lifecycle_event: 'start',
      CCT_DATA_DIR: join(folder, 'data'),
      CCT_HTTP_PORT: String(port),
      CCT_MQTT_PORT: String(await freePort()),
      ...settings,
    });
  }

  get dataDir(): string {
    return join(this.folder, 'data');
  }

  read(file: string): string {
    return readFileSync(join(this.dataDir, file), 'utf8');
  }

  launch(settings: NodeJS.ProcessEnv = {}): Launcher {
    const child = spawn(process.execPath, ['deploy/local/dist/main.js'], {
      cwd: REPOSITORY,
      env: { ...this.environment, ...settings },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        output += chunk.toString();
      });
    const launcher = {
      child,
      output: () => output,
      ended: new Promise<number | null>((resolve) => child.once('exit', resolve)),
    };
    this.launchers.push(launcher);
    return launcher;
  }

  /** A launcher that has written `until`. @throws Error with its output when it ends, or its demonstration fails, before */
  async started(until = 'coldchain is ready'): Promise<Launcher> {
    const launcher = this.launch();
    while (!launcher.output().includes(until)) {
      const failed = launcher.child.exitCode !== null || launcher.output().includes('the demonstration is incomplete');
      if (failed) throw new Error(launcher.output());
      await sleep(50);
    }
    return launcher;
  }

  /** Ends every launcher that still runs. */
  async stopAll(): Promise<void> {
    for (const { child, ended } of this.launchers.splice(0)) {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      await ended;
    }
  }

  /** Deletes the folder, and the cluster that it may link to. */
  remove(): void {
    const place = join(this.dataDir, 'postgres');
    if (lstatSync(place, { throwIfNoEntry: false }) !== undefined)
      rmSync(realpathSync(place), { recursive: true, force: true });
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Numbers of all processes below one (Linux). */
export function descendants(parent: number): number[] {
  const parentOf = new Map<number, number>();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const fields = readFileSync(`/proc/${name}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ');
      parentOf.set(Number(name), Number(fields[1]));
    } catch {
      continue; // ended meanwhile
    }
  }
  const children = (of: number): number[] =>
    [...parentOf].filter(([, up]) => up === of).flatMap(([pid]) => [pid, ...children(pid)]);
  return children(parent);
}

/** Those that are still there after a while. */
export async function untilGone(processes: readonly number[]): Promise<number[]> {
  for (let waitedMs = 0; waitedMs < 20_000 && processes.some(isAlive); waitedMs += 50) await sleep(50);
  return processes.filter(isAlive);
}
