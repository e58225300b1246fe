import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Database } from '@coldchain/database';
import { simulateColdStore, stateLength } from '@coldchain/forecast';
import { type FlagFollower, startFlagFollower } from '@coldchain/iot-ingest/flags';
import { createLogger } from '@coldchain/runtime';
import type { Reading } from '@coldchain/telemetry';
import { allVisible } from '../support/index.js';
import { ApiWorld } from './api-world.js';
import { HOUR_MS } from './custody-world.js';
import { storeSeries } from './stored-series.js';

const BEGIN = Date.parse('2026-05-01T00:00:00Z');
const STEP_MS = 300_000;
const DAY_H = 24;

/** A fridge for eleven days that loses its power for six hours on the tenth. */
const FAULT_H = 9 * DAY_H + 8;
const FRIDGE = [
  ...simulateColdStore({
    seed: 'f',
    days: 11,
    fault: { kind: 'power-loss', atMs: FAULT_H * HOUR_MS, magnitude: 1 },
  }),
];
const fridge = (hour: number): number => FRIDGE[Math.round((hour * HOUR_MS) / STEP_MS)]?.value ?? Number.NaN;

interface Flag {
  readonly logger: string;
  readonly cause: string;
  readonly at: string;
  readonly score: number;
  readonly expectedAt: string | null;
  readonly detector: string;
}

