import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { LegRecord, UnitState } from '@coldchain/chaincode/protocol';
import {
  aggregateUnit,
  certifyBatch,
  publishProfile,
  receiveUnits,
  registerBatch,
  shipUnits,
} from '@coldchain/custody';
import { Database } from '@coldchain/database';
import { type Evaluator, startEvaluator } from '@coldchain/iot-ingest/evaluate';
import { createLogger } from '@coldchain/runtime';
import { packSeries } from '@coldchain/telemetry';
import { allVisible } from '../support/index.js';
import { carton, CustodyWorld, EXPIRY, GTIN, HOUR_MS, LOT, PROFILE, serials } from './custody-world.js';

const INTERVAL_MS = 300_000;

let world: CustodyWorld;
let ingest: Database;
let evaluator: Evaluator;
let sequence = 0;

beforeEach(async () => {
  world = await CustodyWorld.open();
  ingest = Database.open({ url: world.url, role: 'cct_ingest', applicationName: 'evaluator-spec' });
  evaluator = startEvaluator({
    database: ingest,
    clock: world.clock,
    random: world.random,
    logger: createLogger('spec', 'silent'),
    // looks only when told
    pollMs: 3_600_000,
  });
  await world.as('maker', (context) => publishProfile(context, { productName: 'Vaccine', profile: PROFILE }));
  await world.as('maker', (context) =>
    registerBatch(context, { gtin: GTIN, lot: LOT, expiry: EXPIRY, profileVersion: 1, serials: serials(1, 10) }),
  );
  await world.as('maker', (context) => certifyBatch(context, { gtin: GTIN, lot: LOT }));
  await world.logger('maker', 'LOG-1');
  await world.as('maker', (context) =>
    aggregateUnit(context, {
      sscc: carton(1),
      children: [],
      packs: [{ gtin: GTIN, lot: LOT, serials: serials(1, 10) }],
      logger: 'LOG-1',
    }),
  );
});

afterEach(async () => {
  await evaluator.stop();
  await ingest.close();
  await world.close();
});

/** One look of the evaluator, when it can see all that was written. */
async function evaluate(): Promise<number> {
  await allVisible(world.owner);
  return evaluator.runOnce();
}

/** Stores one series of the logger as ingest would: `celsius(hour)` every five minutes in [from, to) hours. */
async function measure(fromHour: number, toHour: number, celsius: (hour: number) => number): Promise<void> {
  const start = Date.parse('2026-06-01T00:00:00Z');
  const readings = [];
  for (let at = start + fromHour * HOUR_MS; at < start + toHour * HOUR_MS; at += INTERVAL_MS) {
    readings.push({ at, milliCelsius: Math.round(celsius((at - start) / HOUR_MS) * 1000), humidityPermille: null });
  }
  const series = packSeries('LOG-1', readings);
  await ingest.asProcess(async (transaction) => {
    await transaction.query(`SELECT ensure_reading_partition($1::date)`, [
      new Date(series.firstAt).toISOString().slice(0, 10),
    ]);
    await transaction.query(
      `INSERT INTO reading_series (day, logger, t0, t1, stream, seq, n, lo, hi, data)
       SELECT $1::date, id, $2, $3, 1, $4, $5, $6, $7, $8 FROM logger WHERE serial = 'LOG-1'`,
      [
        new Date(series.firstAt).toISOString().slice(0, 10),
        new Date(series.firstAt),
        new Date(series.lastAt),
        sequence++,
        series.count,
        series.lowMilliCelsius,
        series.highMilliCelsius,
        series.data,
      ],
    );
  });
}

interface StoredLeg {
  readonly readings: number;
  readonly state: unknown;
  readonly exposures: readonly { readonly usedMs: readonly number[]; readonly freezeRunMs: number }[];
  readonly revision: number;
  readonly recorded: LegRecord | null;
  readonly final: boolean;
}
const legs = () => world.owner.query<StoredLeg>('SELECT * FROM leg ORDER BY id');
const excursions = () =>
  world.owner.query<{ rule: string; opened_at: Date; closed_at: Date | null }>(
    'SELECT rule, opened_at, closed_at FROM excursion ORDER BY opened_at, rule',
  );
async function unit(): Promise<UnitState> {
  const [row] = await world.owner.query<{ state: UnitState }>(
    `SELECT state FROM expected_object WHERE object_type = 'unit'`,
  );
  if (row === undefined) throw new Error('no unit');
  return row.state;
}

