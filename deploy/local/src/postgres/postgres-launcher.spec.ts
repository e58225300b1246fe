import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, lstatSync, mkdtempSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Database } from '@coldchain/database';
import { sleep } from '@coldchain/kernel';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startPostgres } from './postgres-launcher.js';
import { isAlive } from './postmaster.js';

const folders: string[] = [];

/** A data folder that the server's account can reach (or, with mode 0700 and as root, cannot). */
function dataFolder(mode: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'coldchain-launcher-'));
  chmodSync(folder, mode);
  folders.push(folder);
  return join(folder, 'data');
}

async function query<Row>(url: string, sql: string): Promise<Row[]> {
  const database = Database.open({ url, role: null, maxConnections: 1, applicationName: 'spec' });
  try {
    return await database.query<Row>(sql);
  } finally {
    await database.close();
  }
}

afterAll(() => {
  for (const folder of folders) {
    const place = join(folder, 'data', 'postgres');
    const cluster = lstatSync(place, { throwIfNoEntry: false }) === undefined ? null : realpathSync(place);
    if (cluster !== null) rmSync(cluster, { recursive: true, force: true });
    rmSync(folder, { recursive: true, force: true });
  }
});

describe('startPostgres', () => {
  let dataDir: string;
  beforeAll(() => {
    dataDir = dataFolder(0o711);
  });

  it('makes a cluster that only its password opens, and leaves no process', async () => {
    const server = await startPostgres({ dataDir, durable: false });
    expect(server.created).toBe(true);
    await query(server.url, 'CREATE TABLE kept AS SELECT 1 AS one');
    await expect(query(server.url.replace(/:[^:@]+@/, ':wrong@'), 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
    expect(statSync(join(dataDir, 'postgres-password')).mode & 0o777).toBe(0o600);
    await server.stop();
    expect(isAlive(server.pid)).toBe(false);
    await expect(query(server.url, 'SELECT 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('keeps data and port at the next start', async () => {
    const server = await startPostgres({ dataDir, durable: false });
    expect(server.created).toBe(false);
    expect(await query(server.url, 'SELECT one FROM kept')).toEqual([{ one: 1 }]);
    await server.stop();
    const again = await startPostgres({ dataDir, durable: false });
    expect(again.port).toBe(server.port);
    await again.stop();
  });

  it('stops the server of a launcher that was killed, and starts again', async () => {
    const module = new URL('./postgres-launcher.js', import.meta.url).href;
    const source = `import { startPostgres } from '${module}';
      const server = await startPostgres({ dataDir: process.argv[1], durable: false });
      console.log(server.pid); setInterval(() => {}, 1000);`;
    const launcher = spawn(process.execPath, ['--input-type=module', '-e', source, dataDir], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const pid = await new Promise<number>((resolve) => {
      launcher.stdout.once('data', (chunk: Buffer) => resolve(Number(chunk.toString())));
    });
    expect(isAlive(pid)).toBe(true);
    launcher.kill('SIGKILL');
    const server = await startPostgres({ dataDir, durable: false });
    for (let tries = 0; isAlive(pid) && tries < 500; tries++) await sleep(10);
    expect(isAlive(pid)).toBe(false);
    expect(await query(server.url, 'SELECT one FROM kept')).toEqual([{ one: 1 }]);
    await server.stop();
  });

  it('does not touch a program that merely has the number of an old postmaster', async () => {
    const cluster = realpathSync(join(dataDir, 'postgres'));
    writeFileSync(join(cluster, 'postmaster.pid'), `${process.pid}\n${cluster}\n`);
    const server = await startPostgres({ dataDir, durable: false });
    await server.stop();
    expect(isAlive(process.pid)).toBe(true);
  });

  it('says what is wrong with a cluster that it cannot open', async () => {
    const cluster = realpathSync(join(dataDir, 'postgres'));
    const version = join(cluster, 'PG_VERSION');
    writeFileSync(version, '11\n');
    await expect(startPostgres({ dataDir, durable: false })).rejects.toMatchObject({ code: 'cluster-foreign' });
    writeFileSync(version, '18\n');
    rmSync(join(dataDir, 'postgres-password'));
    await expect(startPostgres({ dataDir, durable: false })).rejects.toMatchObject({
      code: 'cluster-password-missing',
    });
  });
});

const asRoot = process.getuid?.() === 0;
if (!asRoot) console.warn('SKIPPED "as root": this run has no root rights');
(asRoot ? describe : describe.skip)('startPostgres as root', () => {
  it('serves a data folder that its account cannot reach from one that it can', async () => {
    const dataDir = dataFolder(0o700);
    const server = await startPostgres({ dataDir, durable: false });
    await query(server.url, 'CREATE TABLE kept AS SELECT 1 AS one');
    await server.stop();
    expect(lstatSync(join(dataDir, 'postgres')).isSymbolicLink()).toBe(true);
    const again = await startPostgres({ dataDir, durable: false });
    expect(again.created).toBe(false);
    expect(await query(again.url, 'SELECT one FROM kept')).toEqual([{ one: 1 }]);
    const owner = spawnSync('ps', ['-o', 'user=', '-p', String(again.pid)], { encoding: 'utf8' });
    if (owner.status === 0) expect(owner.stdout.trim()).not.toBe('root');
    await again.stop();
  });
});
