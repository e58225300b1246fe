import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, lstatSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sleep } from '@coldchain/kernel';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort } from './free-port.js';
import { REPOSITORY } from './installation.js';
import { isAlive } from './postgres/postmaster.js';

/** One `node deploy/local/dist/main.js` with all that it wrote. */
interface Launcher {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly ended: Promise<number | null>;
}

let folder: string;
let environment: NodeJS.ProcessEnv;
let apiUrl: string;
const launchers: Launcher[] = [];

function launch(): Launcher {
  const child = spawn(process.execPath, ['deploy/local/dist/main.js'], { cwd: REPOSITORY, env: environment });
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
  launchers.push(launcher);
  return launcher;
}

async function started(): Promise<Launcher> {
  const launcher = launch();
  while (!launcher.output().includes('coldchain is ready')) {
    if (launcher.child.exitCode !== null) throw new Error(launcher.output());
    await sleep(50);
  }
  return launcher;
}

/** Numbers of all processes below one (Linux). */
function descendants(parent: number): number[] {
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

async function untilGone(processes: readonly number[]): Promise<number[]> {
  for (let waitedMs = 0; waitedMs < 20_000 && processes.some(isAlive); waitedMs += 50) await sleep(50);
  return processes.filter(isAlive);
}

const readAccounts = (): string => readFileSync(join(folder, 'data', 'demo-accounts.json'), 'utf8');

const supported = process.platform === 'linux';
if (!supported) console.warn('SKIPPED "npm start": this spec reads /proc');
(supported ? describe : describe.skip)('npm start', () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'coldchain-start-'));
    chmodSync(folder, 0o711);
    const port = await freePort();
    apiUrl = `http://127.0.0.1:${port}`;
    environment = {
      PATH: process.env['PATH'],
      CCT_DATA_DIR: join(folder, 'data'),
      CCT_HTTP_PORT: String(port),
      CCT_MQTT_PORT: String(await freePort()),
      CCT_DEMO: 'off',
    };
  });
  afterEach(async () => {
    for (const { child, ended } of launchers.splice(0)) {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      await ended;
    }
  });
  afterAll(() => {
    const place = join(folder, 'data', 'postgres');
    if (lstatSync(place, { throwIfNoEntry: false }) !== undefined)
      rmSync(realpathSync(place), { recursive: true, force: true });
    rmSync(folder, { recursive: true, force: true });
  });

  it('is ready, says what it is not, and leaves no process after Ctrl-C', async () => {
    const { child, output, ended } = await started();
    expect((await fetch(`${apiUrl}/readyz`)).status).toBe(200);
    expect(output()).toContain('not a Hyperledger Fabric network');
    const processes = descendants(child.pid ?? 0);
    expect(processes.length).toBeGreaterThanOrEqual(4);
    child.kill('SIGINT');
    child.kill('SIGINT'); // npm hands the terminal's signal on a second time
    expect(await ended).toBe(0);
    expect(processes.filter(isAlive)).toEqual([]);
  });

  it('keeps accounts and data at a second start, and refuses a second instance', async () => {
    const accounts = readAccounts();
    const { child } = await started();
    const key = (JSON.parse(accounts) as readonly { readonly apiKey: string }[])[0]?.apiKey ?? '';
    const answer = await fetch(`${apiUrl}/v1/organisations`, { headers: { authorization: `Bearer ${key}` } });
    expect(answer.status).toBe(200);
    expect(readAccounts()).toBe(accounts);
    const second = launch();
    expect(await second.ended).toBe(1);
    expect(second.output()).toMatch(/already-running: process \d+ uses/);
    expect(isAlive(child.pid ?? 0)).toBe(true);
  });

  it('takes everything down when it is killed itself, and starts again', async () => {
    const { child } = await started();
    const processes = descendants(child.pid ?? 0);
    child.kill('SIGKILL');
    expect(await untilGone(processes)).toEqual([]);
    const again = await started();
    expect((await fetch(`${apiUrl}/readyz`)).status).toBe(200);
    again.child.kill('SIGTERM');
    expect(await again.ended).toBe(0);
  });

  it('reports a process that ends by itself and stops everything', async () => {
    const { child, output, ended } = await started();
    const processes = descendants(child.pid ?? 0);
    const victim = processes.find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('apps/ledger-worker'));
    process.kill(victim ?? 0, 'SIGKILL');
    expect(await ended).toBe(1);
    expect(output()).toContain('process-ended: ledger-worker ended (SIGKILL)');
    expect(output()).toContain('ledger-worker.log:');
    expect(processes.filter(isAlive)).toEqual([]);
  });
});
