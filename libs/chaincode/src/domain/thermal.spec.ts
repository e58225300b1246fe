import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ProductProfile } from '../protocol';
import { GTIN, hex, HOUR, MAKER, PHARMACY, profile, WHOLESALER, World } from './spec-world';
import { exceedsBudget } from './thermal-state';

const reasons = (world: World, unit: string): string[] =>
  world.unit(unit).holds.map((hold) => `${hold.kind} ${hold.reason}`);

describe('exposure of a unit', () => {
  it('is the sum of its legs, a revision replaces its leg, and exactly the allowed time is not too much', async () => {
    const world = await World.open();
    await world.produced('u');
    await world.exposed('u', world.record('first', MAKER, [4 * HOUR, 0], { gapMs: 5 }));
    await world.exposed('u', world.record('first', MAKER, [6 * HOUR, 0], { revision: 2, gapMs: 7 }));
    await world.moved('u', MAKER, WHOLESALER);
    await world.exposed('u', world.record('second', WHOLESALER, [4 * HOUR, 0], { coldestMilliCelsius: 1000 }));
    expect(world.used('u')).toEqual([10 * HOUR, 0]);
    expect(world.unit('u').total).toMatchObject({ gapMs: 7, coldestMilliCelsius: 1000, hottestMilliCelsius: 9000 });
    expect(world.unit('u').holds).toEqual([]);
    // The sender's evidence is read out after the goods went on.
    await world.exposed('u', world.record('first', MAKER, [6 * HOUR + 1, 0], { revision: 3 }));
    expect(world.used('u')).toEqual([10 * HOUR + 1, 0]);
    expect(reasons(world, 'u')).toEqual(['thermal budget-exceeded']);
  });

  it('keeps its hold when a later revision is lower, and gets one per reason', async () => {
    const world = await World.open();
    await world.produced('u');
    await world.exposed('u', world.record('leg', MAKER, [11 * HOUR, 0]));
    await world.exposed('u', world.record('leg', MAKER, [12 * HOUR, 0], { revision: 2 }));
    await world.exposed('u', world.record('leg', MAKER, [0, 0], { revision: 3 }));
    expect(reasons(world, 'u')).toEqual(['thermal budget-exceeded']);
    const frozen = [{ profile: `${GTIN}/1`, usedMs: [0, 0], freezeRunMs: HOUR }];
    await world.exposed('u', world.record('leg', MAKER, [], { revision: 4, exposures: frozen }));
    expect(reasons(world, 'u')).toEqual(['thermal budget-exceeded', 'thermal freeze-rule']);
  });

  it('does not freeze by runs of several legs together', async () => {
    const world = await World.open();
    await world.produced('u');
    const almost = [{ profile: `${GTIN}/1`, usedMs: [0, 0], freezeRunMs: HOUR - 1 }];
    await world.exposed('u', world.record('a', MAKER, [], { exposures: almost }));
    await world.exposed('u', world.record('b', MAKER, [], { exposures: almost }));
    expect(reasons(world, 'u')).toEqual([]);
  });

  it('judges a sum of budgets exactly', () => {
    const summed: ProductProfile = {
      ...profile,
      combine: 'sum',
      ranges: [3, 7, 11].map((allowedMs) => ({ ...profile.ranges[0]!, name: `${allowedMs}`, allowedMs })),
      openingMs: [0, 0, 0],
    };
    const exceeds = (...usedMs: number[]): boolean => exceedsBudget({ profile: 'p', usedMs, freezeRunMs: 0 }, summed);
    expect(exceeds(3, 0, 0)).toBe(false);
    expect(exceeds(3, 1, 0)).toBe(true);
    expect(exceeds(1, 2, 4)).toBe(false); // 77·1 + 33·2 + 21·4 = 227 of 231
    expect(exceeds(1, 3, 3)).toBe(true); // 239 of 231
    expect(
      exceedsBudget(
        { profile: 'p', usedMs: [1], freezeRunMs: 0 },
        { ...profile, ranges: [{ ...profile.ranges[0]!, allowedMs: 0 }] },
      ),
    ).toBe(true);
  });
});

