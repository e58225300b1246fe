import { afterEach, describe, expect, it } from '@jest/globals';
import type { ProductProfile } from '@coldchain/chaincode/protocol';
import {
  type ActContext,
  type AggregateUnit,
  aggregateUnit,
  bindLogger,
  disaggregateUnit,
  enterPlace,
  receiveUnits,
  shipUnits,
  unbindLogger,
} from '@coldchain/custody';
import type { Sscc } from '@coldchain/gs1';
import { type Actor, carton, GTIN, HOUR_MS, LOT, serials } from './custody-world.js';
import { EvidenceWorld, INTERVAL_MS } from './evidence-world.js';

const MINUTE = 60_000;
const [ONE, BOX] = [carton(1), carton(3)];
const [OK, MISSING] = ['ok no-objection', 'unknown evidence-missing'];
const EXCEEDED = /^do-not-use (on-hold|temperature-exceeded|budget-exceeded)$/;
const RANGE = { name: 'above 8 °C', comparator: '>', limitMilliCelsius: 8_000, allowedMs: 2 * HOUR_MS } as const;

let world: EvidenceWorld;
afterEach(() => world.close());
const open = async (evidence: ProductProfile['evidence'], members: Partial<ProductProfile> = {}): Promise<void> => {
  world = await EvidenceWorld.open(evidence, { ranges: [RANGE], ...members });
};

/** An act that is captured now and says that it was so long ago. */
const late = <Result>(lateMs: number, work: (context: ActContext) => Promise<Result>, as: Actor = 'maker') =>
  world.api.custody.as(as, (context) => work({ ...context, eventTime: context.clock.now() - lateMs }));

/** Minutes above 8 °C that a unit has spent, as its holder is told. */
async function spentMinutes(sscc: string, as: Actor = 'maker'): Promise<number> {
  await world.evaluate();
  await world.api.anchorAll();
  const { body } = await world.api.expect(200, 'getBudget', { as, query: { code: `(00)${sscc}` } });
  const [budget] = body['budgets'] as { ranges: { usedMs: number }[] }[];
  return (budget?.ranges[0]?.usedMs ?? 0) / MINUTE;
}
/** For how many minutes nothing but what is doubted speaks in each leg of a unit; all of them are part of its gap. */
async function doubtedMinutes(sscc: string): Promise<number[]> {
  const rows = await world.api.custody.owner.query<{ doubted: [number, number][]; gap_ms: number }>(
    `SELECT doubted, gap_ms FROM leg l JOIN unit u ON u.id = l.unit_id WHERE u.sscc = $1 ORDER BY l.started_at, l.id`,
    [sscc],
  );
  return rows.map(({ doubted, gap_ms }) => {
    const ms = doubted.reduce((sum, [from, to]) => sum + to - from, 0);
    expect(gap_ms).toBeGreaterThanOrEqual(ms);
    return ms / MINUTE;
  });
}
/** Legs of a unit: whose, for how many minutes, and how many of them were above 8 °C. */
async function legsOf(sscc: string): Promise<[string, number, number][]> {
  const rows = await world.api.custody.owner.query<{ slug: string; minutes: number; used: number }>(
    `SELECT o.slug, (extract(epoch FROM coalesce(l.ended_at, $2) - l.started_at) / 60)::float8 AS minutes,
            coalesce((l.exposures #>> '{0,usedMs,0}')::bigint, 0) / 60000 AS used
     FROM leg l JOIN unit u ON u.id = l.unit_id JOIN organisation o ON o.id = l.organisation_id
     WHERE u.sscc = $1 ORDER BY l.started_at, l.id`,
    [sscc, new Date(world.api.custody.clock.now())],
  );
  return rows.map(({ slug, minutes, used }) => [slug, Math.round(minutes), used]);
}
/** An hour inside of the limits, then one beyond them. */
const warm = (minute: number): number => (minute < 60 ? 5 : 12);

