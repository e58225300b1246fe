import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { aggregateUnit, receiveUnits, shipUnits } from '@coldchain/custody';
import { Database } from '@coldchain/database';
import { type Evaluator, startEvaluator } from '@coldchain/iot-ingest/evaluate';
import { createLogger } from '@coldchain/runtime';
import { allVisible, describeWithData } from '../support/index.js';
import { ApiWorld, type Answered } from './api-world.js';
import { type Actor, carton, GTIN, HOUR_MS, LOT, PROFILE, serials } from './custody-world.js';

let world: ApiWorld;
let ingest: Database;
let evaluator: Evaluator;
let unit = 0;

beforeAll(async () => {
  world = await ApiWorld.open();
  await world.certifiedBatch('logger');
  const { clock, random, url } = world.custody;
  ingest = Database.open({ url, role: 'cct_ingest', applicationName: 'logger-files-spec' });
  const logger = createLogger('spec', 'silent');
  evaluator = startEvaluator({ database: ingest, clock, random, logger, pollMs: 3_600_000 });
});

afterAll(async () => {
  await evaluator.stop();
  await ingest.close();
  await world.close();
});

/** A fresh carton of the maker that `LOGGER-n` watches, on its way to north, and there six hours later. */
let serial: string;
let begun: number;
beforeEach(async () => {
  const { custody } = world;
  serial = `LOGGER-${++unit}`;
  begun = custody.clock.now();
  await custody.logger('maker', serial);
  await custody.as('maker', (context) =>
    aggregateUnit(context, {
      sscc: carton(unit),
      children: [],
      packs: [{ gtin: GTIN, lot: LOT, serials: serials(unit, unit) }],
      logger: serial,
    }),
  );
  custody.clock.advance(HOUR_MS);
  await custody.as('maker', (context) => shipUnits(context, { ssccs: [carton(unit)], receiver: 'north' }));
  custody.clock.advance(5 * HOUR_MS);
  await custody.as('north', (context) => receiveUnits(context, { ssccs: [carton(unit)] }));
  custody.clock.advance(6 * HOUR_MS);
});

/** CSV of every five minutes over [from, to) hours from the packing on. */
function csv(from: number, to: number, celsius: (hour: number) => number, zone = 'Z'): string {
  const rows = ['timestamp,celsius'];
  for (let at = from * HOUR_MS; at < to * HOUR_MS; at += 300_000) {
    rows.push(`${new Date(begun + at).toISOString().slice(0, 19)}${zone},${celsius(at / HOUR_MS)}`);
  }
  return rows.join('\n');
}

const attach = (as: Actor, content: string, more: Record<string, string> = {}): Promise<Answered> =>
  world.call('attachLoggerFile', {
    as,
    role: 'quality',
    params: { sscc: carton(unit) },
    body: { name: 'read-out.csv', content, ...more },
  });

const evaluate = async (): Promise<void> => {
  await allVisible(world.custody.owner);
  await evaluator.runOnce();
};
const legs = () =>
  world.custody.owner.query<{ gap_ms: number; readings: number; exposures: { usedMs: number[] }[]; final: boolean }>(
    `SELECT l.gap_ms, l.readings, l.exposures, l.final FROM leg l JOIN unit u ON u.id = l.unit_id
     WHERE u.sscc = $1 ORDER BY l.started_at`,
    [carton(unit)],
  );