describe('evaluator', () => {
  it('finds an excursion, keeps it open, and closes it', async () => {
    world.clock.advance(10 * HOUR_MS);
    await measure(0, 2, () => 5);
    await measure(2, 3, () => 9);
    await evaluate();
    expect(await excursions()).toMatchObject([
      { rule: 'above 8 °C', closed_at: null },
      { rule: 'above-storage', closed_at: null },
    ]);
    await measure(3, 4, () => 5);
    await evaluate();
    const closed = await excursions();
    expect(closed).toHaveLength(2);
    expect(closed[0]).toMatchObject({
      opened_at: new Date('2026-06-01T02:00:00Z'),
      closed_at: new Date('2026-06-01T03:00:00Z'),
    });
    expect((await legs())[0]?.exposures[0]?.usedMs).toEqual([HOUR_MS]);
  });

  it('tells the ledger when the budget is passed, and expects the hold that the contract will place', async () => {
    world.clock.advance(30 * HOUR_MS);
    await measure(0, 5, () => 5);
    await measure(5, 15, () => 9);
    await evaluate();
    // ten hours are allowed: the last reading of the ten holds for five minutes that have not passed yet
    expect((await unit()).holds).toEqual([]);
    await measure(15, 15.2, () => 9);
    await evaluate();
    expect((await unit()).holds).toMatchObject([{ kind: 'thermal', reason: 'budget-exceeded' }]);
    const [urgent] = await world.owner.query<{ priority: number }>(
      `SELECT priority FROM outbox WHERE command = 'recordExposure' ORDER BY id DESC LIMIT 1`,
    );
    expect(urgent?.priority).toBe(0);
  });

  it('holds what was frozen, however warm it was on average', async () => {
    world.clock.advance(30 * HOUR_MS);
    await measure(0, 5, () => 6);
    await measure(5, 6.2, () => -0.5);
    await measure(6.2, 12, () => 6);
    await evaluate();
    expect((await unit()).holds).toMatchObject([{ kind: 'thermal', reason: 'freeze-rule' }]);
  });

  it('ends in the same state whatever came late', async () => {
    const day = (hour: number): number => (hour > 3 && hour < 4 ? 9 : 5);
    world.clock.advance(30 * HOUR_MS);
    await measure(0, 8, day);
    await evaluate();
    const [atOnce] = await legs();
    const found = await excursions();
    await world.owner.query('DELETE FROM reading_series');
    await world.owner.query('DELETE FROM excursion');
    await world.owner.query('UPDATE leg SET state = NULL');
    for (const [from, to] of [
      [6, 8],
      [0, 1],
      [3.5, 6],
      [1, 3.5],
      [3, 4],
    ] as const) {
      await measure(from, to, day);
      await evaluate();
    }
    const [piecemeal] = await legs();
    expect(piecemeal?.state).toEqual(atOnce?.state);
    expect(await excursions()).toEqual(found);
  });

  it('folds again and again without recording twice', async () => {
    world.clock.advance(30 * HOUR_MS);
    await measure(0, 8, () => 5);
    await evaluate();
    const before = await world.owner.query('SELECT count(*) FROM custody_event');
    await world.owner.query('DELETE FROM follow_checkpoint');
    await evaluate();
    await evaluate();
    expect(await world.owner.query('SELECT count(*) FROM custody_event')).toEqual(before);
  });

  it('attributes exposure to whose leg it was, and revises an ended leg when readings come late', async () => {
    world.clock.advance(2 * HOUR_MS);
    await world.as('maker', (context) => shipUnits(context, { ssccs: [carton(1)], receiver: 'north' }));
    world.clock.advance(4 * HOUR_MS);
    await world.as('north', (context) => receiveUnits(context, { ssccs: [carton(1)] }));
    world.clock.advance(10 * HOUR_MS);
    await measure(6, 9, () => 5);
    await evaluate();
    await measure(0, 6, (hour) => (hour >= 4 ? 9 : 5));
    await evaluate();
    const [sender, receiver] = await legs();
    expect(sender).toMatchObject({ final: true, exposures: [{ usedMs: [2 * HOUR_MS] }] });
    expect(sender?.recorded?.exposures[0]?.usedMs).toEqual([2 * HOUR_MS]);
    expect(receiver).toMatchObject({ final: false, exposures: [{ usedMs: [0] }] });
    const told = await unit();
    expect(told.total.exposures[0]?.usedMs).toEqual([2 * HOUR_MS]);
    expect(told.legs.map((leg) => leg.custodian)).toContain('ManufacturerMSP:maker');
  });

  it('tells up to when everything is evaluated, and no further while a transaction is open', async () => {
    const confirmedAt = async (): Promise<number> => {
      const [row] = await world.owner.query<{ confirmed_at: Date | null }>(
        'SELECT confirmed_at FROM follow_checkpoint',
      );
      return row?.confirmed_at?.getTime() ?? 0;
    };
    world.clock.advance(HOUR_MS);
    const before = world.clock.now();
    await measure(0, 0.5, () => 5);
    await evaluate();
    while ((await confirmedAt()) < before) {
      world.clock.advance(1_000);
      await evaluate();
    }
    await world.owner.asProcess(async (open) => {
      await open.query('SELECT pg_current_xact_id()');
      const opened = world.clock.now();
      for (let look = 0; look < 3; look++) {
        world.clock.advance(60_000);
        await measure(1 + look, 1.5 + look, () => 5);
        await evaluator.runOnce();
      }
      expect(await confirmedAt()).toBeLessThanOrEqual(opened);
    });
  });
});