describe('an act that is captured an hour late', () => {
  it('takes a logger off from the capture on, and another unit may have it from the time of the act on', async () => {
    await open('location-sensor');
    await world.assign('cold-room', 'ROOM');
    await world.pack(ONE, 1, 2, { logger: 'L1', place: 'cold-room' });
    await world.pack(carton(2), 3, 4, { place: 'cold-room' });
    await world.pass(2 * HOUR_MS, { L1: warm, ROOM: 5 });
    const before = await spentMinutes(ONE);
    expect(before).toBeGreaterThanOrEqual(60);
    await late(HOUR_MS, (context) => unbindLogger(context, { sscc: ONE, logger: 'L1' }));
    expect(await spentMinutes(ONE)).toBe(before);
    await late(30 * MINUTE, (context) => bindLogger(context, { sscc: carton(2), logger: 'L1' }));
    expect(await spentMinutes(carton(2))).toBe(30);
    expect(await spentMinutes(ONE)).toBe(before);
  });

  it('takes the only logger off: the leg ends with the capture', async () => {
    await open('logger');
    await world.pack(ONE, 1, 2, { logger: 'L1' });
    await world.pass(2 * HOUR_MS, { L1: warm });
    const before = await spentMinutes(ONE);
    await late(HOUR_MS, (context) => unbindLogger(context, { sscc: ONE, logger: 'L1' }));
    expect(await spentMinutes(ONE)).toBe(before);
    // what is bound for that time counts in the leg that has it
    await late(HOUR_MS, (context) => bindLogger(context, { sscc: ONE, logger: 'L2' }));
    await world.pass(HOUR_MS, { L2: 5 });
    expect(await legsOf(ONE)).toEqual([
      ['maker', 120, before],
      ['maker', 60, 0],
    ]);
  });

  it('receives goods that the vehicle has warmed: they are the receiver’s, and none are lost', async () => {
    await open('location-sensor');
    await world.assign('van', 'VAN');
    await world.pack(ONE, 1, 2);
    await world.api.custody.as('maker', (context) =>
      shipUnits(context, { ssccs: [ONE], receiver: 'north', place: 'van' }),
    );
    await world.pass(2 * HOUR_MS, { VAN: warm });
    const before = await spentMinutes(ONE);
    expect(before).toBeGreaterThanOrEqual(60);
    await late(30 * MINUTE, (context) => receiveUnits(context, { ssccs: [ONE] }), 'north');
    expect(await spentMinutes(ONE, 'north')).toBe(before);
    expect(await legsOf(ONE)).toEqual([
      ['maker', 90, before - 30],
      ['north', 30, 30],
    ]);
  });

  it('receives goods that were put into a place meanwhile', async () => {
    await open('location-sensor');
    await world.assign('cold-room', 'ROOM');
    await world.pack(ONE, 1, 2, { logger: 'L1' });
    await world.pass(2 * HOUR_MS, { L1: 5, ROOM: 5 });
    await late(2 * HOUR_MS, (context) => enterPlace(context, { place: 'cold-room', ssccs: [ONE] }));
    await world.pass(2 * HOUR_MS, { L1: 5, ROOM: warm });
    const before = await spentMinutes(ONE);
    await late(4 * HOUR_MS, (context) => shipUnits(context, { ssccs: [ONE], receiver: 'north' }));
    await late(4 * HOUR_MS, (context) => receiveUnits(context, { ssccs: [ONE] }), 'north');
    expect(await spentMinutes(ONE, 'north')).toBe(before);
    expect((await legsOf(ONE)).reduce((sum, [, , used]) => sum + used, 0)).toBe(before);
  });

  it('receives goods in the middle of a silence that was too long: it stays one silence', async () => {
    await open('logger');
    await world.pack(ONE, 1, 2, { logger: 'L1' });
    await world.pass(HOUR_MS, { L1: 5 });
    await world.api.custody.as('maker', (context) => shipUnits(context, { ssccs: [ONE], receiver: 'north' }));
    await world.pass(100 * MINUTE);
    await late(50 * MINUTE, (context) => receiveUnits(context, { ssccs: [ONE] }), 'north');
    await world.pass(30 * MINUTE, { L1: 5 });
    expect(await world.verdict(ONE, 'north')).toBe('unknown evidence-missing');
  });

  it('leaves a time without evidence where it says that what spoke then was elsewhere', async () => {
    await open('location-sensor');
    await world.assign('van', 'VAN');
    await world.pack(ONE, 1, 2);
    await world.api.custody.as('maker', (context) =>
      shipUnits(context, { ssccs: [ONE], receiver: 'north', place: 'van' }),
    );
    await world.pass(4 * HOUR_MS, { VAN: 5 });
    await late(3 * HOUR_MS, (context) => receiveUnits(context, { ssccs: [ONE] }), 'north');
    expect(await world.verdict(ONE, 'north')).toBe('unknown evidence-missing');
  });

  it('leaves a time without evidence in a place that nothing watched, however late they are said to have come there', async () => {
    await open('location-sensor');
    await world.assign('cold-room', 'ROOM');
    await world.pack(ONE, 1, 2, { place: 'cold-room' });
    await world.pass(4 * HOUR_MS, { ROOM: 5 });
    await late(3 * HOUR_MS, (context) => enterPlace(context, { place: 'shelf', ssccs: [ONE] }));
    await world.assign('shelf', 'VAN');
    await world.pass(MINUTE, { VAN: 5 });
    expect(await world.verdict(ONE)).toBe('unknown evidence-missing');
  });

  it('leaves a time without evidence from when goods are said to have left a place', async () => {
    await open('location-sensor');
    await world.assign('cold-room', 'ROOM');
    await world.assign('van', 'VAN');
    await world.pack(ONE, 1, 2, { place: 'cold-room' });
    await world.pass(4 * HOUR_MS, { ROOM: warm, VAN: 5 });
    const before = await spentMinutes(ONE);
    await world.late('leavePlace', 'cold-room', ONE, 2 * HOUR_MS);
    await world.enter('van', ONE);
    await world.pass(MINUTE, { VAN: 5 });
    expect(await spentMinutes(ONE)).toBeGreaterThanOrEqual(before);
    const [leg] = await world.api.custody.owner.query<{ gap_ms: number }>(
      'SELECT sum(gap_ms)::bigint AS gap_ms FROM leg',
    );
    expect((leg?.gap_ms ?? 0) / MINUTE).toBeGreaterThanOrEqual(119);
  });

  it('leaves none in a place that was watched', async () => {
    await open('location-sensor');
    await world.assign('cold-room', 'ROOM');
    await world.assign('shelf', 'VAN');
    await world.pack(ONE, 1, 2, { place: 'cold-room' });
    await world.pass(4 * HOUR_MS, { ROOM: 5, VAN: 5 });
    await late(3 * HOUR_MS, (context) => enterPlace(context, { place: 'shelf', ssccs: [ONE] }));
    await world.pass(MINUTE, { VAN: 5 });
    expect(await world.verdict(ONE)).toBe('ok no-objection');
  });

  it('leaves a time without evidence between two loggers, however late the first one was taken off', async () => {
    await open('logger');
    await world.pack(ONE, 1, 2, { logger: 'L1' });
    await world.pass(4 * HOUR_MS, { L1: 5 });
    await late(3 * HOUR_MS, (context) => unbindLogger(context, { sscc: ONE, logger: 'L1' }));
    await world.bind(ONE, 'L2');
    await world.pass(MINUTE, { L2: 5 });
    expect(await world.verdict(ONE)).toBe('unknown evidence-missing');
  });

  it('packs what a logger beside and a cold room have watched: both count for the whole until the capture', async () => {
    await open('location-sensor');
    await world.assign('cold-room', 'ROOM');
    await world.pack(ONE, 1, 2, { logger: 'L1', place: 'cold-room' });
    await world.bind(ONE, 'L2');
    await world.pass(2 * HOUR_MS, { L1: 5, L2: (minute) => (minute < 90 ? warm(minute) : 5), ROOM: 5 });
    await world.pass(30 * MINUTE, { L1: 5, L2: 5, ROOM: 12 });
    await late(150 * MINUTE, (context) =>
      aggregateUnit(context, { sscc: BOX, children: [ONE], packs: [], logger: 'L1' }),
    );
    expect(await spentMinutes(BOX)).toBeGreaterThanOrEqual(60);
    // and no longer
    const after = await spentMinutes(BOX);
    await world.pass(HOUR_MS, { L1: 5, L2: 12, ROOM: 12 });
    expect(await spentMinutes(BOX)).toBe(after);
  });

  it('packs what was warm: the time in which loggers adapt after packing does not begin before that', async () => {
    await open('logger', { ignoreAfterPackingMs: 4 * HOUR_MS });
    await world.pack(ONE, 1, 2, { logger: 'L1' });
    await world.pass(5 * HOUR_MS, { L1: 5 });
    await world.pass(HOUR_MS, { L1: 12 });
    // not evaluated, and so not told to anybody, before it is packed
    await late(HOUR_MS, (context) => aggregateUnit(context, { sscc: BOX, children: [ONE], packs: [] }));
    expect(await spentMinutes(BOX)).toBe(60);
  });

  it('packs in the place that the contents came into at the same time, and binds the logger of one of them again', async () => {
    await open('location-sensor');
    await world.assign('cold-room', 'ROOM');
    const at = world.api.custody.clock.now();
    await world.pack(ONE, 1, 2, { logger: 'L1', place: 'cold-room' });
    await world.bind(ONE, 'L2');
    await world.pass(5 * MINUTE, { ROOM: 12, L1: 12, L2: 12 });
    const atOnce = <Result>(work: (context: ActContext) => Promise<Result>): Promise<Result> =>
      world.api.custody.as('maker', (context) => work({ ...context, eventTime: at }));
    await atOnce((context) =>
      aggregateUnit(context, { sscc: BOX, children: [ONE], packs: [], logger: 'L1', place: 'cold-room' }),
    );
    await atOnce((context) => bindLogger(context, { sscc: BOX, logger: 'L2' }));
    expect(await spentMinutes(BOX)).toBe(5);
  });

  it('packs and takes out again at the very time at which the logger was bound', async () => {
    await open('logger');
    await world.pack(ONE, 1, 2);
    const at = world.api.custody.clock.now();
    await world.bind(ONE, 'L1');
    await world.pass(10 * MINUTE, { L1: 12 });
    const atOnce = <Result>(work: (context: ActContext) => Promise<Result>): Promise<Result> =>
      world.api.custody.as('maker', (context) => work({ ...context, eventTime: at }));
    await atOnce((context) => aggregateUnit(context, { sscc: BOX, children: [ONE], packs: [] }));
    await world.pass(10 * MINUTE, { L1: 12 });
    await atOnce((context) => disaggregateUnit(context, { sscc: BOX, children: [ONE] }));
    expect(await spentMinutes(ONE)).toBeGreaterThanOrEqual(20);
    await atOnce((context) => bindLogger(context, { sscc: ONE, logger: 'L1' }));
  });

  it('takes goods out of a unit that is dissolved: its loggers count for them until the capture', async () => {
    await open('logger');
    await world.pack(ONE, 1, 2);
    await world.api.custody.as('maker', (context) =>
      aggregateUnit(context, { sscc: BOX, children: [ONE], packs: [], logger: 'L1' }),
    );
    await world.pass(2 * HOUR_MS, { L1: warm });
    await late(HOUR_MS, (context) => disaggregateUnit(context, { sscc: BOX, children: [ONE] }));
    expect(await spentMinutes(ONE)).toBeGreaterThanOrEqual(60);
  });
});

