import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CasesWorld, PASSWORD } from './cases-world.js';
import { carton, GTIN, LOT, serials } from './custody-world.js';

let world: CasesWorld;

beforeEach(async () => {
  world = await CasesWorld.open();
  await world.api.certifiedBatch('logger');
  for (const logger of ['LOG-1', 'LOG-2']) await world.api.custody.logger('maker', logger);
  await world.api.pack(carton(1), 1, 10, 'LOG-1');
});
afterEach(() => world.close());

const step = (): void => world.api.custody.clock.advance(1000);
const code = ({ status, body }: { status: number; body: Record<string, unknown> }): string =>
  typeof body['code'] === 'string' ? `${status} ${body['code']}` : String(status);

/** Number of the only case of a unit. */
async function caseOf(sscc: string): Promise<string> {
  const { body } = await world.api.expect(200, 'listCases', { query: { state: 'all' } });
  const [found, ...others] = (body['cases'] as { id: number; sscc: string }[]).filter((one) => one.sscc === sscc);
  if (found === undefined || others.length > 0) throw new Error(`cases of ${sscc}: ${JSON.stringify(body)}`);
  return String(found.id);
}
async function decided(sscc: string, decision: 'release' | 'reject'): Promise<string> {
  const params = { case: await caseOf(sscc) };
  step();
  await world.api.expect(201, 'acknowledgeCase', { params, body: { reason: 'seen' } });
  await world.api.expect(201, 'nameCaseCause', { params, body: { cause: 'door-left-open', reason: 'delivery' } });
  const { body } = await world.api.expect(200, 'getCase', { params });
  step();
  return code(
    await world.api.call('decideCase', {
      role: 'responsible-person',
      params,
      body: { decision, reason: 'as assessed', shown: body['digest'], password: PASSWORD },
    }),
  );
}
async function assessed(sscc: string): Promise<void> {
  const params = { case: await caseOf(sscc) };
  step();
  await world.api.expect(201, 'assessCase', { params, body: { conclusion: 'usable', reason: 'stability data' } });
}
/** Holds of a unit: their reasons, and their names. */
async function holdsOf(sscc: string): Promise<readonly { readonly id: string; readonly reason: string }[]> {
  const { body } = await world.api.expect(200, 'getUnit', { params: { sscc } });
  return body['holds'] as { id: string; reason: string }[];
}
const reasonsOf = async (sscc: string): Promise<string[]> => (await holdsOf(sscc)).map(({ reason }) => reason);
const warm = async (logger: string, minutes: number): Promise<void> => {
  await world.measure(logger, 60, 5);
  await world.measure(logger, minutes, 12);
  await world.measure(logger, 60, 5);
};
/** Five packs of the carton go into another one with a logger of its own, and get warm there, too. */
async function repacked(): Promise<void> {
  await warm('LOG-1', 11 * 60);
  step();
  const body = { sscc: carton(2), packs: [{ gtin: GTIN, lot: LOT, serials: serials(1, 5) }], logger: 'LOG-2' };
  await world.api.expect(201, 'aggregateUnit', { role: 'shipper', body });
  await warm('LOG-2', 30);
}