describe('repacking', () => {
  it('cannot wash: what spent 90 % of its budget keeps it under any number of new units', async () => {
    const world = await World.open();
    await world.produced('case');
    await world.exposed('case', world.record('leg', MAKER, [9 * HOUR, 0], { startedAt: world.now - HOUR }));
    await world.produced('fresh');
    await world.aggregated(MAKER, 'pallet', { children: [hex('case'), hex('fresh')] });
    expect(world.used('pallet')).toEqual([9 * HOUR, 0]);
    await world.moved('pallet', MAKER, WHOLESALER);
    await world.exposed('pallet', world.record('p', WHOLESALER, [HOUR / 2, 0], { startedAt: world.now }));
    await world.done(WHOLESALER, 'disaggregateUnit', { unit: hex('pallet'), children: [hex('case')] });
    expect(world.used('case')).toEqual([9.5 * HOUR, 0]);
    expect(world.unit('case')).toMatchObject({ custodian: WHOLESALER, parent: null });
    expect(world.unit('pallet').status).toBe('held-by-custodian');
    await world.aggregated(WHOLESALER, 'box', { sources: [hex('case')] });
    await world.aggregated(WHOLESALER, 'crate', { children: [hex('box')] });
    expect(world.used('crate')).toEqual([9.5 * HOUR, 0]);
    await world.exposed('crate', world.record('c', WHOLESALER, [HOUR / 2 + 1, 0], { startedAt: world.now }));
    expect(reasons(world, 'crate')).toEqual(['thermal budget-exceeded']);
    await world.done(WHOLESALER, 'disaggregateUnit', { unit: hex('crate'), children: [hex('box')] });
    expect(reasons(world, 'box')).toEqual(['thermal budget-exceeded']);
    expect(world.unit('crate').status).toBe('dissolved');
  });

  it('carries holds along, and the opening balance of production', async () => {
    const world = await World.open();
    await world.done(MAKER, 'publishProfile', { profile: { ...profile, version: 2, openingMs: [7, 0] } });
    await world.batch('b2', { profile: `${GTIN}/2` });
    await world.produced('old');
    await world.exposed('old', world.record('leg', MAKER, [11 * HOUR, 0]));
    await world.aggregated(MAKER, 'mixed', { sources: [hex('old')], batches: [hex('b2')] });
    expect(reasons(world, 'mixed')).toEqual(['thermal budget-exceeded']);
    expect(world.unit('mixed').total.exposures).toEqual([
      { profile: `${GTIN}/1`, usedMs: [11 * HOUR, 0], freezeRunMs: 0 },
      { profile: `${GTIN}/2`, usedMs: [7, 0], freezeRunMs: 0 },
    ]);
  });

  it('lets late evidence reach everything that took the state over, once, and judges it', async () => {
    const world = await World.open();
    const start = world.now;
    await world.produced('a');
    await world.produced('b');
    await world.exposed('a', world.record('leg', MAKER, [HOUR, 0], { startedAt: start }));
    await world.aggregated(MAKER, 'pallet', { children: [hex('a'), hex('b')] });
    await world.aggregated(MAKER, 'truck', { children: [hex('pallet')] });
    await world.exposed('a', world.record('leg', MAKER, [8 * HOUR, 0], { revision: 2, startedAt: start }));
    expect(world.used('pallet')).toEqual([8 * HOUR, 0]);
    expect(world.used('truck')).toEqual([8 * HOUR, 0]);
    expect(world.used('a')).toEqual([8 * HOUR, 0]);
    expect(world.used('b')).toEqual([0, 0]);
    await world.done(MAKER, 'disaggregateUnit', { unit: hex('truck'), children: [hex('pallet')] });
    await world.done(MAKER, 'disaggregateUnit', { unit: hex('pallet'), children: [hex('a')] });
    await world.exposed('a', world.record('leg', MAKER, [11 * HOUR, 0], { revision: 3, startedAt: start }));
    expect(world.used('a')).toEqual([11 * HOUR, 0]);
    expect(reasons(world, 'a')).toEqual(['thermal budget-exceeded']);
    expect(reasons(world, 'pallet')).toEqual(['thermal budget-exceeded']);
    await world.done(MAKER, 'disaggregateUnit', { unit: hex('pallet'), children: [hex('b')] });
    expect(reasons(world, 'b')).toEqual(['thermal budget-exceeded']);
  });

  it('does not charge siblings for a leg that began after they went apart', async () => {
    const world = await World.open();
    await world.produced('a');
    await world.produced('b');
    await world.aggregated(MAKER, 'pallet', { children: [hex('a'), hex('b')] });
    await world.done(MAKER, 'disaggregateUnit', { unit: hex('pallet'), children: [hex('a'), hex('b')] });
    await world.moved('a', MAKER, PHARMACY);
    await world.exposed('a', world.record('later', PHARMACY, [11 * HOUR, 0], { startedAt: world.now - 1 }));
    expect(reasons(world, 'a')).toEqual(['thermal budget-exceeded']);
    expect(world.used('b')).toEqual([0, 0]);
    expect(world.used('pallet')).toEqual([0, 0]);
    // Without a start the leg may be older than the packing: all are charged.
    await world.exposed('a', world.record('unknown start', PHARMACY, [HOUR, 0]));
    expect(world.used('b')).toEqual([HOUR, 0]);
  });

  it('charges the parent for a logger inside one of its children', async () => {
    const world = await World.open();
    await world.produced('a');
    await world.aggregated(MAKER, 'pallet', { children: [hex('a')] });
    const startedAt = world.now;
    await world.exposed('a', world.record('inside', MAKER, [9 * HOUR, 0], { startedAt }));
    expect(world.used('pallet')).toEqual([9 * HOUR, 0]);
    await world.done(MAKER, 'disaggregateUnit', { unit: hex('pallet'), children: [hex('a')] });
    expect(world.used('a')).toEqual([9 * HOUR, 0]);
    await world.exposed('a', world.record('inside', MAKER, [11 * HOUR, 0], { startedAt, revision: 2 }));
    expect(world.used('a')).toEqual([11 * HOUR, 0]);
  });

  it('never lowers what a case has spent, whatever is packed, unpacked and recorded', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            act: fc.constantFrom('pack', 'unpack', 'expose', 'refill'),
            more: fc.integer({ min: 1, max: 5 }),
          }),
          {
            minLength: 1,
            maxLength: 14,
          },
        ),
        async (acts) => {
          const world = await World.open();
          await world.produced('case 0');
          let outer = 0;
          let spent = 0;
          let leg = 0;
          const parents: number[] = [];
          for (const { act, more } of acts) {
            const name = `case ${outer}`;
            if (act === 'expose') {
              const record = world.record(`leg ${++leg}`, MAKER, [more, 0], { startedAt: world.now });
              await world.exposed(name, record);
              spent += more;
            } else if (act === 'unpack') {
              const parent = parents.pop();
              if (parent === undefined) continue;
              const child = world.unit(name).children[0];
              await world.done(MAKER, 'disaggregateUnit', { unit: hex(name), children: [child] });
              outer = parent;
            } else {
              const next = outer + 100 + world.states.size;
              const members = act === 'pack' ? { children: [hex(name)] } : { sources: [hex(name)] };
              await world.aggregated(MAKER, `case ${next}`, members);
              if (act === 'pack') parents.push(outer);
              else parents.length = 0;
              outer = next;
            }
            expect(world.used(`case ${outer}`)[0]).toBeGreaterThanOrEqual(spent);
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});