describe('what is claimed late', () => {
  const claimed = async (lateMs: number): Promise<string> => {
    await open('logger');
    await world.pack(ONE, 1, 2);
    await world.pass(lateMs, { L1: 5 });
    await late(lateMs, (context) => bindLogger(context, { sscc: ONE, logger: 'L1' }));
    return world.verdict(ONE);
  };

  it('is evidence of a logger that was bound as early as acts are captured', async () => {
    expect(await claimed(15 * MINUTE)).toBe(OK);
  });

  it('is none of a logger that was bound hours before, whatever it has measured', async () => {
    expect(await claimed(6 * HOUR_MS)).toBe(MISSING);
    expect(await doubtedMinutes(ONE)).toEqual([345]);
    const { body } = await world.api.expect(200, 'getUnitEvidence', { params: { sscc: ONE } });
    expect(body['findings']).toMatchObject([
      { kind: 'claimed-late', sentence: expect.stringMatching(/^For 6 h what was measured counts against it/) },
    ]);
    // and stays so when it goes on
    await world.pass(HOUR_MS, { L1: 5 });
    expect(await world.verdict(ONE)).toBe(MISSING);
    expect(await doubtedMinutes(ONE)).toEqual([345]);
  });

  it('is judged the same in a leg that was stored before it was kept when sources vouch', async () => {
    expect(await claimed(6 * HOUR_MS)).toBe(MISSING);
    await world.api.custody.owner.query(
      `UPDATE leg SET doubted = '[]', sources = (
         SELECT jsonb_agg(s - 'vouchesFrom' - 'secondedFrom' - 'vouchesUntil') FROM jsonb_array_elements(sources) s)`,
    );
    await world.pass(HOUR_MS, { L1: 5 });
    await world.evaluate();
    const evaluated = await world.evaluated();
    expect(await doubtedMinutes(ONE)).toEqual([345]);
    await world.recompute();
    expect(await world.evaluated()).toEqual(evaluated);
  });

  it('counts against the goods from the time that it is claimed for', async () => {
    await open('logger');
    await world.pack(ONE, 1, 2);
    await world.pass(4 * HOUR_MS, { L1: (minute) => (minute < 180 ? 12 : 5) });
    await late(4 * HOUR_MS, (context) => bindLogger(context, { sscc: ONE, logger: 'L1' }));
    expect(await spentMinutes(ONE)).toBe(180);
    expect(await world.verdict(ONE)).toMatch(EXCEEDED);
  });

  it('is none of a logger that is packed in, nor of packaging', async () => {
    await open('qualified-packaging');
    await world.pack(ONE, 1, 2);
    await world.pack(carton(2), 3, 4);
    await world.pass(6 * HOUR_MS, { L1: 5 });
    const whole = (sscc: Sscc, child: Sscc, more: Partial<AggregateUnit>): Promise<unknown> =>
      late(6 * HOUR_MS - MINUTE, (context) => aggregateUnit(context, { sscc, children: [child], packs: [], ...more }));
    await whole(BOX, ONE, { logger: 'L1' });
    await whole(carton(4), carton(2), { packaging: 'box-24h' });
    expect(await world.verdict(BOX)).toBe(MISSING);
    expect(await world.verdict(carton(4))).toBe(MISSING);
  });

  it('is evidence of a logger that was with the goods before they were packed', async () => {
    await open('logger');
    await world.pack(ONE, 1, 2, { logger: 'L1' });
    await world.pass(6 * HOUR_MS, { L1: 5 });
    await late(5 * HOUR_MS, (context) => aggregateUnit(context, { sscc: BOX, children: [ONE], packs: [] }));
    expect(await world.verdict(BOX)).toBe(OK);
  });

  it('is none of what the logger of one unit says of another one that is packed with it', async () => {
    await open('logger');
    await world.pack(ONE, 1, 2, { logger: 'L1' });
    await world.pack(carton(2), 3, 4);
    await world.pass(3 * HOUR_MS, { L1: 5 });
    await late(3 * HOUR_MS - 1, (context) =>
      aggregateUnit(context, { sscc: BOX, children: [ONE, carton(2)], packs: [], logger: 'L1' }),
    );
    expect(await world.verdict(BOX)).toBe(MISSING);
  });

  it('is evidence of a logger that takes over from one that was with the goods, while both are well', async () => {
    await open('logger');
    await world.pack(ONE, 1, 2, { logger: 'L1' });
    await world.pass(6 * HOUR_MS, { L1: 5, L2: 5 });
    await late(3 * HOUR_MS, (context) =>
      aggregateUnit(context, { sscc: BOX, children: [ONE], packs: [], logger: 'L2' }),
    );
    expect(await world.verdict(BOX)).toBe(OK);
    expect(await doubtedMinutes(BOX)).toEqual([0]);
  });

  it.each([
    ['a logger that is claimed itself', 'bound'],
    ['the sensors that their place has since a minute', 'place'],
  ] as const)('is none of goods beside it that nothing watched but %s', async (_name, kind) => {
    await open('location-sensor');
    await world.api.expect(201, 'registerLogger', {
      role: 'device-manager',
      body: { serial: 'L3', intervalMs: INTERVAL_MS },
    });
    await world.pack(ONE, 1, 2, { logger: 'L1' });
    await world.pack(carton(2), 3, 4, { place: 'shelf' });
    await world.pass(3 * HOUR_MS, { L1: 5, L2: 5, L3: 5 });
    if (kind === 'bound') await late(3 * HOUR_MS, (context) => bindLogger(context, { sscc: carton(2), logger: 'L3' }));
    else await world.assign('shelf', 'L3');
    await world.pass(MINUTE, { L3: 5 });
    await late(3 * HOUR_MS, (context) =>
      aggregateUnit(context, { sscc: BOX, children: [ONE, carton(2)], packs: [], logger: 'L2' }),
    );
    expect(await world.verdict(BOX)).toBe(MISSING);
    expect((await doubtedMinutes(BOX))[0]).toBeGreaterThan(160);
  });

  it('is none for longer than a part of a shift', async () => {
    await open('logger');
    await world.pack(ONE, 1, 2, { logger: 'L1' });
    await world.pass(6 * HOUR_MS, { L1: 5, L2: 5 });
    await late(6 * HOUR_MS - MINUTE, (context) =>
      aggregateUnit(context, { sscc: BOX, children: [ONE], packs: [], logger: 'L2' }),
    );
    expect(await world.verdict(BOX)).toBe(MISSING);
  });
});

