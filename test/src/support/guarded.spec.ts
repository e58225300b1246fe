import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { sleep } from '@coldchain/kernel';

/** Starts a program that takes ten minutes, and says its number. */
const PARENT = `
  import(${JSON.stringify(new URL('guarded.js', import.meta.url).href)}).then(({ spawnGuarded }) => {
    const child = spawnGuarded('/bin/sleep', ['600']);
    process.stdout.write(String(child.pid) + '\\n');
  });
  setInterval(() => undefined, 1_000);
`;

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe('spawnGuarded', () => {
  it('leaves nothing behind when who started it is killed', async () => {
    const parent = spawn(process.execPath, ['-e', PARENT], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(line.toString());
    expect(isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await once(parent, 'exit');
    for (let looks = 0; looks < 400 && isAlive(pid); looks++) await sleep(25);
    expect(isAlive(pid)).toBe(false);
  });
});
