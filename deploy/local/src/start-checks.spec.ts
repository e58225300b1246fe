import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sleep } from '@coldchain/kernel';
import { loadConfiguration } from '@coldchain/runtime';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort } from './free-port.js';
import { lockDataFolder } from './instance-lock.js';
import { takePorts } from './ports.js';
import { isAlive } from './postgres/postmaster.js';
import { ServerChild } from './server-child.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'coldchain-start-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('lockDataFolder', () => {
  const lock = (): string => join(folder, 'lock');

  it('refuses a folder whose holder lives, and says which process that is', () => {
    const holder = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    try {
      writeFileSync(lock(), `${holder.pid}\n`);
      expect(() => lockDataFolder(folder)).toThrow(`process ${holder.pid} uses ${folder}`);
    } finally {
      holder.kill('SIGKILL');
    }
  });

  it('takes over from a holder that is gone, and gives the folder back', () => {
    writeFileSync(lock(), '4194999\n');
    const release = lockDataFolder(folder);
    expect(readFileSync(lock(), 'utf8')).toBe(`${process.pid}\n`);
    release();
    expect(existsSync(lock())).toBe(false);
  });

  it('takes over a lock that was cut off while it was written', () => {
    writeFileSync(lock(), '');
    lockDataFolder(folder)();
    expect(existsSync(lock())).toBe(false);
  });
});

describe('takePorts', () => {
  it.each(['CCT_HTTP_PORT', 'CCT_MQTT_PORT', 'CCT_INGEST_HEALTH_PORT', 'CCT_WORKER_HEALTH_PORT'])(
    'names %s when its port is taken',
    async (variable) => {
      const taken = await freePort();
      const holder = createServer();
      await new Promise<void>((resolve) => holder.listen(taken, '127.0.0.1', resolve));
      try {
        const ports = { CCT_HTTP_PORT: String(await freePort()), CCT_MQTT_PORT: String(await freePort()) };
        const configuration = loadConfiguration('local', { ...ports, [variable]: String(taken) });
        await expect(takePorts(configuration)).rejects.toMatchObject({
          code: 'port-taken',
          details: { nextStep: expect.stringContaining(variable) },
        });
      } finally {
        holder.close();
      }
    },
  );

  it('leaves the MQTT port alone when an external broker is used', async () => {
    const environment = { CCT_HTTP_PORT: String(await freePort()), CCT_MQTT_URL: 'mqtt://user:word@broker.example' };
    expect((await takePorts(loadConfiguration('local', environment))).mqtt).toBeNull();
  });
});

describe('ServerChild', () => {
  const child = (name: string, source: string): ServerChild =>
    new ServerChild({
      name,
      parameters: ['-e', source],
      environment: { PATH: process.env['PATH'] },
      workingFolder: folder,
      logFolder: folder,
      watchesParent: false,
    });

  it('stops a child and reads the tail of its own log only', async () => {
    writeFileSync(join(folder, 'one.log'), 'from an earlier run\n');
    const one = child(
      'one',
      `process.on('SIGTERM', () => process.exit(7)); process.stdin.resume(); console.log('hello');`,
    );
    while (!one.logTail().includes('hello')) await sleep(10);
    expect(one.end).toBeUndefined();
    await one.stop();
    expect(one.end).toBe('status 7');
    expect(one.logTail()).not.toContain('earlier');
    await one.stop();
  });

  it('does not let a program outlive a launcher that was killed', async () => {
    const module = new URL('./server-child.js', import.meta.url).href;
    const source = `import { ServerChild } from '${module}'; const folder = process.argv[1];
      const child = new ServerChild({ name: 'four', parameters: ['-e', 'console.log(process.pid); setInterval(() => {}, 1000)'],
        environment: {}, workingFolder: folder, logFolder: folder, watchesParent: false });
      while (child.logTail() === '    four.log: ') await new Promise((resolve) => setTimeout(resolve, 10));
      console.log(child.logTail().split(' ').at(-1)); setInterval(() => {}, 1000);`;
    const launcher = spawn(process.execPath, ['--input-type=module', '-e', source, folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const pid = await new Promise<number>((resolve) => {
      launcher.stdout.once('data', (chunk: Buffer) => resolve(Number(chunk.toString())));
    });
    expect(isAlive(pid)).toBe(true);
    launcher.kill('SIGKILL');
    for (let tries = 0; isAlive(pid) && tries < 500; tries++) await sleep(10);
    expect(isAlive(pid)).toBe(false);
  });

  it('reports how a child ended by itself', async () => {
    expect(await child('two', 'process.exit(3)').ended).toBe('status 3');
    const killed = child('three', 'setInterval(() => {}, 1000)');
    killed.kill();
    expect(await killed.ended).toBe('SIGKILL');
  });
});