describe('telemetry flags', () => {
  let world: ApiWorld;
  let ingest: Database;
  let sequence = 0;

  beforeAll(async () => {
    world = await ApiWorld.open();
    ingest = Database.open({ url: world.custody.url, role: 'cct_ingest', applicationName: 'flags-spec' });
    for (const serial of ['LOG-1', 'LOG-2', 'LOG-3', 'LOG-4']) await world.custody.logger('north', serial);
  }, 60_000);
  afterAll(async () => {
    await ingest.close();
    await world.close();
  });

  function follower(mostRows = 50): FlagFollower {
    const logger = createLogger('iot-ingest', 'silent');
    return startFlagFollower({ database: ingest, logger, pollMs: 3_600_000, mostRows });
  }

  /** Stores readings of a logger as ingest would, in rows of six hours. */
  async function measure(serial: string, fromHour: number, toHour: number, celsius = fridge): Promise<void> {
    for (let hour = fromHour; hour < toHour; hour += 6) {
      const readings: Reading[] = [];
      for (let at = BEGIN + hour * HOUR_MS; at < BEGIN + Math.min(hour + 6, toHour) * HOUR_MS; at += STEP_MS) {
        const milliCelsius = Math.round(celsius((at - BEGIN) / HOUR_MS) * 1000);
        readings.push({ at, milliCelsius, humidityPermille: null });
      }
      await ingest.asProcess((transaction) => storeSeries(transaction, serial, readings, sequence++));
    }
  }

  /** One look of a follower that was just started, as after a restart. */
  async function look(): Promise<number> {
    await allVisible(world.custody.owner);
    const started = follower();
    try {
      return await started.runOnce();
    } finally {
      await started.stop();
    }
  }

  async function flagsOf(logger: string): Promise<readonly Flag[]> {
    const { body } = await world.expect(200, 'listFlags', { as: 'north', query: { logger } });
    return body['flags'] as readonly Flag[];
  }

  const watchOf = async (serial: string): Promise<Record<string, unknown>> => {
    const [row] = await world.custody.owner.query<Record<string, unknown>>(
      `SELECT encode(sha256(w.state), 'hex') AS state, w.seen_until, w.readings, w.late, octet_length(w.state) AS bytes
       FROM logger_watch w JOIN logger l ON l.id = w.logger_id WHERE l.serial = $1`,
      [serial],
    );
    return row ?? {};
  };

  it('say nothing of a fridge that is as it was, and that it warms, once', async () => {
    await measure('LOG-1', 0, 9 * DAY_H);
    expect(await look()).toBe(0);
    await measure('LOG-1', 9 * DAY_H, 10 * DAY_H);
    expect(await look()).toBeGreaterThan(0);
    const flags = await flagsOf('LOG-1');
    const hours = flags.map(({ at }) => (Date.parse(at) - BEGIN) / HOUR_MS);
    // The first while the power is lost; what it swings afterwards may be told as well.
    const first = Math.min(...hours);
    expect([first >= FAULT_H, first < FAULT_H + 2]).toEqual([true, true]);
    expect(flags.map(({ cause }) => cause)).toContain('warm');
    // The product was announced to leave its range before it did, by another detector than that of the unusual.
    const ahead = flags.filter(({ cause }) => cause === 'excursion-ahead');
    expect(ahead).toHaveLength(1);
    expect(ahead[0]?.detector).toBe('foresight@3');
    expect(ahead[0]?.score).toBeGreaterThanOrEqual(0.35);
    expect(Date.parse(ahead[0]?.expectedAt ?? '')).toBeGreaterThan(Date.parse(ahead[0]?.at ?? ''));
    expect(flags.find(({ cause }) => cause === 'warm')).toMatchObject({ expectedAt: null, detector: 'cold-chain@3' });
    // One per cause, and once more when it has become twice as bad.
    for (const cause of new Set(flags.map((flag) => flag.cause))) {
      expect([cause, flags.filter((flag) => flag.cause === cause).length <= 2]).toEqual([cause, true]);
    }
  });

  it('do not depend on when the follower looked or was restarted', async () => {
    await measure('LOG-2', 0, 10 * DAY_H);
    for (let hour = 0; hour < 10 * DAY_H; hour += 30) {
      await measure('LOG-3', hour, Math.min(hour + 30, 10 * DAY_H));
      await look();
    }
    const state = async (serial: string): Promise<unknown> => {
      const { state: kept, seen_until: seenUntil, readings } = await watchOf(serial);
      return { kept, seenUntil, readings };
    };
    expect(await state('LOG-3')).toEqual(await state('LOG-2'));
    expect(await state('LOG-2')).toEqual(await state('LOG-1'));
    const told = async (serial: string): Promise<string[]> =>
      (await flagsOf(serial)).map(({ cause, at }) => `${cause} ${at}`).sort();
    expect(await told('LOG-2')).toEqual(await told('LOG-1'));
    expect(await told('LOG-3')).toEqual(await told('LOG-1'));
  }, 60_000);

  it('are not raised again by what comes again or late, and nothing is learned from it', async () => {
    const before = await watchOf('LOG-1');
    const flags = await flagsOf('LOG-1');
    await measure('LOG-1', 9 * DAY_H, 10 * DAY_H);
    await measure('LOG-1', 2 * DAY_H, 2 * DAY_H + 6, () => 30);
    expect(await look()).toBe(0);
    const after = await watchOf('LOG-1');
    expect(after).toEqual({ ...before, late: Number(before['late']) + 288 + 72 });
    expect(await flagsOf('LOG-1')).toEqual(flags);
  });

  it('are raised once by several followers', async () => {
    await measure('LOG-1', 10 * DAY_H, 10 * DAY_H + 12);
    const before = Number((await watchOf('LOG-1'))['readings']);
    await allVisible(world.custody.owner);
    const followers = [follower(2), follower(3)];
    await Promise.all(followers.map((one) => one.runOnce()));
    await Promise.all(followers.map((one) => one.stop()));
    expect(await watchOf('LOG-1')).toMatchObject({ readings: before + 144 });
  });

  it('of many loggers do not keep this process from other work', async () => {
    const serials = Array.from({ length: 120 }, (_, index) => `MANY-${index}`);
    for (const serial of serials) {
      await world.custody.logger('north', serial);
      await measure(serial, 0, 6);
    }
    await allVisible(world.custody.owner);
    const many = follower(1_000);
    // Of its own processor time: on a busy machine others take turns as well.
    const used = (): number => {
      const { user, system } = process.cpuUsage();
      return user + system;
    };
    let [longest, turnedAt] = [0, used()];
    let watched = true;
    const turn = (): void => {
      const now = used();
      [longest, turnedAt] = [Math.max(longest, now - turnedAt), now];
      if (watched) setImmediate(turn);
    };
    turn();
    const begin = used();
    await many.runOnce();
    const took = used() - begin;
    watched = false;
    await many.stop();
    expect(await watchOf('MANY-119')).toMatchObject({ readings: 72 });
    expect(longest / took).toBeLessThan(1 / 3);
  });

  it('take room that does not grow, and are for the organisation of the logger only', async () => {
    expect(Number((await watchOf('LOG-1'))['bytes'])).toBeLessThan(40_000);
    const { body } = await world.expect(200, 'listFlags', { as: 'south' });
    expect(body).toEqual({ flags: [] });
    const events = await world.custody.owner.query('SELECT 1 FROM custody_event');
    expect(events).toEqual([]);
  });

  it('go on from what the version before has learned: nothing is learned anew for a day', async () => {
    await measure('LOG-4', 0, 9 * DAY_H);
    await look();
    const of = `logger_id = (SELECT id FROM logger WHERE serial = 'LOG-4')`;
    const [kept] = await world.custody.owner.query<{ state: Buffer }>(`SELECT state FROM logger_watch WHERE ${of}`);
    // The version before had the same numbers but those of room air, and what it foresaw is learned anew.
    const bytes = inflateRawSync(kept?.state ?? Buffer.alloc(0));
    const before = deflateRawSync(
      bytes.subarray(0, (stateLength('cold-chain', 'cold-chain@2') ?? 0) * Float64Array.BYTES_PER_ELEMENT),
    );
    await world.custody.owner.query(
      `UPDATE logger_watch SET detector = 'cold-chain@2 foresight@1', state = $1 WHERE ${of}`,
      [before],
    );
    await measure('LOG-4', 9 * DAY_H, 10 * DAY_H);
    await look();
    const unusual = (flags: readonly Flag[]): string[] =>
      flags.filter(({ detector }) => detector === 'cold-chain@3').map(({ cause, at }) => `${cause} ${at}`);
    expect(unusual(await flagsOf('LOG-4'))).toEqual(unusual(await flagsOf('LOG-2')));
    expect(unusual(await flagsOf('LOG-4')).length).toBeGreaterThan(0);
  }, 60_000);

  it('skip a series that cannot be read, and go on behind it', async () => {
    await ingest.query(
      `INSERT INTO reading_series (day, logger, t0, t1, stream, seq, n, lo, hi, data)
       SELECT '2026-05-01', id, $1, $1, 1, $2, 1, 0, 0, '\\x07' FROM logger WHERE serial = 'LOG-1'`,
      [new Date(BEGIN), sequence++],
    );
    await measure('LOG-1', 10 * DAY_H + 12, 10 * DAY_H + 18);
    const before = Number((await watchOf('LOG-1'))['readings']);
    await look();
    expect(await watchOf('LOG-1')).toMatchObject({ readings: before + 72 });
  });
});