describe('a logger file of a custodian', () => {
  it('fills his leg after the goods have left, and tells nothing about the time of others', async () => {
    await evaluate();
    expect((await legs())[0]).toMatchObject({ gap_ms: 6 * HOUR_MS, final: true });
    const answered = await attach(
      'maker',
      csv(0, 9, (hour) => (hour >= 4 ? 9 : 5)),
      { logger: serial },
    );
    expect(answered).toMatchObject({
      status: 201,
      body: {
        repeated: false,
        evidence: 'readings',
        certificate: 'none',
        zone: { offsetMinutes: 0, assumed: false },
        readings: { inFile: 108, outside: 36, duplicates: 0, differing: 0, stored: 72 },
      },
    });
    await evaluate();
    const [maker, north] = await legs();
    expect(maker).toMatchObject({ gap_ms: 0, readings: 72, final: true, exposures: [{ usedMs: [2 * HOUR_MS] }] });
    expect(north).toMatchObject({ readings: 0 });
    const [recorded] = await world.custody.owner.query<{ used: number }>(
      `SELECT (recorded -> 'exposures' -> 0 -> 'usedMs' ->> 0)::bigint AS used FROM leg ORDER BY id DESC OFFSET 1 LIMIT 1`,
    );
    expect(recorded?.used).toBe(2 * HOUR_MS);
  });

  it('is kept once, adds nothing the second time, and is not read with another zone', async () => {
    const local = csv(0, 2, () => 5, '')
      .replaceAll('T', ' ')
      .replace(' imestamp', 't')
      .replace(/^.*\n/, 'timestamp,celsius\n');
    const first = await attach('maker', local);
    expect(first).toMatchObject({ status: 201, body: { zone: { assumed: true }, readings: { stored: 24 } } });
    expect(await attach('maker', local)).toMatchObject({
      status: 200,
      body: { repeated: true, readings: { stored: 0, duplicates: 24 } },
    });
    expect(await attach('maker', local, { zone: '+02:00' })).toMatchObject({
      status: 409,
      body: { code: 'logger-file-other-zone' },
    });
    const [kept] = await world.custody.owner.query<{ files: number; same: boolean }>(
      `SELECT count(*) AS files, bool_and(content = convert_to($1, 'UTF8')) AS same FROM logger_file
       WHERE serial IS NULL AND zone_assumed`,
      [local],
    );
    expect(kept).toEqual({ files: 1, same: true });
  });

  it('adds nothing that live data of the logger says, and keeps a value that it does not say', async () => {
    await attach('maker', csv(0, 2, () => 5).replaceAll(':02Z', ':41Z'), { logger: serial });
    const later = csv(0, 3, (hour) => (hour > 0.9 && hour < 1.1 ? 9 : 5.1));
    expect(await attach('maker', later, { logger: serial })).toMatchObject({
      body: { readings: { inFile: 36, duplicates: 21, differing: 3, stored: 15 } },
    });
  });

  it('is for who had the unit with this logger', async () => {
    const file = csv(0, 2, () => 5);
    expect(await attach('south', file)).toMatchObject({ status: 404, body: { code: 'unit-unknown' } });
    expect(await attach('maker', file, { logger: 'OTHER' })).toMatchObject({
      status: 409,
      body: { code: 'logger-not-bound' },
    });
    expect(await attach('north', file, { logger: serial })).toMatchObject({
      status: 201,
      body: { readings: { inFile: 24, outside: 24, stored: 0 }, legs: [] },
    });
  });

  it('names the line that cannot be read, and stores nothing', async () => {
    expect(await attach('maker', `${csv(0, 1, () => 5)}\n2026-06-01T10:00:00Z,warm`)).toMatchObject({
      status: 422,
      body: { code: 'temperature-invalid', details: { line: 14 } },
    });
    expect(await attach('maker', 'PK')).toMatchObject({ status: 422, body: { code: 'format-unknown' } });
  });

  it('cannot be written by the role of the API outside of his own legs', async () => {
    const id = world.custody.organisation('maker').id;
    const insert = (at: number): Promise<unknown> =>
      world.custody.api.withOrganisation(id, (transaction) =>
        transaction.query(
          `INSERT INTO reading_series (day, logger, t0, t1, stream, seq, n, lo, hi, data)
           SELECT $1::timestamptz::date, l.id, $1, $1, 0, (SELECT max(id) FROM logger_file), 1, 0, 0, ''
           FROM logger l WHERE serial = $2`,
          [new Date(at), serial],
        ),
      );
    await attach(
      'maker',
      csv(0, 1, () => 5),
    );
    await expect(insert(begun + 8 * HOUR_MS)).rejects.toThrow('row-level security');
    await expect(insert(begun - HOUR_MS)).rejects.toThrow(/row-level security|partition/);
  });
});

