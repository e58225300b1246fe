import { describe, expect, test } from '@jest/globals';
import type { LedgerEvent, UnitState } from '../protocol';
import { hex, MAKER, WHOLESALER, World } from './spec-world';
import { readEvent, readState, writtenEvent, writtenState } from './written-form';

/** Units `NAME-0` … of one batch, and the event of shipping them. */
async function shipped(world: World, name: string, count: number): Promise<LedgerEvent> {
  const names = Array.from({ length: count }, (_, index) => `${name}-${index}`);
  for (const unit of names) {
    await world.produced(unit);
    world.now -= 60_000;
  }
  const decision = await world.decide(MAKER, 'shipUnits', { units: names.map(hex), receiver: WHOLESALER });
  if (!decision.ok || decision.event === null) throw new Error(JSON.stringify(decision));
  return decision.event;
}

// What calls of every command write and emit is read back and compared by the World itself, in all specs of the rules.
describe('the written form of states and events', () => {
  test('leaves out of a unit what its key says, what follows and what is empty', async () => {
    const world = await World.open();
    await world.produced('u');
    const text = writtenState('unit', world.unit('u'));
    expect(Object.keys(JSON.parse(text) as object)).toEqual([
      'status',
      'custodian',
      'batches',
      'loosePacks',
      'lastEventTime',
      'inherited',
    ]);
    expect(text).not.toContain(hex('u'));
    expect(readState('unit', hex('u'), text)).toEqual(world.unit('u'));
  });

  test('a unit with legs has its total again, computed', async () => {
    const world = await World.open();
    await world.produced('u');
    await world.exposed('u', world.record('leg', MAKER, [5, 0]));
    const unit = world.unit('u');
    expect(unit.total.exposures[0]?.usedMs).toEqual([5, 0]);
    expect(writtenState('unit', unit)).not.toContain('"total"');
    expect(readState('unit', hex('u'), writtenState('unit', unit))).toEqual(unit);
  });

  test('units of one event that differ in nothing but their keys share one state', async () => {
    const event = await shipped(await World.open(), 'u', 40);
    const text = writtenEvent(event);
    expect((JSON.parse(text) as { units: object[] }).units).toHaveLength(1);
    expect(text.length).toBeLessThan(JSON.stringify(event).length / 4);
    expect(readEvent(text)).toEqual(event);
  });

  test('units that differ keep their own, and stand in the order of their keys', async () => {
    const event = await shipped(await World.open(), 'u', 7);
    const units = event.units.map((unit, index) => ({ ...unit, lastEventTime: unit.lastEventTime + (index % 3) }));
    expect(readEvent(writtenEvent({ ...event, units }))).toEqual({ ...event, units });
  });

  test('the objects of an anchor keep their order, whatever types alternate', async () => {
    const { anchor, ...event } = await shipped(await World.open(), 'u', 1);
    if (anchor === null) throw new Error('no anchor');
    const types = ['unit', 'unit', 'batch', 'unit', 'pack', 'pack'] as const;
    const mixed = { ...anchor, objects: types.map((type, index) => ({ type, key: hex(`${index}`) })) };
    expect(readEvent(writtenEvent({ ...event, anchor: mixed })).anchor).toEqual(mixed);
    expect(readState('anchor', mixed.commitment, writtenState('anchor', mixed))).toEqual(mixed);
  });

  test('chains that were written in full are read as before', async () => {
    const event = await shipped(await World.open(), 'u', 3);
    expect(readEvent(JSON.stringify(event))).toEqual(event);
    const [unit] = event.units as [UnitState];
    expect(readState('unit', unit.unit, JSON.stringify(unit))).toEqual(unit);
    const { anchor } = event;
    expect(readState('anchor', anchor?.commitment ?? '', JSON.stringify(anchor))).toEqual(anchor);
  });

  test.each(['', 'null', '{}', '{"units":[null],"anchor":null}', '{"units":[],"anchor":{"objects":3}}', '[]'])(
    'a payload that is no event is refused in one way: %s',
    (text) => {
      expect(() => readEvent(text)).toThrow(SyntaxError);
    },
  );
});
