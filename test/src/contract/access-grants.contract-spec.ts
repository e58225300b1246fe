import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sleep } from '@coldchain/kernel';
import { packReadingsOf } from './api-readings.js';
import { ApiWorld } from './api-world.js';
import { type Actor, carton, GTIN, HOUR_MS, LOT } from './custody-world.js';

const UNIT = { sscc: carton(1) };
const BATCH = { gtin: GTIN, lot: LOT };
/** Access ends by the database's clock; this world's stands in its past. */
const inReal = (durationMs: number): string => new Date(Date.now() + durationMs).toISOString();

let world: ApiWorld;
const step = (): void => world.custody.clock.advance(1000);

const granting = (as: Actor, object: unknown, receiver: string, until = inReal(HOUR_MS)): Promise<string> =>
  world.refused('grantAccess', { as, body: { object, receiver, until } });
async function grant(as: Actor, object: unknown, receiver: Actor, until = inReal(HOUR_MS)): Promise<string> {
  step();
  const { body } = await world.expect(201, 'grantAccess', { as, body: { object, receiver, until } });
  return String(body['id']);
}
/** What a party can read of the carton. */
async function seenBy(as: Actor): Promise<{ unit: boolean; batches: number; readings: number; commands: string[] }> {
  const code = `(00)${UNIT.sscc}`;
  const [unit, batches, readings, trail] = [
    await world.call('getUnit', { as, params: UNIT }),
    await world.expect(200, 'listBatches', { as }),
    await world.expect(200, 'getReadings', { as, query: { code } }),
    await world.expect(200, 'getTrail', { as, query: { code } }),
  ];
  return {
    unit: unit.status === 200,
    batches: (batches.body['batches'] as unknown[]).length,
    readings: Number(readings.body['readings']),
    commands: (trail.body['entries'] as { command: string }[]).map(({ command }) => command),
  };
}
const NOTHING = { unit: false, batches: 0, readings: 0, commands: [] };

beforeAll(async () => {
  world = await ApiWorld.open();
  await world.certifiedBatch();
  await world.expect(201, 'registerLogger', { role: 'device-manager', body: { serial: 'L1', intervalMs: 300_000 } });
  await world.pack(UNIT.sscc, 1, 5, 'L1');
  await packReadingsOf(world, 'L1', HOUR_MS, 5_000);
  await world.anchorAll();
});
afterAll(() => world.close());

