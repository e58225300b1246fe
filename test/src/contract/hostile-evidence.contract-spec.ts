import { afterEach, describe, expect, it } from '@jest/globals';
import type { ProductProfile } from '@coldchain/chaincode/protocol';
import { carton, GTIN, HOUR_MS } from './custody-world.js';
import { EvidenceWorld } from './evidence-world.js';
import { glnOf } from '@coldchain/gs1';

const MINUTE = 60_000;

let world: EvidenceWorld;
afterEach(() => world.close());
const open = async (evidence: ProductProfile['evidence'], members: Partial<ProductProfile> = {}): Promise<void> => {
  world = await EvidenceWorld.open(evidence, members);
};

const OK = 'ok no-objection';
const MISSING = 'unknown evidence-missing';
const EXCEEDED = 'do-not-use temperature-exceeded';
const [ONE, TWO, BOX] = [carton(1), carton(2), carton(3)];

describe('the sensor of a place', () => {
  it('speaks for what is there, while it is there and the sensor speaks', async () => {
    await open('location-sensor');
    await world.assign('cold-room', 'ROOM');
    await world.pack(ONE, 1, 2, { place: 'cold-room' });
    await world.pass(3 * HOUR_MS, { ROOM: 5 });
    expect(await world.verdict(ONE)).toBe(OK);
    // silent now
    await world.pass(HOUR_MS + 10 * 60_000);
    expect(await world.verdict(ONE)).toBe(MISSING);
  });

  it('is no evidence where the profile asks for a logger with the goods', async () => {
    await open('logger');
    await world.assign('cold-room', 'ROOM');
    await world.pack(ONE, 1, 2, { place: 'cold-room' });
    await world.pass(3 * HOUR_MS, { ROOM: 5 });
    expect(await world.verdict(ONE)).toBe(MISSING);
  });

  it('does not speak for goods that have left', async () => {
    await open('location-sensor');
    await world.assign('cold-room', 'ROOM');
    await world.pack(ONE, 1, 2, { place: 'cold-room' });
    await world.pass(2 * HOUR_MS, { ROOM: 5 });
    await world.leave('cold-room', ONE);
    await world.pass(2 * HOUR_MS, { ROOM: 5 });
    expect(await world.verdict(ONE)).toBe(MISSING);
  });

  it('does not speak for goods that stand in another place without a sensor, nor harm them', async () => {
    await open('location-sensor');
    await world.assign('cold-room', 'ROOM');
    await world.pack(ONE, 1, 2, { place: 'cold-room' });
    await world.pass(2 * HOUR_MS, { ROOM: 5 });
    await world.enter('shelf', ONE);
    await world.pass(12 * HOUR_MS, { ROOM: 20 });
    // in one place at a time: what the first one measures is nobody's exposure here, and no evidence either
    expect(await world.verdict(ONE)).toBe(MISSING);
    const places = await world.api.custody.owner.query(
      `SELECT p.name, n.left_at IS NULL AS inside FROM unit_presence n JOIN place p ON p.id = n.place_id ORDER BY n.entered_at`,
    );
    expect(places).toEqual([
      { name: 'cold-room', inside: false },
      { name: 'shelf', inside: true },
    ]);
  });

  it('does not speak for the time before it was assigned, although it measured then', async () => {
    await open('location-sensor');
    await world.pack(ONE, 1, 2, { place: 'cold-room' });
    await world.pass(3 * HOUR_MS, { ROOM: 5 });
    await world.assign('cold-room', 'ROOM');
    await world.pass(HOUR_MS, { ROOM: 5 });
    expect(await world.verdict(ONE)).toBe(MISSING);
  });

  it('does not speak for the time before the goods came', async () => {
    await open('location-sensor');
    await world.assign('cold-room', 'ROOM');
    await world.pack(ONE, 1, 2);
    await world.pass(3 * HOUR_MS, { ROOM: 5 });
    await world.enter('cold-room', ONE);
    await world.pass(HOUR_MS, { ROOM: 5 });
    expect(await world.verdict(ONE)).toBe(MISSING);
  });

  it('speaks no longer when it was taken out, also not with what it measures elsewhere', async () => {
    await open('location-sensor');
    await world.assign('cold-room', 'ROOM');
    await world.pack(ONE, 1, 2, { place: 'cold-room' });
    await world.pass(HOUR_MS, { ROOM: 5 });
    await world.api.expect(200, 'removePlaceLogger', {
      role: 'device-manager',
      params: { place: 'cold-room', logger: 'ROOM' },
    });
    await world.assign('shelf', 'ROOM');
    await world.pass(2 * HOUR_MS, { ROOM: 5 });
    expect(await world.verdict(ONE)).toBe(MISSING);
  });

  it('of a sender does not speak for goods that were shipped, and of nobody for those of another custodian', async () => {
    await open('location-sensor');
    await world.assign('cold-room', 'ROOM');
    await world.pack(ONE, 1, 2, { place: 'cold-room' });
    await world.pass(HOUR_MS, { ROOM: 5 });
    await world.api.deliver('maker', 'north', ONE);
    await world.pass(2 * HOUR_MS, { ROOM: 5 });
    expect(await world.verdict(ONE, 'north')).toBe(MISSING);
    // a record of presence that somebody forgot to end counts for nothing
    await world.api.custody.owner.query('UPDATE unit_presence SET left_at = NULL');
    await world.api.custody.owner.query('INSERT INTO leg_change (leg_id) SELECT id FROM leg');
    expect(await world.verdict(ONE, 'north')).toBe(MISSING);
  });

  it('of a vehicle speaks on the way, and a hot way counts', async () => {
    await open('location-sensor');
    await world.assign('cold-room', 'ROOM');
    await world.assign('van', 'VAN');
    await world.pack(ONE, 1, 2, { place: 'cold-room' });
    await world.pack(TWO, 3, 4, { place: 'cold-room' });
    await world.pass(HOUR_MS, { ROOM: 5, VAN: 20 });
    const ship = { receiver: 'north', place: 'van' };
    await world.api.expect(201, 'shipUnits', { role: 'shipper', body: { ssccs: [ONE], ...ship } });
    await world.pass(11 * HOUR_MS, { ROOM: 5, VAN: 9 });
    expect(await world.verdict(ONE)).toBe('do-not-use on-hold');
    expect(await world.verdict(TWO)).toBe(OK);
  });

  it('of what goods are reloaded into on their way speaks from then on, until they are received', async () => {
    await open('location-sensor');
    await world.assign('van', 'VAN');
    await world.assign('cold-room', 'ROOM');
    await world.pack(ONE, 1, 2);
    await world.api.expect(201, 'shipUnits', {
      role: 'shipper',
      body: { ssccs: [ONE], receiver: 'north', place: 'van' },
    });
    await world.pass(2 * HOUR_MS, { VAN: 5 });
    await world.enter('cold-room', ONE);
    await world.pass(2 * HOUR_MS, { ROOM: 5, VAN: 20 });
    await world.enter('van', ONE);
    await world.pass(2 * HOUR_MS, { ROOM: 20, VAN: 9 });
    await world.evaluate();
    await world.api.expect(201, 'receiveUnits', { as: 'north', role: 'shipper', body: { ssccs: [ONE] } });
    await world.pass(30 * MINUTE, { ROOM: 20, VAN: 20 });
    expect(await world.verdict(ONE, 'north')).toBe(OK);
    const { body } = await world.api.expect(200, 'getBudget', { as: 'north', query: { code: `(00)${ONE}` } });
    const [budget] = body['budgets'] as { ranges: { usedMs: number }[] }[];
    expect(budget?.ranges[0]?.usedMs).toBe(2 * HOUR_MS);
  });

  it('cannot be claimed on the way by who has no custody yet, nor by who had it', async () => {
    await open('location-sensor');
    await world.place('dock', { kind: 'location', gln: glnOf('9520003', 1), extension: null }, 'north');
    await world.pack(ONE, 1, 2);
    await world.api.ship('maker', 'north', ONE);
    const early = { as: 'north', role: 'shipper', params: { place: 'dock' }, body: { ssccs: [ONE] } } as const;
    expect(await world.api.refused('enterPlace', early)).toBe('403 not-custodian');
    await world.api.expect(201, 'receiveUnits', { as: 'north', role: 'shipper', body: { ssccs: [ONE] } });
    const late = { role: 'shipper', params: { place: 'van' }, body: { ssccs: [ONE] } } as const;
    expect(await world.api.refused('enterPlace', late)).toBe('403 not-custodian');
  });

  it('does not speak for a carton that was packed into a box that is elsewhere', async () => {
    await open('location-sensor');
    await world.assign('cold-room', 'ROOM');
    await world.pack(ONE, 1, 2, { place: 'cold-room' });
    await world.pass(HOUR_MS, { ROOM: 5 });
    await world.api.expect(201, 'aggregateUnit', { role: 'shipper', body: { sscc: BOX, children: [ONE] } });
    await world.pass(2 * HOUR_MS, { ROOM: 5 });
    expect(await world.verdict(ONE)).toBe(MISSING);
  });

  it('is not with a unit at the same time', async () => {
    await open('location-sensor');
    await world.assign('cold-room', 'ROOM');
    await world.pack(ONE, 1, 2, { logger: 'L1' });
    const bind = { role: 'shipper', params: { sscc: ONE }, body: { logger: 'ROOM' } } as const;
    expect(await world.api.refused('bindLogger', bind)).toBe('409 logger-in-place');
    const assign = { role: 'device-manager', params: { place: 'shelf' } } as const;
    expect(await world.api.refused('assignPlaceLogger', { ...assign, body: { logger: 'L1' } })).toBe(
      '409 logger-bound',
    );
    expect(await world.api.refused('assignPlaceLogger', { ...assign, body: { logger: 'ROOM' } })).toBe(
      '409 logger-in-place',
    );
    const enter = { role: 'shipper', params: { place: 'nowhere' }, body: { ssccs: [ONE] } } as const;
    expect(await world.api.refused('enterPlace', enter)).toBe('404 place-unknown');
    const leave = { role: 'shipper', params: { place: 'shelf' }, body: { ssccs: [ONE] } } as const;
    expect(await world.api.refused('leavePlace', leave)).toBe('409 unit-not-in-place');
  });
});