describe('goods that were packed or unpacked in a place, which was told late', () => {
  const inRoom = async (): Promise<void> => {
    await open('location-sensor');
    await world.assign('cold-room', 'ROOM');
    await world.pack(ONE, 1, 2, { place: 'cold-room' });
  };
  const room = { place: 'cold-room' };
  const packed = (lateMs: number, more: Partial<AggregateUnit> = room): Promise<unknown> =>
    late(lateMs, (context) => aggregateUnit(context, { sscc: BOX, children: [ONE], packs: [], ...more }));

  it.each([
    ['some hours, and stayed there', 3 * HOUR_MS, room, 'ok no-objection'],
    ['most of a day, and stayed there', 10 * HOUR_MS, room, 'unknown evidence-missing'],
    ['some hours, and are nowhere', 3 * HOUR_MS, {}, 'unknown evidence-missing'],
  ] as const)('have its evidence: %s', async (_name, lateMs, more, expected) => {
    await inRoom();
    await world.pass(12 * HOUR_MS, { ROOM: 5 });
    await packed(lateMs, more);
    expect(await world.verdict(BOX)).toBe(expected);
  });

  it('carry what it measured in between', async () => {
    await inRoom();
    await world.pass(12 * HOUR_MS, { ROOM: (minute) => (minute < 600 ? 5 : 12) });
    await packed(6 * HOUR_MS, {});
    expect(await spentMinutes(BOX)).toBe(120);
    await world.pass(HOUR_MS, { ROOM: 12 });
    expect(await spentMinutes(BOX)).toBe(120);
  });

  it('have none of what packing said to have ended, when they were taken out before it was told', async () => {
    await inRoom();
    await world.pass(6 * HOUR_MS, { ROOM: 5 });
    await packed(5 * HOUR_MS, {});
    await late(4 * HOUR_MS, (context) => disaggregateUnit(context, { sscc: BOX, children: [ONE] }));
    expect(await world.verdict(ONE)).toBe(MISSING);
  });

  it.each([
    [3 * HOUR_MS, 'ok no-objection'],
    [10 * HOUR_MS, 'unknown evidence-missing'],
  ] as const)('are taken out and put back (%d ms late)', async (lateMs, expected) => {
    await inRoom();
    await packed(0);
    await world.pass(12 * HOUR_MS, { ROOM: 5 });
    await late(lateMs, (context) => disaggregateUnit(context, { sscc: BOX, children: [ONE] }));
    await late(lateMs, (context) => enterPlace(context, { place: 'cold-room', ssccs: [ONE] }));
    expect(await world.verdict(ONE)).toBe(expected);
  });
});

