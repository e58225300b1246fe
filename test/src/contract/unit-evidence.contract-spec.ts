import { afterEach, describe, expect, it } from '@jest/globals';
import type { UnitEvidenceAnswer } from '@coldchain/api-contract';
import type { ProductProfile } from '@coldchain/chaincode/protocol';
import { SeededRandom } from '@coldchain/kernel';
import { type Actor, carton, HOUR_MS } from './custody-world.js';
import { EvidenceWorld, INTERVAL_MS } from './evidence-world.js';

const MINUTE = 60_000;
const ONE = carton(1);

let world: EvidenceWorld;
afterEach(() => world.close());
const open = async (evidence: ProductProfile['evidence'], members: Partial<ProductProfile> = {}): Promise<void> => {
  world = await EvidenceWorld.open(evidence, members);
};

async function evidenceOf(sscc: string, as: Actor = 'maker'): Promise<UnitEvidenceAnswer> {
  await world.evaluate();
  const { body } = await world.api.expect(200, 'getUnitEvidence', { as, params: { sscc } });
  return body as UnitEvidenceAnswer;
}

const sum = (values: readonly (number | undefined)[]): number =>
  values.reduce<number>((all, one) => all + (one ?? 0), 0);

describe('whose time it was', () => {
  it('adds up exactly over legs, custodians and repacking', async () => {
    await open('logger');
    await world.pack(ONE, 1, 4, { logger: 'L1' });
    await world.pass(HOUR_MS, { L1: 9 });
    await world.unbind(ONE, 'L1');
    await world.pack(carton(2), 1, 2, { logger: 'L1' });
    await world.pass(2 * HOUR_MS + 7 * MINUTE, { L1: 9 });
    await world.evaluate();
    await world.api.deliver('maker', 'north', carton(2));
    await world.pass(3 * HOUR_MS + 3 * MINUTE, { L1: 9.5 });
    const { budgets, legs } = await evidenceOf(carton(2), 'north');
    const [budget] = budgets;
    expect(budget?.attribution.custodians.map(({ custodian }) => custodian)).toEqual(['maker', 'north']);
    const parts = [
      ...(budget?.attribution.inheritedMs ?? []),
      ...(budget?.attribution.undeterminedMs ?? []),
      ...(budget?.attribution.custodians.flatMap(({ usedMs }) => usedMs) ?? []),
    ];
    expect(sum(parts)).toBe(budget?.attribution.totalMs[0]);
    expect(budget?.ranges[0]).toMatchObject({ usedMs: budget?.attribution.totalMs[0], allowedMs: 10 * HOUR_MS });
    // what the carton had in it before it was filled: an hour
    expect(budget?.attribution.inheritedMs).toEqual([HOUR_MS]);
    expect(legs.map(({ custodian }) => custodian)).toEqual(['maker', 'north']);
    // the unit's total on the ledger is the sum of its legs
    const [state] = await world.api.custody.owner.query<{ total: number; legs: number; inherited: number }>(
      `SELECT (x.state #>> '{total,exposures,0,usedMs,0}')::bigint AS total,
              (x.state #>> '{inherited,exposures,0,usedMs,0}')::bigint AS inherited,
              (SELECT sum((l #>> '{exposures,0,usedMs,0}')::bigint) FROM jsonb_array_elements(x.state -> 'legs') l)::bigint AS legs
       FROM expected_object x JOIN unit u ON u.unit_key = x.object_key WHERE u.sscc = $1`,
      [carton(2)],
    );
    expect(state?.total).toBe((state?.inherited ?? 0) + (state?.legs ?? 0));
  });

  it('is of the same budget as `/v1/budget` tells, also where the ledger counts more than is attributed', async () => {
    await open('logger');
    await world.pack(ONE, 1, 4, { logger: 'L1' });
    await world.pass(HOUR_MS, { L1: 9 });
    await world.evaluate();
    const told = async (): Promise<unknown[]> => {
      const { budgets } = await evidenceOf(ONE);
      const query = { code: `(00)${ONE}` };
      const { body } = await world.api.expect(200, 'getBudget', { query });
      const same = budgets.map(({ attribution: _attribution, forecast: _forecast, ...budget }) => budget);
      expect(same).toEqual(body['budgets']);
      expect(same).toMatchObject([{ product: 'Vaccine', owner: 'maker', ranges: [{ usedMs: expect.any(Number) }] }]);
      return budgets.map(({ ranges, attribution }) => [
        ranges[0]?.usedMs,
        attribution.totalMs,
        attribution.unattributedMs,
      ]);
    };
    expect(await told()).toEqual([[HOUR_MS, [HOUR_MS], [0]]]);
    // The ledger has heard of another hour.
    await world.api.anchorAll();
    await world.api.custody.owner.query(
      `UPDATE ledger_object SET state = jsonb_set(state, '{total,exposures,0,usedMs,0}', to_jsonb($1::bigint))
       WHERE object_type = 'unit'`,
      [2 * HOUR_MS],
    );
    expect(await told()).toEqual([[2 * HOUR_MS, [HOUR_MS], [HOUR_MS]]]);
  });

  it('is nobody’s where an excursion lies inside of what the clocks may be off around the change of custody', async () => {
    await open('logger');
    await world.pack(ONE, 1, 2, { logger: 'L1' });
    await world.api.custody.owner.query(`UPDATE logger SET clock_offset_ms = 240000, clock_uncertainty_ms = 60000`);
    await world.pass(HOUR_MS, { L1: 5 });
    await world.api.expect(201, 'shipUnits', { role: 'shipper', body: { ssccs: [ONE], receiver: 'north' } });
    const { clock } = world.api.custody;
    const change = clock.now() + 30 * MINUTE;
    await world.pass(30 * MINUTE);
    await world.api.expect(201, 'receiveUnits', { as: 'north', role: 'shipper', body: { ssccs: [ONE] } });
    const readings = [-30, -20, -10, -4, -2, 2, 4, 10, 20, 30].map((minute) => ({
      at: change + minute * MINUTE,
      milliCelsius: minute === -4 || minute === -2 || minute === 2 ? 9_000 : 5_000,
      humidityPermille: null,
    }));
    await world.store('L1', readings);
    await world.pass(30 * MINUTE);
    const { budgets, findings } = await evidenceOf(ONE, 'north');
    const attribution = budgets[0]?.attribution;
    // from −4 min to the change in one leg, from it to +4 min in the next
    expect(attribution).toMatchObject({ totalMs: [8 * MINUTE], undeterminedMs: [8 * MINUTE] });
    expect(sum(attribution?.custodians.flatMap(({ usedMs }) => usedMs) ?? [])).toBe(0);
    expect(findings.filter(({ kind }) => kind === 'excursion-undetermined')).toHaveLength(2);
    // with clocks that are right it is theirs
    await world.api.custody.owner.query(`UPDATE logger SET clock_offset_ms = 0`);
    await world.recompute();
    const later = await evidenceOf(ONE, 'north');
    expect(later.budgets[0]?.attribution).toMatchObject({ totalMs: [8 * MINUTE], undeterminedMs: [0] });
  });
});