describe('an act at a place that is captured late', () => {
  const range = { name: 'above 8 °C', comparator: '>', limitMilliCelsius: 8_000, allowedMs: 30 * MINUTE } as const;
  const isHotAtLast = (minute: number): number => (minute > 60 ? 20 : 5);
  const noneOk = async (): Promise<void> => {
    expect(await world.verdict(ONE)).toMatch(/^(do-not-use|unknown) /);
    const [leg] = await world.api.custody.owner.query<{ used: number }>(
      `SELECT max((exposures #>> '{0,usedMs,0}')::bigint) AS used FROM leg`,
    );
    expect(leg?.used).toBeGreaterThanOrEqual(35 * MINUTE);
  };

  it('does not take away what the place that is left has measured', async () => {
    await open('location-sensor', { ranges: [range] });
    await world.assign('cold-room', 'ROOM');
    await world.pack(ONE, 1, 2, { place: 'cold-room' });
    await world.pass(100 * MINUTE, { ROOM: isHotAtLast });
    await world.late('leavePlace', 'cold-room', ONE, 45 * MINUTE);
    await noneOk();
  });

  it('does not take it away when another place is entered either: both count', async () => {
    await open('location-sensor', { ranges: [range] });
    await world.assign('cold-room', 'ROOM');
    await world.assign('shelf', 'L1');
    await world.pack(ONE, 1, 2, { place: 'cold-room' });
    await world.pass(100 * MINUTE, { ROOM: isHotAtLast, L1: 5 });
    await world.late('enterPlace', 'shelf', ONE, 45 * MINUTE);
    await noneOk();
  });

  it('makes no evidence out of hours in which the goods were in no place', async () => {
    await open('location-sensor');
    await world.assign('cold-room', 'ROOM');
    await world.pack(ONE, 1, 2);
    await world.pass(2 * HOUR_MS, { ROOM: 5 });
    await world.late('enterPlace', 'cold-room', ONE, 2 * HOUR_MS - MINUTE);
    expect(await world.verdict(ONE)).toBe(MISSING);
  });

  it('is taken for some hours where both places were watched and cool', async () => {
    await open('location-sensor');
    await world.assign('cold-room', 'ROOM');
    await world.assign('shelf', 'L1');
    await world.pack(ONE, 1, 2, { place: 'cold-room' });
    await world.pass(3 * HOUR_MS, { ROOM: 5, L1: 5 });
    await world.late('enterPlace', 'shelf', ONE, 2 * HOUR_MS);
    expect(await world.verdict(ONE)).toBe(OK);
  });

  it('is not taken for hours in which the place that is left was silent', async () => {
    await open('location-sensor');
    await world.assign('cold-room', 'ROOM');
    await world.assign('shelf', 'L1');
    await world.pack(ONE, 1, 2, { place: 'cold-room' });
    await world.pass(HOUR_MS, { ROOM: 5, L1: 5 });
    await world.pass(2 * HOUR_MS, { L1: 5 });
    expect(await world.verdict(ONE)).toBe(MISSING);
    await world.late('enterPlace', 'shelf', ONE, 2 * HOUR_MS);
    expect(await world.verdict(ONE)).toBe(MISSING);
  });
});

