import { describe, expect, it } from '@jest/globals';
import type { HoldReference } from '../protocol';
import { hex, HOUR, LABORATORY, MAKER, PHARMACY, REGULATOR, WHOLESALER, World } from './spec-world';

const units = (...names: string[]): { units: string[] } => ({ units: names.map(hex) });

/** The first hold of a unit. */
function holdOf(world: World, name: string): HoldReference {
  const [hold] = world.unit(name).holds;
  if (hold === undefined) throw new Error(`no hold on ${name}`);
  return { kind: hold.kind, reason: hold.reason, commitment: hold.commitment };
}

/** The maker finds a unit usable, and its custodian releases the hold. */
async function releasedThermal(world: World, name: string, custodian: string): Promise<void> {
  const hold = holdOf(world, name);
  await world.done(MAKER, 'assessHold', { ...units(name), hold, conclusion: 'usable' });
  await world.done(custodian, 'releaseHold', { ...units(name), hold });
}

/** A unit of the wholesaler that was 11 hours above 8 °C: one more than allowed. */
async function warmUnit(world: World): Promise<void> {
  await world.produced('u');
  await world.moved('u', MAKER, WHOLESALER);
  await world.exposed('u', world.record('leg', WHOLESALER, [11 * HOUR, 0]));
}

describe('holds', () => {
  it('releases a thermal hold after its assessment, and places it again only for what comes on top', async () => {
    const world = await World.open();
    await warmUnit(world);
    await releasedThermal(world, 'u', WHOLESALER);
    expect(world.unit('u').holds).toEqual([]);
    await world.exposed('u', world.record('leg', WHOLESALER, [11 * HOUR, 0], { revision: 2 }));
    expect(world.unit('u').holds).toEqual([]);
    expect(await world.say(WHOLESALER, 'shipUnits', { ...units('u'), receiver: PHARMACY })).toBe('ok');
    await world.exposed('u', world.record('leg', WHOLESALER, [11 * HOUR + 1, 0], { revision: 3 }));
    expect(world.unit('u').holds).toMatchObject([{ kind: 'thermal', reason: 'budget-exceeded' }]);
  });

  it('lets what was released on one ground stand against no other', async () => {
    const world = await World.open();
    await warmUnit(world);
    await releasedThermal(world, 'u', WHOLESALER);
    const frozen = { revision: 2, exposures: [{ profile: '09521234000013/1', usedMs: [0, 0], freezeRunMs: HOUR }] };
    await world.exposed('u', world.record('leg', WHOLESALER, [0, 0], frozen));
    expect(world.unit('u').holds).toMatchObject([{ reason: 'freeze-rule' }]);
  });

  it('carries holds and releases through packing and unpacking: neither is washed nor comes back', async () => {
    const world = await World.open();
    await warmUnit(world);
    await world.aggregated(WHOLESALER, 'pallet', { children: [hex('u')] });
    expect(world.unit('pallet').holds).toHaveLength(1);
    await releasedThermal(world, 'pallet', WHOLESALER);
    await world.done(WHOLESALER, 'disaggregateUnit', { unit: hex('pallet'), children: [hex('u')] });
    expect(world.unit('u').holds).toEqual([]);
    await world.aggregated(WHOLESALER, 'again', { sources: [hex('u')] });
    expect(world.unit('again').holds).toEqual([]);
    await world.exposed('again', world.record('leg 2', WHOLESALER, [1, 0]));
    expect(world.unit('again').holds).toMatchObject([{ reason: 'budget-exceeded' }]);
  });

  it('keeps the hold of another unit that was not released', async () => {
    const world = await World.open();
    await warmUnit(world);
    await world.aggregated(WHOLESALER, 'a', { sources: [hex('u')] });
    await releasedThermal(world, 'u', WHOLESALER);
    await world.aggregated(WHOLESALER, 'both', { children: [hex('a'), hex('u')] });
    expect(world.unit('both').holds).toHaveLength(1);
    await world.done(WHOLESALER, 'disaggregateUnit', { unit: hex('both'), children: [hex('a'), hex('u')] });
    expect(world.unit('a').holds).toHaveLength(1);
    expect(world.unit('u').holds).toHaveLength(1);
  });

  it('needs the assessment of the owner of every batch', async () => {
    const world = await World.open();
    await world.batch('b2');
    await world.aggregated(MAKER, 'u', { batches: [hex('b1'), hex('b2')] });
    world.put('batch', hex('b2'), { ...world.batchState('b2'), owner: LABORATORY });
    await world.exposed('u', world.record('leg', MAKER, [11 * HOUR, 0]));
    const hold = holdOf(world, 'u');
    await world.done(MAKER, 'assessHold', { ...units('u'), hold, conclusion: 'usable' });
    expect(await world.say(MAKER, 'releaseHold', { ...units('u'), hold })).toBe('hold-not-assessed');
    await world.done(LABORATORY, 'assessHold', { ...units('u'), hold, conclusion: 'usable' });
    expect(await world.say(MAKER, 'releaseHold', { ...units('u'), hold })).toBe('ok');
  });

  it('lets everybody who had to do with a unit raise a suspicion, wherever it is, without moving its time', async () => {
    const world = await World.open();
    await world.produced('u');
    await world.moved('u', MAKER, WHOLESALER);
    const before = world.unit('u').lastEventTime;
    await world.done(WHOLESALER, 'shipUnits', { ...units('u'), receiver: PHARMACY, eventTime: before });
    for (const party of [MAKER, WHOLESALER, PHARMACY, REGULATOR]) {
      await world.done(party, 'placeHold', { ...units('u'), kind: 'security' });
    }
    await world.done(REGULATOR, 'placeHold', { ...units('u'), kind: 'authority' });
    expect(world.unit('u').holds).toHaveLength(5);
    expect(world.unit('u').lastEventTime).toBe(before);
    expect(await world.say(REGULATOR, 'releaseHold', { ...units('u'), hold: holdOf(world, 'u') })).toBe(
      'hold-not-of-caller',
    );
    expect(await world.say(MAKER, 'releaseHold', { ...units('u'), hold: holdOf(world, 'u') })).toBe('ok');
  });
});