describe('what is wrong', () => {
  it('tells loggers that disagree, a silence, and a way that is too long', async () => {
    await open('logger', { longestTransitMs: 24 * HOUR_MS });
    await world.pack(ONE, 1, 2, { logger: 'L1' });
    await world.bind(ONE, 'L2');
    await world.pass(HOUR_MS, { L1: 5, L2: 5.8 });
    expect((await evidenceOf(ONE)).findings).toEqual([]);
    await world.pass(HOUR_MS, { L1: 5, L2: 7 });
    const { findings, legs } = await evidenceOf(ONE);
    expect(findings.map(({ kind, to }) => [kind, to])).toEqual([['loggers-disagree', null]]);
    expect(legs[0]).toMatchObject({ hottestMilliCelsius: 7_000, coldestMilliCelsius: 5_000, gapMs: 0 });
    expect(legs[0]?.sources.map(({ logger, kind }) => [logger, kind])).toEqual([
      ['L1', 'bound'],
      ['L2', 'bound'],
    ]);
    await world.api.expect(201, 'shipUnits', { role: 'shipper', body: { ssccs: [ONE], receiver: 'north' } });
    await world.pass(25 * HOUR_MS);
    const late = (await evidenceOf(ONE)).findings.map(({ kind }) => kind);
    expect(late).toEqual(expect.arrayContaining(['silent', 'transit-too-long']));
    await world.api.expect(201, 'receiveUnits', { as: 'north', role: 'shipper', body: { ssccs: [ONE] } });
    await world.api.anchorAll();
    const verdict = await world.api.expect(200, 'getVerdict', {
      as: 'north',
      role: 'dispenser',
      query: { code: `(00)${ONE}` },
    });
    expect(verdict.body['warning']).toContain('its profile allows 24 h');
    const { findings: after } = await evidenceOf(ONE, 'north');
    expect(after.find(({ kind }) => kind === 'transit-too-long')?.to).not.toBeNull();
  });

  it('is told to nobody who does not see the unit', async () => {
    await open('logger');
    await world.pack(ONE, 1, 2, { logger: 'L1' });
    await world.api.expect(404, 'getUnitEvidence', { as: 'north', params: { sscc: ONE } });
  });
});