describe('a place of who gave goods up to a claimant', () => {
  it('does not speak for them when they come back to him', async () => {
    await open('location-sensor');
    await world.assign('cold-room', 'ROOM');
    await world.pack(ONE, 1, 2, { place: 'cold-room' });
    await world.pass(10 * MINUTE, { ROOM: 5 });
    const ssccs = [ONE];
    await world.api.expect(201, 'receiveUnits', { as: 'south', role: 'dispenser', body: { ssccs, unannounced: true } });
    await world.pass(MINUTE);
    await world.api.expect(201, 'resolveDiscrepancy', { as: 'south', body: { ssccs } });
    await world.pass(MINUTE);
    await world.api.expect(201, 'resolveDiscrepancy', { body: { ssccs, custodyTo: 'south' } });
    const inside = await world.api.custody.owner.query('SELECT FROM unit_presence WHERE left_at IS NULL');
    expect(inside).toEqual([]);
  });
});

describe('a profile that allows no gap', () => {
  it('takes a reading for a quarter of an hour at most, whatever interval its logger declares', async () => {
    await open('logger', { gap: { allowedMs: 0, policy: 'unknown' } });
    const slow = { serial: 'SLOW', intervalMs: 24 * HOUR_MS };
    await world.api.expect(201, 'registerLogger', { role: 'device-manager', body: slow });
    await world.pack(ONE, 1, 2, { logger: 'SLOW' });
    const reading = { at: world.api.custody.clock.now(), milliCelsius: 5_000, humidityPermille: null };
    await world.store('SLOW', [reading]);
    await world.pass(14 * MINUTE);
    expect(await world.verdict(ONE)).toBe(OK);
    await world.pass(2 * MINUTE);
    expect(await world.verdict(ONE)).toBe(MISSING);
  });
});

