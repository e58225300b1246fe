import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readLoggerFile, unpackSeries } from '@coldchain/telemetry';
import { describeWithData, repositoryRoot } from '../support/index.js';
import { count, eventually, type IngestFixture, ingestFixture, PASSWORD } from './ingest-fixture.js';

const COLDCHAIN = join(repositoryRoot, 'apps/cli/bin/coldchain.js');

interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

describe('coldchain gateway', () => {
  let fixture: IngestFixture;
  let folder: string;
  beforeAll(async () => {
    fixture = await ingestFixture();
    folder = mkdtempSync(join(tmpdir(), 'coldchain-replay-'));
  });
  afterAll(async () => {
    await fixture.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const connection = (gateway = 'north/g1'): string[] => [
    ...['--url', `mqtt://127.0.0.1:${fixture.ingest().port}`],
    ...['--gateway', gateway],
  ];

  describeWithData('loggers/fridgetag-2l-130500109088_202206081014.txt', 'replaying a real export', (path) => {
    it('stores every reading of it once, also when it is replayed again', async () => {
      const parameters = ['gateway', 'replay', path, '--logger', 'FT-1', '--json', ...connection()];
      const first = await coldchain(parameters);
      expect(first.stderr).toBe('');
      expect(first.status).toBe(0);
      expect(JSON.parse(first.stdout)).toMatchObject({ readings: 10_653, acknowledged: true, rejected: [] });
      expect((await coldchain(parameters)).status).toBe(0);
      const rows = await fixture.owner.query<{ data: string }>(
        `SELECT encode(s.data, 'hex') AS data FROM reading_series s JOIN logger l ON l.id = s.logger
         WHERE l.serial = 'FT-1' ORDER BY s.t0`,
      );
      const stored = rows.flatMap(({ data }) => [...unpackSeries(Buffer.from(data, 'hex'))]);
      expect(stored).toEqual(readLoggerFile(readFileSync(path)).readings);
      expect(await count(fixture.owner, 'dead_letter')).toBe(0);
    }, 60_000);
  });

  it('goes on with its store after kill -9, and no reading is lost or doubled', async () => {
    const store = join(folder, 'killed');
    const hour = 3_600_000;
    const from = new Date(Date.now() - 48 * hour);
    const parameters = [
      ...[
        'gateway',
        'simulate',
        '--logger',
        'SIM-1',
        '--profile',
        'failing-fridge',
        '--seed',
        's',
        '--interval',
        '10000',
      ],
      ...[
        '--from',
        from.toISOString(),
        '--duration',
        '46h',
        '--store',
        store,
        '--frame',
        '40',
        '--json',
        ...connection('north/g2'),
      ],
    ];
    const child = spawn(process.execPath, [COLDCHAIN, ...parameters], { env: environment(), stdio: 'ignore' });
    await eventually(async () => ((await count(fixture.owner, framesOf('g2'))) > 50 ? true : undefined), 20_000);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const again = await coldchain(parameters);
    expect(again.stderr).toBe('');
    expect(again.status).toBe(0);
    const [row] = await fixture.owner.query<{ readings: number; first: Date; last: Date }>(
      `SELECT sum(s.n) AS readings, min(s.t0) AS first, max(s.t1) AS last
       FROM (SELECT logger, t0, t1, n FROM reading_series
             UNION ALL SELECT logger, at, at, 1 FROM reading_single) s
       JOIN logger l ON l.id = s.logger WHERE l.serial = 'SIM-1'`,
    );
    const steps = (46 * hour) / 10_000;
    expect(row).toEqual({ readings: steps + 1, first: from, last: new Date(from.getTime() + 46 * hour) });
  }, 60_000);

  it('simulates a gateway that lost its date, repeats and mixes up its frames: all is stored once, at its true time', async () => {
    const hour = 3_600_000;
    const from = new Date(Math.floor(Date.now() / 1000) * 1000 - 30 * hour);
    const outcome = await coldchain([
      ...['gateway', 'simulate', '--logger', 'SIM-2', '--from', from.toISOString(), '--duration', '24h', '--json'],
      ...['--interval', '60000', '--frame', '10', '--alarm', '2-8', '--store', join(folder, 'faulty')],
      ...['--fault', 'clock-year=1970', '--fault', 'duplicates=0.3', '--fault', 'reordered=0.3'],
      ...['--fault', 'late@+1h/20h=0.2', '--fault', 'power-loss@+4h/12h', ...connection('north/g1')],
    ]);
    expect(outcome.stderr).toMatch(/ALARM SIM-2 above-8 since 1970-01-0/);
    expect(JSON.parse(outcome.stdout)).toMatchObject({ acknowledged: true, open: 0, rejected: [] });
    const [row] = await fixture.owner.query<{ readings: number; times: number; first: Date; last: Date }>(
      `SELECT count(*) AS readings, count(DISTINCT at) AS times, min(at) AS first, max(at) AS last
       FROM logger l CROSS JOIN LATERAL readings(l.id, $1, $2) WHERE l.serial = 'SIM-2'`,
      [new Date(0), new Date(Date.now() + hour)],
    );
    const readings = 24 * 60 + 1;
    expect(row).toMatchObject({ readings, times: readings });
    // The gateway heard the platform's time after the way of one acknowledgement.
    expect(Math.abs((row?.first.getTime() ?? 0) - from.getTime())).toBeLessThan(60_000);
    expect((row?.last.getTime() ?? 0) - (row?.first.getTime() ?? 0)).toBe(24 * hour);
    expect(await count(fixture.owner, 'dead_letter')).toBe(0);
  }, 60_000);

  it.each([['senml-json'], ['senml-cbor']])('sends %s', async (format) => {
    const parameters = ['gateway', 'simulate', '--logger', `SIM-${format}`, '--format', format, '--duration', '1s'];
    expect((await coldchain([...parameters, ...connection('north/g1')])).status).toBe(0);
    expect(await count(fixture.owner, `logger WHERE serial = 'SIM-${format}'`)).toBe(1);
  });

  it('explains faults that it does not know', async () => {
    const outcome = await coldchain(['gateway', 'simulate', '--logger', 'X', '--fault', 'fire', ...connection()]);
    expect(outcome.status).toBe(64);
    expect(outcome.stderr).toMatch(/there is no fault 'fire', only door-open, /);
  });

  it('says when the broker refuses the gateway', async () => {
    const outcome = await coldchain(
      ['gateway', 'simulate', '--logger', 'X', '--duration', '1s', ...connection('north/g1')],
      { CCT_GATEWAY_PASSWORD: 'wrong' },
    );
    expect(outcome.status).toBe(1);
    expect(outcome.stderr).toMatch(/^coldchain: gateway-refused: /);
  });

  const framesOf = (gateway: string): string =>
    `reading_frame WHERE stream IN (SELECT s.id FROM stream s JOIN gateway g ON g.id = s.gateway_id WHERE g.name = '${gateway}')`;
});

function environment(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('CCT_'));
  return { ...Object.fromEntries(inherited), CCT_GATEWAY_PASSWORD: PASSWORD, ...extra };
}

function coldchain(parameters: readonly string[], extra: Readonly<Record<string, string>> = {}): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [COLDCHAIN, ...parameters],
      { env: environment(extra), timeout: 50_000 },
      (error, stdout, stderr) => {
        resolve({ status: error === null ? 0 : Number(error.code ?? -1), stdout, stderr });
      },
    );
  });
}
