import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes, scryptSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Database, migrate } from '@coldchain/database';
import { type RunningPostgres, startPostgres } from '@coldchain/deploy-local';
import { sleep } from '@coldchain/kernel';
import { repositoryRoot } from '../../support/repository.js';
import type { BenchKeys } from './load.js';

/** Figures begin when this part of the messages is through: new days, new streams and cold code are behind then. */
export const WARM = 0.1;

export const BENCH_PASSWORD = 'password-of-the-bench';

/** A durable PostgreSQL with gateways `bench/g0` to `bench/g999`, and ingest processes on it. */
export class IngestWorld {
  private constructor(
    readonly folder: string,
    private readonly postgres: RunningPostgres,
    readonly owner: Database,
  ) {}

  static async open(gateways: number): Promise<IngestWorld> {
    const folder = mkdtempSync(join(tmpdir(), 'coldchain-bench-'));
    const postgres = await startPostgres({ dataDir: folder, durable: true });
    await migrate(postgres.url);
    const owner = Database.open({ url: postgres.url, role: null, applicationName: 'bench' });
    const hash = cheapHash(BENCH_PASSWORD);
    await owner.query(
      `INSERT INTO organisation (slug, name, party, gln, prefixes, roles, served)
       VALUES ('bench', 'bench', 'BenchMSP:bench', '4012345000009', '{}', '{}', true)`,
    );
    await owner.query(
      `INSERT INTO gateway (organisation_id, name, password_hash) SELECT o.id, 'g' || i, $1
       FROM organisation o, generate_series(0, $2 - 1) i`,
      [hash, gateways],
    );
    return new IngestWorld(folder, postgres, owner);
  }

  /** Address of the database, as its owner. */
  get databaseUrl(): string {
    return this.postgres.url;
  }

  /** Registers the one key that every gateway signs with; null: they have none. Of frames that are stored none may be signed. */
  async useKeys(keys: BenchKeys | null): Promise<void> {
    await this.owner.query('DELETE FROM gateway_key');
    if (keys === null) return;
    await this.owner.query(
      `INSERT INTO gateway_key (gateway_id, kid, algorithm, public_key) SELECT id, 'bench', $1, $2 FROM gateway`,
      [keys.algorithm, keys.publicKey.export({ format: 'der', type: 'spki' })],
    );
  }

  /** The server and what of its settings matters here, in one line. */
  async settings(): Promise<string> {
    const rows = await this.owner.query<{ setting: string }>(
      `SELECT name || ' ' || current_setting(name) AS setting FROM pg_settings WHERE name IN
         ('server_version', 'shared_buffers', 'max_wal_size', 'fsync', 'synchronous_commit') ORDER BY name`,
    );
    return `PostgreSQL: ${rows.map(({ setting }) => setting).join(', ')}`;
  }

  /** Starts `iot-ingest` with these settings; resolves when it says that gateways can connect. */
  async ingest(settings: Readonly<Record<string, string>>): Promise<IngestProcess> {
    const own = Object.entries(process.env).filter(([name]) => !name.startsWith('CCT_'));
    const child = spawn(
      process.execPath,
      [
        ...(process.env['BENCH_NODE_FLAGS'] ?? '').split(' ').filter(Boolean),
        join(repositoryRoot, 'apps/iot-ingest/dist/main.js'),
      ],
      {
        env: {
          ...Object.fromEntries(own),
          CCT_DATABASE_URL: this.postgres.url,
          CCT_DATA_DIR: this.folder,
          // It ends with this process, however that ends.
          CCT_PARENT_PIPE: '1',
          ...settings,
        },
        stdio: ['pipe', 'pipe', 'inherit'],
      },
    );
    const ready = new Promise<number>((resolve, reject) => {
      child.once('exit', (code) => reject(new Error(`iot-ingest ended with ${code}`)));
      createInterface({ input: child.stdout }).on('line', (line) => {
        if (line.includes('"gateways can connect"')) resolve(performance.now());
        else if (/"level":"(error|fatal)"/.test(line)) process.stderr.write(`${line}\n`);
      });
    });
    return { child, readyAt: await ready };
  }