describe('a logger with the goods', () => {
  it('that was taken off does not speak for what stays behind', async () => {
    await open('logger');
    await world.pack(ONE, 1, 2, { logger: 'L1' });
    await world.pass(2 * HOUR_MS, { L1: 5 });
    await world.unbind(ONE, 'L1');
    await world.pack(TWO, 3, 4, { logger: 'L1' });
    await world.pass(2 * HOUR_MS, { L1: 5 });
    expect(await world.verdict(ONE)).toBe(MISSING);
    expect(await world.verdict(TWO)).toBe(OK);
  });

  it('that was taken off is followed by the sensor of the place, where the profile takes that', async () => {
    await open('location-sensor');
    await world.assign('cold-room', 'ROOM');
    await world.pack(ONE, 1, 2, { logger: 'L1', place: 'cold-room' });
    await world.pass(2 * HOUR_MS, { L1: 5, ROOM: 5 });
    await world.unbind(ONE, 'L1');
    await world.pass(2 * HOUR_MS, { ROOM: 5 });
    expect(await world.verdict(ONE)).toBe(OK);
  });

  it('that died is covered by the other one, and by nobody when both are silent', async () => {
    await open('logger');
    await world.pack(ONE, 1, 2, { logger: 'L1' });
    await world.bind(ONE, 'L2');
    await world.pass(2 * HOUR_MS, { L1: 5, L2: 5.2 });
    await world.pass(3 * HOUR_MS, { L2: 5 });
    expect(await world.verdict(ONE)).toBe(OK);
    await world.pass(2 * HOUR_MS);
    expect(await world.verdict(ONE)).toBe(MISSING);
  });

  it('that is too warm counts, however cool the other one is', async () => {
    await open('logger');
    await world.pack(ONE, 1, 2, { logger: 'L1' });
    await world.bind(ONE, 'L2');
    await world.pass(11 * HOUR_MS, { L1: 5, L2: 9 });
    await world.evaluate();
    await world.api.custody.owner.query(`UPDATE expected_object SET state = jsonb_set(state, '{holds}', '[]')
                                         WHERE object_type = 'unit'`);
    expect(await world.verdict(ONE)).toBe(EXCEEDED);
  });
});

