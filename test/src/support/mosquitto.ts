import type { ChildProcess } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { once } from 'node:events';
import { freePort } from '@coldchain/deploy-local';
import { sleep } from '@coldchain/kernel';
import { spawnGuarded } from './guarded.js';

/** Full path of a program, also where an ordinary user's path does not look; null: not installed. */
export function findProgram(name: string, ...folders: readonly string[]): string | null {
  const places = [...folders, ...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  for (const folder of places) {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return join(folder, name);
    } catch {
      continue;
    }
  }
  return null;
}

/** Mosquitto, null where it is not installed. */
export const MOSQUITTO = findProgram('mosquitto');

/** A real Mosquitto on a free port, with a folder of its own. It ends with this process, also when that is killed. */
export class Mosquitto {
  private child: ChildProcess | undefined;
  private readonly folder = mkdtempSync(join(tmpdir(), 'coldchain-mosquitto-'));

  private constructor(readonly port: number) {}

  /** Starts it; `settings` are further lines of its configuration. */
  static async start(settings: readonly string[] = []): Promise<Mosquitto> {
    const broker = new Mosquitto(await freePort());
    const lines = [
      `listener ${broker.port} 127.0.0.1`,
      'allow_anonymous true',
      'max_queued_messages 0',
      'max_inflight_messages 2000',
      'persistence true',
      `persistence_location ${broker.folder}/`,
      ...settings,
    ];
    writeFileSync(join(broker.folder, 'mosquitto.conf'), `${lines.join('\n')}\n`);
    await broker.begin();
    return broker;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`;
  }

  /** Its process; 0: none runs. */
  get pid(): number {
    return this.child?.pid ?? 0;
  }

  /** Starts the program again after {@link kill}. */
  async begin(): Promise<void> {
    if (MOSQUITTO === null) throw new Error('mosquitto is not installed');
    // As root it would drop to a user that cannot read our folder.
    const child = spawnGuarded(MOSQUITTO, ['-c', join(this.folder, 'mosquitto.conf')]);
    this.child = child;
    for (let tries = 0; !(await answers(this.port)); tries++) {
      if (child.exitCode !== null || tries > 200) throw new Error(`mosquitto did not start (${child.exitCode})`);
      await sleep(25);
    }
  }

  /** kill -9; `forget`: its persistence is deleted, as after the loss of its disk. */
  async kill({ forget }: { readonly forget: boolean }): Promise<void> {
    const { child } = this;
    if (child !== undefined && child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    if (forget) rmSync(join(this.folder, 'mosquitto.db'), { force: true });
  }

  async close(): Promise<void> {
    await this.kill({ forget: false });
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
