import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { packReadingsOf } from './api-readings.js';
import { ApiWorld } from './api-world.js';
import { carton, GTIN, HOUR_MS, LOT, serials } from './custody-world.js';

const pack = (serial: string): string => `(01)${GTIN}(10)${LOT}(21)${serial}`;

let world: ApiWorld;
beforeEach(async () => {
  world = await ApiWorld.open();
  await world.certifiedBatch('logger');
  for (const serial of ['L1', 'L2']) {
    await world.expect(201, 'registerLogger', { role: 'device-manager', body: { serial, intervalMs: 300_000 } });
  }
});
afterEach(() => world.close());

const packed = (body: Record<string, unknown>) => world.expect(201, 'aggregateUnit', { role: 'shipper', body });
const packsOf = (from: number, to: number) => [{ gtin: GTIN, lot: LOT, serials: serials(from, to) }];

describe('a time without evidence', () => {
  it('is not covered by the logger of a carton that was packed beside it', async () => {
    await packed({ sscc: carton(1), packs: packsOf(1, 2), logger: 'L1' });
    await packed({ sscc: carton(2), packs: packsOf(3, 4) });
    await world.anchorAll();
    await packReadingsOf(world, 'L1', 10 * HOUR_MS, 5_000);
    await packed({ sscc: carton(3), children: [carton(1), carton(2)] });
    await packReadingsOf(world, 'L1', HOUR_MS, 5_000);
    await world.anchorAll();
    expect(await world.verdict(pack('S1'), 'maker')).toBe('ok no-objection');
    // S3 lay ten hours in a carton without a logger
    expect(await world.verdict(pack('S3'), 'maker')).toBe('unknown evidence-missing');
    expect(await world.verdict(`(00)${carton(3)}`, 'maker')).toBe('unknown evidence-missing');
  });

  it('is not washed off by packing the packs into another carton', async () => {
    await packed({ sscc: carton(1), packs: packsOf(1, 2) });
    await world.anchorAll();
    world.custody.clock.advance(10 * HOUR_MS);
    await packed({ sscc: carton(2), packs: packsOf(1, 2), logger: 'L1' });
    await packReadingsOf(world, 'L1', HOUR_MS, 5_000);
    await world.anchorAll();
    expect(await world.verdict(pack('S1'), 'maker')).toBe('unknown evidence-missing');
  });

  it('is not washed off for the next holder either, who does not see the first carton', async () => {
    await packed({ sscc: carton(1), packs: packsOf(1, 2) });
    world.custody.clock.advance(10 * HOUR_MS);
    await packed({ sscc: carton(2), packs: packsOf(1, 2), logger: 'L1' });
    await packReadingsOf(world, 'L1', HOUR_MS, 5_000);
    await world.expect(201, 'shipUnits', { role: 'shipper', body: { ssccs: [carton(2)], receiver: 'north' } });
    await packReadingsOf(world, 'L1', HOUR_MS / 2, 5_000);
    await world.expect(201, 'receiveUnits', { as: 'north', role: 'dispenser', body: { ssccs: [carton(2)] } });
    await packReadingsOf(world, 'L1', HOUR_MS / 2, 5_000);
    await world.anchorAll();
    expect(await world.verdict(pack('S1'), 'north')).toBe('unknown evidence-missing');
  });

  it('is not seen where both cartons were watched, by the next holder neither', async () => {
    await packed({ sscc: carton(1), packs: packsOf(1, 4), logger: 'L1' });
    await packReadingsOf(world, 'L1', 10 * HOUR_MS, 5_000);
    await packed({ sscc: carton(2), packs: packsOf(1, 2), logger: 'L2' });
    await packReadingsOf(world, 'L2', 3 * HOUR_MS, 5_000);
    await world.anchorAll();
    expect(await world.verdict(pack('S1'), 'maker')).toBe('ok no-objection');
    expect(await world.verdict(pack('S3'), 'maker')).toBe('unknown evidence-missing');
    await world.expect(201, 'shipUnits', { role: 'shipper', body: { ssccs: [carton(2)], receiver: 'north' } });
    await packReadingsOf(world, 'L2', HOUR_MS / 2, 5_000);
    await world.expect(201, 'receiveUnits', { as: 'north', role: 'dispenser', body: { ssccs: [carton(2)] } });
    await packReadingsOf(world, 'L2', HOUR_MS / 2, 5_000);
    await world.anchorAll();
    expect(await world.verdict(pack('S1'), 'north')).toBe('ok no-objection');
  });
});

describe('an event that the ledger refused', () => {
  it('about one pack is not settled by the use of another pack of its carton', async () => {
    await packed({ sscc: carton(1), packs: packsOf(1, 3), logger: 'L1' });
    await packReadingsOf(world, 'L1', HOUR_MS, 5_000);
    await world.anchorAll();
    const { owner, clock } = world.custody;
    const use = (serial: string) =>
      world.expect(201, 'decommissionPack', {
        role: 'dispenser',
        params: { id: `${GTIN}.${serial}` },
        body: { status: 'dispensed' },
      });
    clock.advance(1000);
    await use('S1');
    await owner.query(
      `UPDATE custody_event SET anchor_state = 'refused', refusal = '{"code": "pack-not-of-batch"}'
       WHERE command = 'decommissionPack'`,
    );
    await owner.query(`DELETE FROM expected_object WHERE object_type = 'pack'`);
    await world.confirm();
    expect(await world.verdict(pack('S1'), 'maker')).toBe('do-not-use refused-by-ledger');
    clock.advance(1000);
    await use('S2');
    await world.anchorAll();
    expect(await world.verdict(pack('S1'), 'maker')).toBe('do-not-use refused-by-ledger');
  });
});

describe('a logger of another organisation', () => {
  it('does not stand in the way of one’s own with the same serial number', async () => {
    await packed({ sscc: carton(1), packs: packsOf(1, 2), logger: 'L1' });
    world.custody.clock.advance(1000);
    await world.expect(201, 'shipUnits', { role: 'shipper', body: { ssccs: [carton(1)], receiver: 'north' } });
    const own = { as: 'north', role: 'device-manager', body: { serial: 'L1', intervalMs: 60_000 } } as const;
    await world.expect(201, 'registerLogger', own);
    const { body } = await world.expect(200, 'registerLogger', own);
    expect(body).toMatchObject({ serial: 'L1', intervalMs: 60_000, boundTo: null });
  });
});