describe('qualified packaging', () => {
  it('is evidence for its hours, also in the hands of the next one, and none after them', async () => {
    await open('qualified-packaging');
    await world.pack(ONE, 1, 2, { packaging: 'box-24h' });
    await world.pass(12 * HOUR_MS);
    expect(await world.verdict(ONE)).toBe(OK);
    await world.api.deliver('maker', 'north', ONE);
    await world.pass(12 * HOUR_MS);
    expect(await world.verdict(ONE, 'north')).toBe(OK);
    await world.pass(HOUR_MS + 60_000);
    expect(await world.verdict(ONE, 'north')).toBe(MISSING);
  });

  it('speaks for a return in the hands of who had it, before that leg is evaluated to its end', async () => {
    await open('qualified-packaging');
    await world.pack(ONE, 1, 2, { packaging: 'box-24h', logger: 'L1' });
    await world.pass(HOUR_MS, { L1: 5 });
    await world.api.deliver('maker', 'north', ONE);
    await world.pass(HOUR_MS, { L1: 5 });
    await world.pass(4 * HOUR_MS);
    await world.evaluate();
    await world.api.deliver('north', 'maker', ONE);
    await world.api.anchorAll();
    await world.api.expect(201, 'acceptReturn', { role: 'shipper', body: { sscc: ONE } });
  });

  it('is none after it was opened', async () => {
    await open('qualified-packaging');
    await world.pack(ONE, 1, 3, { packaging: 'box-24h' });
    await world.pass(2 * HOUR_MS);
    await world.api.expect(201, 'decommissionPack', {
      role: 'dispenser',
      params: { id: `${GTIN}.S1` },
      body: { status: 'sample' },
    });
    expect(await world.verdict(ONE)).toBe(OK);
    await world.pass(2 * HOUR_MS);
    expect(await world.verdict(ONE)).toBe(MISSING);
  });

  it('is none for packs that were moved into a box without', async () => {
    await open('qualified-packaging');
    await world.pack(ONE, 1, 3, { packaging: 'box-24h' });
    await world.pass(2 * HOUR_MS);
    await world.pack(TWO, 1, 2);
    await world.pass(2 * HOUR_MS);
    expect(await world.verdict(TWO)).toBe(MISSING);
    expect(await world.verdict(ONE)).toBe(MISSING);
  });

  it('is none where it keeps a wider range than the profile asks for', async () => {
    await open('qualified-packaging', { storage: { minMilliCelsius: 2_500, maxMilliCelsius: 8_000 } });
    await world.pack(ONE, 1, 2, { packaging: 'box-24h' });
    await world.pass(2 * HOUR_MS);
    expect(await world.verdict(ONE)).toBe(MISSING);
  });

  it.each(['location-sensor', 'logger'] as const)('is none where the profile asks for a %s', async (evidence) => {
    await open(evidence);
    await world.pack(ONE, 1, 2, { packaging: 'box-24h' });
    await world.pass(2 * HOUR_MS);
    expect(await world.verdict(ONE)).toBe(MISSING);
  });

  it('excuses nothing that was measured', async () => {
    await open('qualified-packaging');
    await world.pack(ONE, 1, 2, { packaging: 'box-24h', logger: 'L1' });
    await world.pass(11 * HOUR_MS, { L1: 9 });
    expect(await world.verdict(ONE)).toBe('do-not-use on-hold');
  });
});