describe('the budget at arrival', () => {
  it('is forecast from the slope and from earlier transits of the lane, in time to reroute', async () => {
    await open('logger');
    for (const [number, hours] of [
      [1, 4],
      [2, 6],
      [3, 20],
    ] as const) {
      await world.pack(carton(number), number, number);
      await world.api.expect(201, 'shipUnits', {
        role: 'shipper',
        body: { ssccs: [carton(number)], receiver: 'north' },
      });
      await world.pass(hours * HOUR_MS);
      await world.api.expect(201, 'receiveUnits', { as: 'north', role: 'shipper', body: { ssccs: [carton(number)] } });
    }
    await world.pack(carton(4), 4, 4, { logger: 'L1' });
    await world.pass(HOUR_MS, { L1: 5 });
    expect((await evidenceOf(carton(4))).budgets[0]?.forecast).toBeNull();
    await world.api.expect(201, 'shipUnits', { role: 'shipper', body: { ssccs: [carton(4)], receiver: 'north' } });
    const shippedAt = world.api.custody.clock.now();
    await world.pass(HOUR_MS, { L1: 5 });
    const calm = (await evidenceOf(carton(4))).budgets[0]?.forecast;
    expect(calm).toMatchObject({ transits: 3, slopeMilliCelsiusPerHour: 0 });
    expect(calm?.median).toMatchObject({
      arrivesAt: new Date(shippedAt + 6 * HOUR_MS).toISOString(),
      exceeded: false,
      brokenAt: null,
    });
    expect(calm?.sentence).toContain('is expected at');
    // the cooling fails: it gets warmer by a tenth of a degree a minute
    await world.pass(HOUR_MS, { L1: (minute) => 5 + minute / 10 });
    const warming = (await evidenceOf(carton(4))).budgets[0]?.forecast;
    expect(warming?.slopeMilliCelsiusPerHour).toBe(6_000);
    expect(warming?.median).toMatchObject({ exceeded: false });
    expect(warming?.late).toMatchObject({
      arrivesAt: new Date(shippedAt + 20 * HOUR_MS).toISOString(),
      exceeded: true,
      brokenAt: expect.any(String),
    });
    expect(warming?.sentence).toContain('reroute');
    // the receiver is not told another history than the sender where he saw the same transits
    const theirs = (await evidenceOf(carton(4), 'north')).budgets[0]?.forecast;
    expect(theirs).toMatchObject({ transits: 3, slopeMilliCelsiusPerHour: 6_000 });
  });
});