describe('shipments that do not arrive', () => {
  it('calls back a part of a shipment', async () => {
    const world = await World.open();
    await world.produced('a');
    await world.produced('b');
    await world.done(MAKER, 'shipUnits', { ...units('a', 'b'), receiver: WHOLESALER });
    await world.done(MAKER, 'cancelShipment', units('a'));
    expect(world.unit('a')).toMatchObject({ status: 'held-by-custodian', custodian: MAKER, receiver: null, holds: [] });
    expect(await world.say(WHOLESALER, 'receiveUnits', { ...units('a'), discrepancy: null })).toBe(
      'unit-not-in-transit',
    );
    expect(world.unit('b')).toMatchObject({ status: 'in-transit', receiver: WHOLESALER });
  });

  it('leaves what was refused with its sender, held until the receiver says otherwise', async () => {
    const world = await World.open();
    await world.produced('u');
    await world.done(MAKER, 'shipUnits', { ...units('u'), receiver: WHOLESALER });
    await world.done(WHOLESALER, 'refuseReceipt', { ...units('u'), discrepancy: hex('seal broken') });
    expect(world.unit('u')).toMatchObject({ status: 'held-by-custodian', custodian: MAKER, receiver: null });
    const hold = holdOf(world, 'u');
    expect(hold).toMatchObject({ kind: 'discrepancy', reason: 'receipt-refused' });
    expect(await world.say(MAKER, 'releaseHold', { ...units('u'), hold })).toBe('hold-not-of-caller');
    expect(await world.say(WHOLESALER, 'releaseHold', { ...units('u'), hold })).toBe('ok');
  });
});

describe('unannounced claims', () => {
  const claimed = async (): Promise<World> => {
    const world = await World.open();
    await world.produced('u');
    await world.done(PHARMACY, 'receiveUnannounced', units('u'));
    return world;
  };

  it.each([
    [MAKER, []],
    [PHARMACY, [MAKER]],
  ])('ends when both have spoken, in either order, and %s keeps the unit', async (keeper, previousCustodians) => {
    for (const order of [
      [MAKER, PHARMACY],
      [PHARMACY, MAKER],
    ]) {
      const world = await claimed();
      for (const party of order) {
        expect(world.unit('u')).toMatchObject({ claimedBy: PHARMACY, custodian: MAKER, holds: [{}] });
        await world.done(party, 'resolveDiscrepancy', { ...units('u'), custodyTo: party === MAKER ? keeper : null });
      }
      expect(world.unit('u')).toMatchObject({ claimedBy: null, custodian: keeper, previousCustodians, holds: [] });
      expect(world.unit('u').resolution).toBeUndefined();
    }
  });

  it('forgets what a custodian said when custody goes on', async () => {
    const world = await claimed();
    await world.done(MAKER, 'resolveDiscrepancy', { ...units('u'), custodyTo: PHARMACY });
    await world.moved('u', MAKER, LABORATORY);
    await world.done(PHARMACY, 'resolveDiscrepancy', { ...units('u'), custodyTo: null });
    expect(world.unit('u')).toMatchObject({ claimedBy: PHARMACY, custodian: LABORATORY });
    await world.done(LABORATORY, 'resolveDiscrepancy', { ...units('u'), custodyTo: LABORATORY });
    expect(world.unit('u')).toMatchObject({ claimedBy: null, custodian: LABORATORY, holds: [] });
  });
});