describe('a proposed profile', () => {
  it('is judged by the histograms of legs: what would change, and what cannot be told', async () => {
    await attach(
      'maker',
      csv(0, 6, (hour) => (hour >= 4 ? 9 : 5)),
      { logger: serial },
    );
    await evaluate();
    const { gtin: _gtin, version: _version, ...profile } = PROFILE;
    const [range] = profile.ranges;
    const ask = async (as: Actor, allowedMs: number, limitMilliCelsius = 8000): Promise<unknown> => {
      const ranges = [{ ...range, allowedMs, limitMilliCelsius }];
      const { status, body } = await world.call('whatIfProfile', {
        as,
        params: { gtin: GTIN },
        body: { profile: { ...profile, ranges } },
      });
      if (status !== 200) return body['code'];
      return (body['units'] as { sscc: string }[]).find(({ sscc }) => sscc === carton(unit));
    };
    const about = { sscc: carton(unit), profile: `${GTIN}/1`, before: 'within' };
    // The receiver's leg is recorded on the ledger, and the maker does not see its histogram.
    expect(await ask('maker', HOUR_MS)).toMatchObject({ ...about, after: 'exceeded', changes: true, legsMissing: 1 });
    expect(await ask('maker', 2 * HOUR_MS)).toMatchObject({
      ...about,
      after: 'undetermined',
      changes: true,
      legsMissing: 1,
    });
    const shipped = unit;
    unit = 900;
    begun = world.custody.clock.now();
    await world.custody.logger('maker', 'KEPT');
    await world.custody.as('maker', (context) =>
      aggregateUnit(context, {
        sscc: carton(unit),
        children: [],
        packs: [{ gtin: GTIN, lot: LOT, serials: serials(19, 19) }],
        logger: 'KEPT',
      }),
    );
    world.custody.clock.advance(6 * HOUR_MS);
    await attach(
      'maker',
      csv(0, 6, (hour) => (hour >= 4 ? 9 : 5)),
    );
    await evaluate();
    const evidence = { before: 'complete', after: 'complete' };
    const kept = { ...about, sscc: carton(unit), legsMissing: 0, evidence };
    // The last reading's five minutes have not passed yet.
    expect(await ask('maker', HOUR_MS)).toEqual({ ...kept, after: 'exceeded', changes: true });
    expect(await ask('maker', 2 * HOUR_MS)).toEqual({ ...kept, after: 'within', changes: false });
    expect(await ask('maker', 0, 9000)).toMatchObject({ after: 'within' });
    expect(await ask('maker', 0, 8900)).toMatchObject({ after: 'exceeded' });
    unit = shipped;
    expect(await ask('north', HOUR_MS)).toBe('product-not-owned');
    expect(await world.custody.owner.query('SELECT version FROM product_profile')).toHaveLength(1);
  });
});

describeWithData('loggers', 'a FridgeTag 2 of a custodian', (folder) => {
  it('is kept with its certificate and daily summaries, covers no time, and makes nothing ok', async () => {
    const content = readFileSync(`${folder}/fridgetag-2-130400191542_202302140605.txt`, 'utf8');
    const { custody } = world;
    expect(await attach('maker', content, { logger: serial })).toMatchObject({
      status: 201,
      body: { evidence: 'daily-summaries', certificate: 'unverified', readings: { inFile: 0, stored: 0 }, legs: [] },
    });
    await evaluate();
    expect((await legs())[0]).toMatchObject({ readings: 0, gap_ms: 6 * HOUR_MS });
    await world.anchorAll();
    const code = `(01)${GTIN}(21)${String(serials(unit, unit)[0])}`;
    expect(await world.verdict(code, 'north')).toMatch(/^unknown /);
    const [kept] = await custody.owner.query<{ days: number; signature: string }>(
      `SELECT jsonb_array_length(device_records -> 'dailySummaries') AS days,
              device_records -> 'certificate' ->> 'signature' AS signature
       FROM logger_file ORDER BY id DESC LIMIT 1`,
    );
    expect(kept).toMatchObject({ days: 60, signature: expect.stringMatching(/^[0-9a-f]{128}$/) });
  });
});
