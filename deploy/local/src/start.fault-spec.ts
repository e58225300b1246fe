import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { isAlive } from './postgres/postmaster.js';
import { descendants, LauncherFolder, untilGone } from './spec-launcher.js';

const supported = process.platform === 'linux';
if (!supported) console.warn('SKIPPED "npm start": this spec reads /proc');
(supported ? describe : describe.skip)('npm start', () => {
  let folder: LauncherFolder;
  beforeAll(async () => {
    folder = await LauncherFolder.make({ CCT_DEMO: 'off' });
  });
  afterEach(() => folder.stopAll());
  afterAll(() => folder.remove());

  it('is ready, says what it is not, and leaves no process after Ctrl-C', async () => {
    const { child, output, ended } = await folder.started();
    expect((await fetch(`${folder.apiUrl}/readyz`)).status).toBe(200);
    expect(output()).toContain('not a Hyperledger Fabric network');
    const processes = descendants(child.pid ?? 0);
    expect(processes.length).toBeGreaterThanOrEqual(4);
    child.kill('SIGINT');
    child.kill('SIGINT'); // npm hands the terminal's signal on a second time
    expect(await ended).toBe(0);
    expect(processes.filter(isAlive)).toEqual([]);
  });

  it('keeps accounts and data at a second start, and refuses a second instance', async () => {
    const accounts = folder.read('demo-accounts.json');
    const { child } = await folder.started();
    const key = (JSON.parse(accounts) as readonly { readonly apiKey: string }[])[0]?.apiKey ?? '';
    const answer = await fetch(`${folder.apiUrl}/v1/organisations`, { headers: { authorization: `Bearer ${key}` } });
    expect(answer.status).toBe(200);
    expect(folder.read('demo-accounts.json')).toBe(accounts);
    const second = folder.launch();
    expect(await second.ended).toBe(1);
    expect(second.output()).toMatch(/already-running: process \d+ uses/);
    expect(isAlive(child.pid ?? 0)).toBe(true);
  });

  it('takes everything down when it is killed itself, and starts again', async () => {
    const { child } = await folder.started();
    const processes = descendants(child.pid ?? 0);
    child.kill('SIGKILL');
    expect(await untilGone(processes)).toEqual([]);
    const again = await folder.started();
    expect((await fetch(`${folder.apiUrl}/readyz`)).status).toBe(200);
    again.child.kill('SIGTERM');
    expect(await again.ended).toBe(0);
  });

  it('reports a process that ends by itself and stops everything', async () => {
    const { child, output, ended } = await folder.started();
    const processes = descendants(child.pid ?? 0);
    const victim = processes.find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('apps/ledger-worker'));
    process.kill(victim ?? 0, 'SIGKILL');
    expect(await ended).toBe(1);
    expect(output()).toContain('process-ended: ledger-worker ended (SIGKILL)');
    expect(output()).toContain('ledger-worker.log:');
    expect(processes.filter(isAlive)).toEqual([]);
  });
});