describe('the command line', () => {
  it('registers places and packaging, moves units, and tells the evidence of one', async () => {
    await open('location-sensor');
    const added = await world.cli(
      'device-manager',
      'place',
      'add',
      'fridge',
      '--vehicle',
      '9520001F1',
      '--logger',
      'ROOM',
    );
    expect(added).toEqual({ status: 0, out: 'fridge: watched by ROOM\n' });
    const packaging = ['--hours', '96', '--min', '2', '--max', '8', '--certificate', 'OQ-2'];
    expect(await world.cli('quality', 'packaging', 'add', 'box-96h', ...packaging)).toMatchObject({ status: 0 });
    expect(await world.cli('quality', 'packaging', 'add', 'box-24h', ...packaging)).toMatchObject({ status: 1 });
    await world.pack(ONE, 1, 2);
    expect(await world.cli('shipper', 'place', 'enter', 'fridge', ONE)).toMatchObject({ status: 0 });
    expect((await world.cli('shipper', 'place', 'list')).out).toContain('fridge  9520001F1  ROOM  1 units');
    await world.pass(2 * HOUR_MS, { ROOM: 5 });
    await world.evaluate();
    const calm = await world.cli('quality', 'evidence', ONE);
    expect(calm.status).toBe(0);
    expect(calm.out).toContain('maker: ROOM (place); 5.0 °C to 5.0 °C, gap 0.0 min');
    await world.pass(11 * HOUR_MS, { ROOM: 9 });
    await world.evaluate();
    const hot = await world.cli('quality', 'evidence', ONE, '--json');
    expect(hot.status).toBe(1);
    expect(JSON.parse(hot.out)).toMatchObject({ sscc: ONE, budgets: [{ exceeded: true }] });
    expect(await world.cli('shipper', 'place', 'leave', 'fridge', ONE)).toMatchObject({ status: 0 });
    const unwatched = await world.cli('device-manager', 'place', 'unwatch', 'fridge', 'ROOM');
    expect(unwatched).toEqual({ status: 0, out: 'ROOM watches fridge no longer\n' });
    expect(await world.cli('device-manager', 'place', 'unwatch', 'fridge', 'ROOM')).toMatchObject({ status: 1 });
  });
});

describe('legs of several sources', () => {
  it.each([1, 2, 3])(
    'end in the same state in whatever order their readings came, to the bit (seed %d)',
    async (seed) => {
      await open('location-sensor');
      const random = new SeededRandom(`evidence-${seed}`);
      const { clock } = world.api.custody;
      await world.assign('cold-room', 'ROOM');
      await world.assign('van', 'VAN');
      const begun = clock.now();
      await world.pack(ONE, 1, 2, { logger: 'L1' });
      const steps = [
        () => world.enter('cold-room', ONE),
        () => world.bind(ONE, 'L2'),
        () => world.unbind(ONE, 'L1'),
        () => world.leave('cold-room', ONE),
        () => world.enter('shelf', ONE),
        () =>
          world.api.expect(201, 'shipUnits', {
            role: 'shipper',
            body: { ssccs: [ONE], receiver: 'north', place: 'van' },
          }),
        () => world.api.expect(201, 'receiveUnits', { as: 'north', role: 'shipper', body: { ssccs: [ONE] } }),
      ];
      for (const step of steps) {
        await world.pass(Math.floor(random.unit() * 12) * HOUR_MS + 7 * MINUTE);
        await step();
      }
      await world.pass(5 * HOUR_MS);
      // Frames of an hour of every logger, some of them lost.
      const frames = ['L1', 'L2', 'ROOM', 'VAN'].flatMap((logger, index) =>
        Array.from({ length: Math.ceil((clock.now() - begun) / HOUR_MS) }, (_, hour) => ({ logger, index, hour })),
      );
      const arriving = frames
        .filter(() => random.unit() > 0.15)
        .map((frame) => ({ frame, at: random.unit() }))
        .sort((one, other) => one.at - other.at);
      for (const [number, { frame }] of arriving.entries()) {
        const from = begun + frame.hour * HOUR_MS + frame.index * 71_000;
        const readings = Array.from({ length: 12 }, (_, step) => ({
          at: from + step * INTERVAL_MS,
          milliCelsius: 4_000 + Math.floor(random.unit() * 50) * 100,
          humidityPermille: null,
        }));
        await world.store(frame.logger, readings);
        if (number % 9 === 0) await world.evaluate();
      }
      await world.evaluate();
      const incremental = await world.evaluated();
      await world.recompute();
      expect(await world.evaluated()).toEqual(incremental);
    },
    60_000,
  );
});