describe('a rejection', () => {
  it('keeps goods that share a hold with goods that are released', async () => {
    await repacked();
    const [shared] = await holdsOf(carton(1));
    expect((await holdsOf(carton(2))).map(({ id }) => id)).toEqual([shared?.id]);
    expect(await decided(carton(2), 'reject')).toBe('201');
    expect(await reasonsOf(carton(2))).toEqual(['budget-exceeded', 'temperature-doubted']);
    await assessed(carton(1));
    expect(await decided(carton(1), 'release')).toBe('201');
    expect(await reasonsOf(carton(1))).toEqual([]);
    expect(await reasonsOf(carton(2))).toEqual(['budget-exceeded', 'temperature-doubted']);
    await world.api.anchorAll();
    expect(await world.api.verdict(`(01)${GTIN}(10)${LOT}(21)S1`, 'maker')).toBe('do-not-use on-hold');
  });

  it('is no way round by the holds themselves', async () => {
    await repacked();
    expect(await decided(carton(2), 'reject')).toBe('201');
    for (const { id: hold } of await holdsOf(carton(2))) {
      step();
      const body = { ssccs: [carton(2)] };
      await world.api.expect(201, 'assessHold', { params: { hold }, body: { ...body, conclusion: 'usable' } });
      step();
      const refused = await world.api.call('releaseHold', { params: { hold }, body });
      expect(code(refused)).toBe('409 case-not-released');
      expect(refused.body['detail']).toContain(`${await caseOf(carton(2))} (reject) of ${carton(2)}`);
    }
  });

  it('holds packs that were taken out since it was harmed, and none that had left before', async () => {
    step();
    const earlier = { sscc: carton(4), packs: [{ gtin: GTIN, lot: LOT, serials: serials(9, 10) }] };
    await world.api.expect(201, 'aggregateUnit', { role: 'shipper', body: earlier });
    // Within its budget: nothing holds anything before a person does.
    await warm('LOG-1', 60);
    step();
    const body = { sscc: carton(2), packs: [{ gtin: GTIN, lot: LOT, serials: serials(1, 5) }] };
    await world.api.expect(201, 'aggregateUnit', { role: 'shipper', body });
    step();
    const inner = { sscc: carton(5), packs: [{ gtin: GTIN, lot: LOT, serials: serials(1, 2) }] };
    await world.api.expect(201, 'aggregateUnit', { role: 'shipper', body: inner });
    step();
    const pallet = { sscc: carton(3), children: [carton(5)] };
    await world.api.expect(201, 'aggregateUnit', { role: 'shipper', body: pallet });
    await world.evaluate();
    expect(await decided(carton(1), 'reject')).toBe('201');
    for (const number of [1, 2, 3]) expect(await reasonsOf(carton(number))).toEqual(['temperature-doubted']);
    expect(await reasonsOf(carton(4))).toEqual([]);
    await world.api.anchorAll();
    for (const serial of [1, 3, 6]) {
      expect(await world.api.verdict(`(01)${GTIN}(10)${LOT}(21)S${serial}`, 'maker')).toBe('do-not-use on-hold');
    }
    expect(await world.api.verdict(`(01)${GTIN}(10)${LOT}(21)S9`, 'maker')).not.toContain('on-hold');
  });

  it('is an objection also to packs that others had by then', async () => {
    await warm('LOG-1', 60);
    step();
    const body = { sscc: carton(2), packs: [{ gtin: GTIN, lot: LOT, serials: serials(1, 5) }] };
    await world.api.expect(201, 'aggregateUnit', { role: 'shipper', body });
    await world.api.deliver('maker', 'carrier', carton(1));
    await world.api.deliver('maker', 'north', carton(2));
    await world.evaluate();
    const params = { case: await caseOf(carton(1)) };
    const as = 'carrier';
    step();
    await world.api.expect(201, 'acknowledgeCase', { as, params, body: { reason: 'seen' } });
    await world.api.expect(201, 'nameCaseCause', { as, params, body: { cause: 'door-left-open', reason: 'delivery' } });
    const { body: shown } = await world.api.expect(200, 'getCase', { as, params });
    step();
    await world.api.expect(201, 'decideCase', {
      as,
      role: 'responsible-person',
      params,
      body: { decision: 'reject', reason: 'as assessed', shown: shown['digest'], password: PASSWORD },
    });
    await world.api.anchorAll();
    expect(await world.api.verdict(`(00)${carton(1)}`, 'carrier')).toBe('do-not-use on-hold');
    for (const asked of [`(00)${carton(2)}`, `(01)${GTIN}(10)${LOT}(21)S1`, `(01)${GTIN}(10)${LOT}`]) {
      expect(await world.api.verdict(asked, 'north')).toBe('do-not-use on-hold');
    }
    const unit = await world.api.expect(200, 'getUnit', { as: 'north', params: { sscc: carton(2) } });
    expect(unit.body).toMatchObject({ holds: [], rejected: true });
    const earlier = await world.api.expect(200, 'getUnit', { params: { sscc: carton(2) } });
    expect(earlier.body).toMatchObject({ rejected: true });
    const failedAt = new Date(world.api.custody.clock.now()).toISOString();
    const triage = await world.api.expect(200, 'triage', { as: 'north', query: { failedAt, celsius: '5' } });
    expect(triage.body['entries']).toMatchObject([{ sscc: carton(2), answer: 'hold' }]);
    await world.api.deliver('north', 'maker', carton(2));
    const returned = await world.api.call('acceptReturn', { role: 'shipper', body: { sscc: carton(2) } });
    expect(code(returned)).toBe('409 unit-held');
  });

  it('that is taken back frees what it held', async () => {
    await warm('LOG-1', 60);
    step();
    const body = { sscc: carton(2), packs: [{ gtin: GTIN, lot: LOT, serials: serials(1, 5) }] };
    await world.api.expect(201, 'aggregateUnit', { role: 'shipper', body });
    await world.evaluate();
    expect(await decided(carton(1), 'reject')).toBe('201');
    // More of it reopens the case.
    await warm('LOG-1', 60);
    await assessed(carton(1));
    expect(await decided(carton(1), 'release')).toBe('201');
    for (const number of [1, 2]) expect(await reasonsOf(carton(number))).toEqual([]);
  });

  it('of a pallet that was unpacked holds the cartons that were in it', async () => {
    await world.api.pack(carton(2), 11, 12);
    step();
    const pallet = { sscc: carton(3), children: [carton(1), carton(2)], logger: 'LOG-2' };
    await world.api.expect(201, 'aggregateUnit', { role: 'shipper', body: pallet });
    await warm('LOG-2', 30);
    step();
    const body = { children: [carton(1), carton(2)] };
    await world.api.expect(201, 'disaggregateUnit', { role: 'shipper', params: { sscc: carton(3) }, body });
    await world.evaluate();
    expect(await reasonsOf(carton(2))).toEqual([]);
    expect(await decided(carton(3), 'reject')).toBe('201');
    for (const sscc of [carton(1), carton(2)]) expect(await reasonsOf(sscc)).toEqual(['temperature-doubted']);
    const [hold] = await holdsOf(carton(2));
    step();
    const params = { hold: hold?.id ?? '' };
    await world.api.expect(201, 'assessHold', { params, body: { conclusion: 'usable' } });
    expect(await world.api.refused('releaseHold', { params, body: {} })).toBe('409 case-not-released');
  });
});

describe('an open case', () => {
  it('keeps its unit while another one under the same hold is released, and its own release frees it', async () => {
    await repacked();
    const [hold] = await holdsOf(carton(1));
    await assessed(carton(1));
    expect(await world.api.refused('releaseHold', { params: { hold: hold?.id ?? '' }, body: {} })).toBe(
      '409 case-not-released',
    );
    expect(await decided(carton(1), 'release')).toBe('201');
    expect(await reasonsOf(carton(1))).toEqual([]);
    expect(await reasonsOf(carton(2))).toEqual(['budget-exceeded']);
    await assessed(carton(2));
    expect(await decided(carton(2), 'release')).toBe('201');
    expect(await reasonsOf(carton(2))).toEqual([]);
  });
});