describe('goods that were taken out of a unit', () => {
  const boxed = async (): Promise<void> => {
    await open('logger', { ranges: [{ ...RANGE, allowedMs: 20 * HOUR_MS }] });
    await world.pack(ONE, 1, 4, { logger: 'L1' });
    // a twentieth of the budget: not told to the ledger by itself
    await world.pass(2 * HOUR_MS, { L1: warm });
    await world.pack(carton(2), 1, 2, { logger: 'L2' });
  };

  it('carry all that the unit had been through, also for who learns of it by the ledger', async () => {
    await boxed();
    const before = await spentMinutes(carton(2));
    expect(before).toBeGreaterThanOrEqual(60);
    await world.api.deliver('maker', 'north', carton(2));
    expect(await spentMinutes(carton(2), 'north')).toBe(before);
  });

  it('carry what it went through since it was opened before, however early the act says that they left', async () => {
    await open('logger', { ranges: [{ ...RANGE, allowedMs: 20 * HOUR_MS }] });
    await world.pack(ONE, 1, 6, { logger: 'L1' });
    await world.pass(10 * MINUTE, { L1: 5 });
    await world.pack(carton(2), 1, 2);
    await world.pass(2 * HOUR_MS, { L1: 12 });
    const packs = [{ gtin: GTIN, lot: LOT, serials: serials(3, 4) }];
    await late(2 * HOUR_MS, (context) => aggregateUnit(context, { sscc: BOX, children: [], packs }));
    expect(await spentMinutes(BOX)).toBeGreaterThanOrEqual(120);
    await world.api.deliver('maker', 'north', BOX);
    expect(await spentMinutes(BOX, 'north')).toBeGreaterThanOrEqual(120);
  });

  it('carry what a logger has measured that was changed by acts which were captured late, too', async () => {
    await open('logger', { ranges: [{ ...RANGE, allowedMs: 20 * HOUR_MS }] });
    await world.pack(ONE, 1, 2);
    await world.api.custody.as('maker', (context) => aggregateUnit(context, { sscc: BOX, children: [ONE], packs: [] }));
    await world.pass(HOUR_MS);
    await late(50 * MINUTE, (context) => bindLogger(context, { sscc: BOX, logger: 'L1' }));
    await late(49 * MINUTE, (context) => unbindLogger(context, { sscc: BOX, logger: 'L1' }));
    await late(48 * MINUTE, (context) => bindLogger(context, { sscc: BOX, logger: 'L1' }));
    await world.pass(2 * HOUR_MS, { L1: 12 });
    await late(2 * HOUR_MS + 47 * MINUTE, (context) => unbindLogger(context, { sscc: BOX, logger: 'L1' }));
    await late(2 * HOUR_MS + 46 * MINUTE, (context) => bindLogger(context, { sscc: BOX, logger: 'L2' }));
    await world.pass(HOUR_MS, { L2: 12 });
    await late(3 * HOUR_MS + 30 * MINUTE, (context) => disaggregateUnit(context, { sscc: BOX, children: [ONE] }));
    expect(await spentMinutes(ONE)).toBeGreaterThanOrEqual(180);
  });

  it('are not charged with what it goes through afterwards', async () => {
    await boxed();
    await world.pass(MINUTE);
    const before = await spentMinutes(carton(2));
    await world.pass(19 * HOUR_MS, { L1: 12, L2: 5 });
    await world.pass(HOUR_MS, { L1: 5, L2: 5 });
    expect(await spentMinutes(ONE)).toBeGreaterThan(20 * 60 - 1);
    expect(await spentMinutes(carton(2))).toBe(before);
    expect(await world.verdict(carton(2))).toBe('ok no-objection');
    expect(await world.verdict(ONE)).toBe('do-not-use on-hold');
  });
});

describe('a freeze', () => {
  const freeze = { comparator: '<=', limitMilliCelsius: -500, consecutiveMs: HOUR_MS } as const;
  const FROZEN = /^do-not-use (on-hold|frozen)$/;

  it('is not interrupted by changing the logger', async () => {
    await open('logger', { freeze });
    await world.pack(ONE, 1, 2, { logger: 'L1' });
    await world.pass(40 * MINUTE, { L1: -1 });
    await world.unbind(ONE, 'L1');
    await world.pass(MINUTE);
    await world.bind(ONE, 'L2');
    await world.pass(30 * MINUTE, { L2: -1 });
    expect(await world.verdict(ONE)).toMatch(FROZEN);
  });

  it('is not interrupted by packing with the logger that saw it', async () => {
    await open('logger', { freeze });
    await world.pack(ONE, 1, 2, { logger: 'L1' });
    await world.pass(40 * MINUTE, { L1: -1 });
    await world.api.custody.as('maker', (context) => aggregateUnit(context, { sscc: BOX, children: [ONE], packs: [] }));
    await world.pass(30 * MINUTE, { L1: -1 });
    expect(await world.verdict(BOX)).toMatch(FROZEN);
  });
});