  /** Waits until so many numbered messages are stored; `look` is called when at least a tenth is, with how many. */
  async stored(messages: number, look: (frames: number) => void = () => undefined): Promise<number> {
    let frames = 0;
    let looked: { readonly at: number; readonly frames: number } | null = null;
    // To look costs what is measured, and to look late would be counted as time that was taken: half of what is left.
    const waitMs = (): number => {
      if (looked === null || frames === looked.frames) return 20;
      const perMs = (frames - looked.frames) / (performance.now() - looked.at);
      return Math.min(Math.max((messages - frames) / perMs / 2, 5), 200);
    };
    await this.until(async () => {
      const [row] = await this.owner.query<{ frames: number }>(
        'SELECT coalesce(sum(frames), 0)::int8 AS frames FROM stream_watermark',
      );
      frames = row?.frames ?? 0;
      if (looked === null && frames >= messages * WARM) {
        look(frames);
        looked = { at: performance.now(), frames };
      }
      return frames >= messages;
    }, waitMs);
    return performance.now();
  }

  /** Looks until it is so. To look costs what is measured, so at first it is done seldom. */
  async until(isSo: () => Promise<boolean> | boolean, everyMs: () => number = () => 20): Promise<void> {
    while (!(await isSo())) await sleep(everyMs());
  }

  /** CPU time of all processes of the server so far, µs. */
  serverCpu(): number {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .reduce((sum, pid) => {
        try {
          const parent = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ')[1];
          if (pid === String(this.postgres.pid)) return sum + cpuMicroseconds(Number(pid), 'with-ended-children');
          return parent === String(this.postgres.pid) ? sum + cpuMicroseconds(Number(pid)) : sum;
        } catch {
          // It ended meanwhile.
          return sum;
        }
      }, 0);
  }

  /** Readings in the tables: what a figure must agree with. */
  async readings(): Promise<number> {
    const [row] = await this.owner.query<{ readings: number }>(
      `SELECT ((SELECT coalesce(sum(n), 0) FROM reading_series) + (SELECT count(*) FROM reading_single))::int8 AS readings`,
    );
    return row?.readings ?? 0;
  }

  /** Bytes on the disk per reading, indexes and toast included. */
  async bytes(): Promise<number> {
    const [row] = await this.owner.query<{ bytes: number }>(
      `SELECT sum(pg_total_relation_size(i.inhrelid))::int8 AS bytes FROM pg_inherits i`,
    );
    return row?.bytes ?? 0;
  }

  /** Empties what a round left. */
  async clear(): Promise<void> {
    await this.owner.query(
      'TRUNCATE reading_frame, reading_series, reading_single, stream_watermark, dead_letter, stream RESTART IDENTITY CASCADE',
    );
    await this.owner.query('CHECKPOINT');
  }

  async close(): Promise<void> {
    await this.owner.close();
    await this.postgres.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** As passwords are kept, but at a sixteenth of the cost: that a thousand gateways prove who they are is not measured. */
function cheapHash(password: string): string {
  const salt = randomBytes(16);
  const hash = scryptSync(password, salt, 32, { N: 2 ** 10, r: 8, p: 1 });
  return `scrypt$10$8$1$${salt.toString('base64url')}$${hash.toString('base64url')}`;
}

/** A running `iot-ingest`. */
export interface IngestProcess {
  readonly child: ChildProcess;
  readonly readyAt: number;
}

/** Most memory that the process ever had resident, MB. */
export function peakMemory({ child }: IngestProcess): number {
  const status = readFileSync(`/proc/${child.pid}/status`, 'latin1');
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? Number.NaN) / 1024;
}

/** CPU time of a process so far, µs (clock ticks of 10 ms; proc_pid_stat(5), fields 14 to 17). */
export function cpuMicroseconds(pid: number, which: 'alone' | 'with-ended-children' = 'alone'): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ') ?? [];
  const ticks = fields.slice(11, which === 'alone' ? 13 : 15);
  return ticks.reduce((sum, each) => sum + Number(each), 0) * 10_000;
}

/** Stops it in order. */
export async function stopIngest({ child }: IngestProcess): Promise<void> {
  child.removeAllListeners('exit');
  child.kill('SIGTERM');
  if (child.exitCode === null) await once(child, 'exit');
}