describe('what holds on after the newest reading', () => {
  const range = { name: 'above 8 °C', comparator: '>', limitMilliCelsius: 8_000, allowedMs: 30 * MINUTE } as const;
  const register = (serial: string): Promise<unknown> =>
    world.api.expect(201, 'registerLogger', { role: 'device-manager', body: { serial, intervalMs: HOUR_MS } });
  const reading = (at: number, celsius: number) => ({ at, milliCelsius: celsius * 1000, humidityPermille: null });

  it('is charged, also where it is an older reading of another logger that holds longer', async () => {
    await open('logger', { ranges: [range] });
    await register('SLOW');
    await world.pack(ONE, 1, 2, { logger: 'SLOW' });
    await world.bind(ONE, 'L1');
    const begun = world.api.custody.clock.now();
    await world.pass(20 * MINUTE);
    await world.store('SLOW', [reading(begun, 25)]);
    await world.store('L1', [reading(begun + MINUTE, 5)]);
    expect(await world.verdict(ONE)).toBe(OK);
    await world.pass(25 * MINUTE);
    expect(await world.verdict(ONE)).toBe(EXCEEDED);
  });

  it('is a freeze when it lasts, although it began while loggers adapt after packing', async () => {
    await open('logger', { ignoreAfterPackingMs: 4 * HOUR_MS });
    await register('SLOW');
    await world.pack(ONE, 1, 2, { logger: 'SLOW' });
    const begun = world.api.custody.clock.now();
    await world.pass(40 * MINUTE);
    await world.store('SLOW', [reading(begun, -1), reading(begun + 40 * MINUTE, -1)]);
    expect(await world.verdict(ONE)).toBe(OK);
    await world.pass(25 * MINUTE);
    expect(await world.verdict(ONE)).toBe('do-not-use frozen');
  });
});

describe('packaging in which a logger measured that it failed', () => {
  it.each([9, 1])('vouches for nothing after that, from %d °C until a reading is inside again', async (celsius) => {
    await open('qualified-packaging');
    await world.pack(ONE, 1, 2, { packaging: 'box-24h', logger: 'L1' });
    await world.pass(HOUR_MS, { L1: (minute) => (minute < 60 ? 5 : celsius) });
    expect(await world.verdict(ONE)).toBe(OK);
    await world.pass(HOUR_MS + 6 * MINUTE);
    expect(await world.verdict(ONE)).toBe(MISSING);
  });

  it('vouches for nothing in the hands of the next one either', async () => {
    await open('qualified-packaging');
    await world.pack(ONE, 1, 2, { packaging: 'box-24h', logger: 'L1' });
    await world.pass(HOUR_MS, { L1: 9 });
    await world.pass(10 * MINUTE);
    await world.api.deliver('maker', 'north', ONE);
    await world.pass(HOUR_MS + 6 * MINUTE);
    expect(await world.verdict(ONE, 'north')).toBe(MISSING);
  });

  it('vouches again after readings that are inside', async () => {
    await open('qualified-packaging');
    await world.pack(ONE, 1, 2, { packaging: 'box-24h', logger: 'L1' });
    await world.pass(HOUR_MS, { L1: (minute) => (minute === 30 ? 9 : 5) });
    await world.pass(5 * HOUR_MS);
    expect(await world.verdict(ONE)).toBe(OK);
  });
});

describe('a silence now', () => {
  it('is charged as the gap policy says, before any reading comes', async () => {
    await open('logger', { gap: { allowedMs: 48 * HOUR_MS, policy: 'last-value' } });
    await world.pack(ONE, 1, 2, { logger: 'L1' });
    await world.pass(HOUR_MS, { L1: 9 });
    expect(await world.verdict(ONE)).toBe(OK);
    await world.pass(10 * HOUR_MS);
    expect(await world.verdict(ONE)).toBe(EXCEEDED);
  });

  it('is charged with the worst that is plausible', async () => {
    const plausible = { minMilliCelsius: 0, maxMilliCelsius: 25_000 };
    await open('logger', { gap: { allowedMs: 48 * HOUR_MS, policy: 'worst-plausible', plausible } });
    await world.pack(ONE, 1, 2, { logger: 'L1' });
    await world.pass(HOUR_MS, { L1: 5 });
    expect(await world.verdict(ONE)).toBe(OK);
    await world.pass(11 * HOUR_MS);
    expect(await world.verdict(ONE)).toBe(EXCEEDED);
  });
});

describe('a database that was restored into another server', () => {
  it('is not evaluated, and nothing is ok on old evaluations', async () => {
    await open('logger');
    await world.pack(ONE, 1, 2, { logger: 'L1' });
    await world.pass(2 * HOUR_MS, { L1: 5 });
    expect(await world.verdict(ONE)).toBe(OK);
    await world.api.custody.owner.query(`UPDATE follow_checkpoint SET xid = '999999999' WHERE name = 'evaluator'`);
    await world.pass(30 * 60_000, { L1: 20 });
    await expect(world.evaluate()).rejects.toMatchObject({ code: 'follower-ahead' });
    await world.api.confirmLedger();
    expect(await world.api.verdict(`(00)${ONE}`, 'maker')).toBe('unknown evaluation-not-confirmed');
  });
});