describe('access to a unit', () => {
  it('is given by who has the say, to who takes part, until an instant that lies ahead', async () => {
    expect(await granting('carrier', UNIT, 'north')).toBe('404 unit-unknown');
    expect(await granting('maker', { sscc: carton(99) }, 'north')).toBe('404 unit-unknown');
    expect(await granting('maker', UNIT, 'nobody')).toBe('404 organisation-unknown');
    expect(await granting('maker', UNIT, 'north', '2026-05-31T00:00:00Z')).toBe('422 until-passed');
    expect(await granting('maker', { ...UNIT, ...BATCH }, 'north')).toBe('422 body-invalid');
    expect(await seenBy('north')).toEqual(NOTHING);
  });

  it('shows the unit, its contents, events and readings, and lets nothing be done', async () => {
    await grant('maker', UNIT, 'north');
    const seen = await seenBy('north');
    expect(seen).toMatchObject({ unit: true, batches: 1, commands: ['aggregateUnit'] });
    expect(seen.readings).toBeGreaterThan(0);
    expect(await world.verdict(`(00)${UNIT.sscc}`, 'north')).toBe('unknown not-in-your-custody');
    expect(await seenBy('south')).toEqual(NOTHING);
    const shipping = { as: 'north', role: 'shipper', body: { ssccs: [UNIT.sscc], receiver: 'south' } } as const;
    expect(await world.refused('shipUnits', shipping)).toBe('403 not-custodian');
    expect(await granting('north', UNIT, 'south')).toBe('403 not-custodian');
    expect(
      await world.refused('decommissionPack', {
        as: 'north',
        role: 'dispenser',
        params: { id: `${GTIN}.S1` },
        body: { status: 'dispensed' },
      }),
    ).toBe('403 not-custodian');
    expect(await world.refused('placeHold', { as: 'north', body: { ssccs: [UNIT.sscc], kind: 'security' } })).toBe(
      '403 hold-kind-not-allowed',
    );
    // nor in the database itself
    const changed = await world.custody.as('north', async ({ transaction }) => [
      await transaction.query('UPDATE unit SET parent_id = NULL RETURNING id'),
      await transaction.query('UPDATE pack SET unit_id = NULL RETURNING serial'),
      await transaction.query('UPDATE leg SET ended_at = now() RETURNING id'),
      await transaction.query('UPDATE unit_logger SET unbound_at = now() RETURNING logger_id'),
      await transaction.query('UPDATE access_grant SET until = now() RETURNING id'),
    ]);
    expect(changed).toEqual([[], [], [], [], []]);
  });

  it('goes on with what its giver captures and measures, and ends where his custody ends', async () => {
    const before = await seenBy('north');
    step();
    await world.expect(201, 'observeUnits', { role: 'shipper', body: { ssccs: [UNIT.sscc], bizStep: 'storing' } });
    await packReadingsOf(world, 'L1', HOUR_MS, 5_000);
    const then = await seenBy('north');
    expect(then.commands).toEqual(['aggregateUnit', 'recordObservation']);
    expect(then.readings).toBeGreaterThan(before.readings);
    await world.deliver('maker', 'carrier', UNIT.sscc);
    await packReadingsOf(world, 'L1', HOUR_MS, 5_000);
    step();
    await world.expect(201, 'observeUnits', {
      as: 'carrier',
      role: 'shipper',
      body: { ssccs: [UNIT.sscc], bizStep: 'storing' },
    });
    const after = await seenBy('north');
    expect(after.commands).toEqual(['aggregateUnit', 'recordObservation', 'shipUnits']);
    // the last reading of the maker's leg may lie in one frame with the first of the carrier's
    expect(after.readings - then.readings).toBeLessThanOrEqual(1);
    await world.anchorAll();
  });

  it('ends at once when it is revoked, and is no more than what others gave', async () => {
    const second = await grant('carrier', UNIT, 'north');
    const revoking = (as: Actor, id: string) => world.refused('revokeAccess', { as, params: { grant: id } });
    const { body } = await world.expect(200, 'listAccessGrants', { as: 'maker' });
    expect(body['grants']).toMatchObject([
      { direction: 'given', organisation: 'north', object: UNIT, state: 'granted' },
    ]);
    const first = (body['grants'] as { id: string }[])[0]?.id ?? '';
    expect(await revoking('north', first)).toBe('404 access-unknown');
    expect(await revoking('carrier', first)).toBe('404 access-unknown');
    expect(await revoking('maker', first)).toBe('201 undefined');
    expect(await revoking('maker', first)).toBe('200 undefined');
    const left = await seenBy('north');
    expect(left).toMatchObject({ unit: true });
    expect(left.commands).toContain('receiveUnits');
    expect(await revoking('carrier', second)).toBe('201 undefined');
    expect(await seenBy('north')).toEqual(NOTHING);
    const received = await world.expect(200, 'listAccessGrants', { as: 'north' });
    expect(received.body['grants']).toMatchObject([
      { direction: 'received', organisation: 'maker', object: null, state: 'revoked' },
      { direction: 'received', organisation: 'carrier', object: null, state: 'revoked' },
    ]);
  });

  it('can be given again, and ends by itself', async () => {
    await grant('carrier', UNIT, 'north', inReal(2_000));
    expect(await seenBy('north')).toMatchObject({ unit: true });
    while ((await seenBy('north')).unit) await sleep(100);
    expect(await seenBy('north')).toEqual(NOTHING);
  });

  it('that was revoked takes nothing of what came with goods', async () => {
    const id = await grant('carrier', UNIT, 'south');
    await world.deliver('carrier', 'south', UNIT.sscc);
    step();
    await world.expect(201, 'revokeAccess', { as: 'carrier', params: { grant: id } });
    expect(await seenBy('south')).toMatchObject({ unit: true, batches: 1 });
    await world.anchorAll();
    expect(await world.verdict(`(00)${UNIT.sscc}`, 'south')).toBe('ok no-objection');
  });

  it('ends here also when the ledger knows nothing of it', async () => {
    const id = await grant('south', UNIT, 'north');
    await world.custody.owner.query(
      `DELETE FROM expected_object WHERE object_type = 'access' AND state ->> 'grantedBy' LIKE '%south'`,
    );
    expect((await seenBy('north')).unit).toBe(true);
    await world.expect(201, 'revokeAccess', { as: 'south', params: { grant: id } });
    expect(await seenBy('north')).toEqual(NOTHING);
  });
});

describe('access to a batch', () => {
  it('is its owner’s to give, and shows the batch and not its units', async () => {
    expect(await granting('south', BATCH, 'north')).toBe('403 batch-not-owned');
    expect(await granting('north', BATCH, 'south')).toBe('404 batch-unknown');
    const id = await grant('maker', BATCH, 'north');
    expect(await seenBy('north')).toEqual({ ...NOTHING, batches: 1 });
    expect(await world.verdict(`(01)${GTIN}(10)${LOT}(21)S1`, 'north')).toBe('unknown no-unit-recorded');
    step();
    await world.expect(201, 'recallBatch', { params: BATCH, body: { class: 2, depth: 'pharmacy' } });
    const { body } = await world.expect(200, 'getTrail', { as: 'north', query: { code: `(01)${GTIN}(10)${LOT}` } });
    expect((body['entries'] as { command: string }[]).map(({ command }) => command)).toContain('recallBatch');
    await world.expect(201, 'revokeAccess', { params: { grant: id } });
    expect(await seenBy('north')).toEqual(NOTHING);
  });
});
