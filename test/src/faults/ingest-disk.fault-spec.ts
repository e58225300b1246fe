import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Database, migrate } from '@coldchain/database';
import { type RunningPostgres, startPostgres } from '@coldchain/deploy-local';
import { eventually, frame, readings, registerGateways, START, STORED } from '../contract/ingest-fixture.js';
import { freePort } from '../support/index.js';
import { SmallDisk } from '../support/small-disk.js';
import { startIngestProcess } from './ingest-process.js';
import { StoreAndForward } from './store-and-forward.js';

const DISK_MIB = 512;
const LEAST_MIB = 64;
const FRAMES = 12_000;
const READINGS = 60;
const MINUTE = 60_000;
/** As long as nothing is confirmed for so long, it stands still: storing one group takes far less. */
const STILL_MS = 4_000;

const probe = SmallDisk.mount(1);
await probe?.unmount();
if (probe === null) console.warn('SKIPPED "a disk that becomes full": this user may not mount a disk');
const describeWithDisk = probe === null ? describe.skip : describe;

describeWithDisk('a disk of the database that becomes full', () => {
  let disk: SmallDisk;
  let dataDir: string;
  let postgres: RunningPostgres;
  let owner: Database;
  let child: ChildProcess;
  let gateway: StoreAndForward;
  let log: string[];
  beforeEach(async () => {
    const mounted = SmallDisk.mount(DISK_MIB);
    if (mounted === null) throw new Error('the disk cannot be mounted');
    disk = mounted;
    log = [];
    dataDir = mkdtempSync(join(tmpdir(), 'coldchain-full-'));
    postgres = await startPostgres({ dataDir: disk.folder, durable: true });
    await migrate(postgres.url);
    owner = Database.open({ url: postgres.url, role: null, applicationName: 'spec' });
    await registerGateways(owner);
  }, 60_000);
  afterEach(async () => {
    await gateway.close();
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    await owner.close();
    await postgres.stop();
    await disk.unmount();
    rmSync(dataDir, { recursive: true, force: true });
  }, 60_000);

  async function start(leastMib: number): Promise<void> {
    const port = await freePort();
    child = await startIngestProcess({
      databaseUrl: postgres.url,
      dataDir,
      port,
      disk: { path: disk.folder, leastMib },
      logged: (line) => log.push(line),
    });
    gateway = new StoreAndForward([`mqtt://127.0.0.1:${port}`], 'north/g1', FRAMES, {
      payload: (boot, seq) => frame(boot, seq, readings('L1', START + seq * MINUTE, READINGS)),
    });
  }

  /** Nothing is confirmed any more, though much is left. */
  async function standsStill(): Promise<void> {
    let [seen, since] = [-1, performance.now()];
    await eventually(() => {
      if (gateway.confirmed.size !== seen) [seen, since] = [gateway.confirmed.size, performance.now()];
      return performance.now() - since > STILL_MS ? true : undefined;
    }, 120_000);
    expect(gateway.pending).toBeGreaterThan(0);
    expect(gateway.confirmed.size).toBeGreaterThan(0);
  }

  const missing = async (): Promise<number[]> => {
    const rows = await owner.query<{ seq: number }>(`SELECT seq FROM ${STORED}`);
    const stored = new Set(rows.map(({ seq }) => seq));
    return [...gateway.confirmed, ...gateway.acknowledged].filter((seq) => !stored.has(seq));
  };

  async function goesOn(): Promise<void> {
    await eventually(() => (gateway.pending === 0 ? true : undefined), 180_000);
    const [stored] = await owner.query<{ frames: number; numbers: number; readings: number }>(
      `SELECT count(*) AS frames, count(DISTINCT (stream, seq)) AS numbers, sum(n) AS readings FROM reading_frame`,
    );
    expect(stored).toEqual({ frames: FRAMES, numbers: FRAMES, readings: FRAMES * READINGS });
    const [series] = await owner.query<{ readings: number }>('SELECT sum(n) AS readings FROM reading_series');
    expect(series).toEqual({ readings: FRAMES * READINGS });
    expect(await owner.query('SELECT code FROM dead_letter')).toEqual([]);
  }

  const serverLog = (): string => readFileSync(join(disk.folder, 'logs/postgres.log'), 'utf8');

  it('stops acknowledging while there is room, and goes on when there is more', async () => {
    disk.fill(LEAST_MIB * 1.1 + 16);
    await start(LEAST_MIB);
    gateway.start();
    await eventually(() => (log.some((line) => line.includes('disk nearly full')) ? true : undefined), 120_000);
    await standsStill();
    const { freeMib } = disk;
    process.stderr.write(
      `disk: ${freeMib.toFixed(0)} MiB left with a mark at ${LEAST_MIB}, ${gateway.pending} frames wait\n`,
    );
    expect(freeMib).toBeGreaterThan(LEAST_MIB / 4);
    expect(await missing()).toEqual([]);
    disk.empty();
    await goesOn();
    expect(serverLog()).not.toContain('No space left on device');
  }, 300_000);

  it('and not watched, really full: nothing that was acknowledged is missing, and it goes on after a restart of the server', async () => {
    disk.fill(24);
    await start(0);
    gateway.start();
    await eventually(() => (serverLog().includes('No space left on device') ? true : undefined), 120_000);
    await standsStill();
    // Whether the server is still there depends on what found no room: a table only refuses, its log ends it.
    await postgres.stop();
    disk.empty();
    await owner.close();
    postgres = await startPostgres({ dataDir: disk.folder, durable: true });
    owner = Database.open({ url: postgres.url, role: null, applicationName: 'spec' });
    expect(await missing()).toEqual([]);
    await goesOn();
  }, 300_000);
});
