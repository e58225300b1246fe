import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { packReadingsOf } from './api-readings.js';
import { ApiWorld } from './api-world.js';
import { type Actor, carton, GTIN, HOUR_MS, LOT, serials } from './custody-world.js';

const pack = (serial: string): string => `(01)${GTIN}(10)${LOT}(21)${serial}`;
const batch = { gtin: GTIN, lot: LOT };

let world: ApiWorld;
const step = (): void => world.custody.clock.advance(1000);

/** How a party's list tells a shipment's only unit. */
async function stateFor(as: Actor, shipment: string): Promise<unknown> {
  const { body } = await world.expect(200, 'listShipments', { as });
  const shipments = body['shipments'] as readonly {
    readonly id: string;
    readonly units: readonly { state: string }[];
  }[];
  return shipments.find(({ id }) => id === shipment)?.units[0]?.state;
}

/** The commands of a code's trail, as a party sees them. */
async function commandsFor(as: Actor, code: string): Promise<string[]> {
  const { body } = await world.expect(200, 'getTrail', { as, query: { code } });
  return (body['entries'] as readonly { readonly command: string }[]).map(({ command }) => command);
}

beforeAll(async () => {
  world = await ApiWorld.open();
  await world.certifiedBatch();
  await world.expect(201, 'registerLogger', { role: 'device-manager', body: { serial: 'L1', intervalMs: 300_000 } });
  await world.anchorAll();
});
afterAll(() => world.close());

describe('a shipment that is called back', () => {
  let shipment: string;

  it('is its sender’s to call back, and nobody else’s', async () => {
    await world.pack(carton(1), 1, 2, 'L1');
    await packReadingsOf(world, 'L1', HOUR_MS, 5_000);
    shipment = await world.ship('maker', 'north', carton(1));
    const cancel = (as: Actor, params = { shipment }) =>
      world.refused('cancelShipment', { as, role: 'shipper', params, body: {} });
    expect(await cancel('north')).toBe('403 not-custodian');
    expect(await cancel('south')).toBe('404 shipment-unknown');
    expect(await cancel('maker', { shipment: 'a'.repeat(64) })).toBe('404 shipment-unknown');
    const foreign = { role: 'shipper', params: { shipment }, body: { ssccs: [carton(9)] } } as const;
    expect(await world.refused('cancelShipment', foreign)).toBe('404 unit-unknown');
  });

  it('is with its sender again once the ledger says so, told once, and the same again is no second act', async () => {
    await world.anchorAll();
    step();
    const sent = {
      role: 'shipper',
      params: { shipment },
      body: { eventTime: new Date(world.custody.clock.now()).toISOString() },
    } as const;
    const first = await world.expect(201, 'cancelShipment', sent);
    expect((await world.expect(200, 'cancelShipment', sent)).body).toMatchObject({
      repeated: true,
      events: [{ commitment: (first.body['events'] as { commitment: string }[])[0]?.commitment }],
    });
    expect(await world.refused('cancelShipment', { ...sent, body: {} })).toBe('409 unit-not-in-transit');
    expect(await world.verdict(pack('S1'), 'maker')).toBe('unknown in-transit');
    await world.anchorAll();
    expect(await world.verdict(pack('S1'), 'maker')).toBe('ok no-objection');
    expect(await world.verdict(pack('S1'), 'north')).toBe('unknown not-in-your-custody');
    expect(await stateFor('maker', shipment)).toBe('cancelled');
    expect(await stateFor('north', shipment)).toBe('cancelled');
    expect(await world.refused('receiveUnits', { as: 'north', role: 'shipper', body: { ssccs: [carton(1)] } })).toBe(
      '409 unit-not-in-transit',
    );
  });

  it('shows the receiver what he was shown, and nothing that is measured or done from then on', async () => {
    const readings = async (): Promise<unknown> =>
      (await world.expect(200, 'getReadings', { as: 'north', query: { code: `(00)${carton(1)}` } })).body['readings'];
    const before = await readings();
    expect(before).toBeGreaterThan(0);
    await packReadingsOf(world, 'L1', HOUR_MS, 5_000);
    step();
    await world.expect(201, 'observeUnits', { role: 'shipper', body: { ssccs: [carton(1)], bizStep: 'storing' } });
    expect(await readings()).toBe(before);
    expect(await commandsFor('north', `(00)${carton(1)}`)).toEqual(['aggregateUnit', 'shipUnits', 'cancelShipment']);
    const own = await world.expect(200, 'getReadings', { query: { code: `(00)${carton(1)}` } });
    expect(own.body['readings']).toBeGreaterThan(Number(before));
  });

  it('is not called back by the name of an earlier shipment of the same unit', async () => {
    const later = await world.ship('maker', 'carrier', carton(1));
    expect(await world.refused('cancelShipment', { role: 'shipper', params: { shipment }, body: {} })).toBe(
      '409 unit-not-in-transit',
    );
    expect(await stateFor('maker', shipment)).toBe('cancelled');
    expect(await stateFor('maker', later)).toBe('in-transit');
    step();
    await world.expect(201, 'receiveUnits', { as: 'carrier', role: 'shipper', body: { ssccs: [carton(1)] } });
    expect(await stateFor('maker', later)).toBe('received');
    await world.anchorAll();
  });
});

describe('a receipt that is refused', () => {
  it('leaves the goods with their sender, under a hold that only the receiver ends', async () => {
    await world.pack(carton(2), 3, 4);
    const shipment = await world.ship('maker', 'north', carton(2));
    const refuse = (as: Actor, body: unknown = { discrepancy: 'wet and open' }) =>
      world.refused('refuseReceipt', { as, role: 'dispenser', params: { shipment }, body });
    expect(await refuse('maker')).toBe('403 not-named-receiver');
    expect(await refuse('south')).toBe('404 shipment-unknown');
    expect(await refuse('north', {})).toBe('422 body-invalid');
    await world.anchorAll();
    step();
    await world.expect(201, 'refuseReceipt', {
      as: 'north',
      role: 'dispenser',
      params: { shipment },
      body: { discrepancy: 'wet and open' },
    });
    expect(await refuse('north')).toBe('409 unit-not-in-transit');
    await world.anchorAll();
    expect(await world.verdict(pack('S3'), 'maker')).toBe('do-not-use on-hold');
    expect(await world.verdict(pack('S3'), 'north')).toBe('do-not-use on-hold');
    expect(await stateFor('maker', shipment)).toBe('refused');
    expect(await stateFor('north', shipment)).toBe('refused');
    const { body } = await world.expect(200, 'getVerdict', { query: { code: pack('S3') } });
    expect(body['sentence']).toContain('the receiver refused it');
    // the words stay here: the ledger's payload has their commitment only
    const [row] = await world.custody.owner.query<{ payload: string; priority: number }>(
      `SELECT payload::text, priority FROM outbox WHERE command = 'refuseReceipt'`,
    );
    expect(row?.payload).not.toContain('wet');
    expect(row?.priority).toBe(0);

    const { body: held } = await world.expect(200, 'listHolds', { as: 'maker' });
    const hold = (held['units'] as { holds: { id: string; reason: string; placedBy: string }[] }[])[0]?.holds[0];
    expect(hold).toMatchObject({ reason: 'receipt-refused', placedBy: 'north' });
    const release = { params: { hold: hold?.id ?? '' }, body: {} };
    expect(await world.refused('releaseHold', release)).toBe('403 hold-not-of-caller');
    expect(await world.refused('shipUnits', { role: 'shipper', body: { ssccs: [carton(2)], receiver: 'south' } })).toBe(
      '409 unit-held',
    );
    step();
    await world.expect(201, 'releaseHold', { as: 'north', ...release });
    expect(await world.verdict(pack('S3'), 'maker')).toBe('do-not-use on-hold');
    await world.anchorAll();
    expect(await world.verdict(pack('S3'), 'maker')).toBe('ok no-objection');
    expect(await world.verdict(pack('S3'), 'north')).toBe('unknown not-in-your-custody');
  });
});

describe('an unannounced receipt', () => {
  it('is settled when both have spoken; data and leg go with who keeps the goods', async () => {
    await world.expect(201, 'registerLogger', { role: 'device-manager', body: { serial: 'L2', intervalMs: 300_000 } });
    await world.pack(carton(3), 5, 6, 'L2');
    await packReadingsOf(world, 'L2', HOUR_MS, 5_000);
    await world.expect(201, 'receiveUnits', {
      as: 'south',
      role: 'dispenser',
      body: { ssccs: [carton(3)], unannounced: true },
    });
    const settle = (as: Actor, body: Record<string, unknown>) =>
      world.refused('resolveDiscrepancy', { as, body: { ssccs: [carton(3)], ...body } });
    expect(await settle('north', {})).toBe('404 unit-unknown');
    expect(await settle('maker', {})).toBe('422 payload-invalid');
    expect(await settle('maker', { custodyTo: 'north' })).toBe('422 payload-invalid');
    expect(await settle('maker', { custodyTo: 'nobody' })).toBe('404 organisation-unknown');
    expect(await settle('south', { custodyTo: 'south' })).toBe('422 payload-invalid');
    await world.anchorAll();
    expect(await world.verdict(pack('S5'), 'maker')).toBe('do-not-use on-hold');
    expect(await world.verdict(pack('S5'), 'south')).toBe('unknown data-not-received');

    step();
    await world.expect(201, 'resolveDiscrepancy', { as: 'south', body: { ssccs: [carton(3)] } });
    await world.anchorAll();
    expect(await world.verdict(pack('S5'), 'maker')).toBe('do-not-use on-hold');
    step();
    await world.expect(201, 'resolveDiscrepancy', { body: { ssccs: [carton(3)], custodyTo: 'south' } });
    expect(await settle('maker', { custodyTo: 'maker' })).toBe('409 unit-not-claimed');
    await world.anchorAll();
    expect(await world.verdict(pack('S5'), 'south')).toBe('ok no-objection');
    expect(await world.verdict(pack('S5'), 'maker')).toBe('unknown not-in-your-custody');
    const legs = await world.custody.owner.query<{ slug: string; open: boolean; follows: boolean }>(
      `SELECT o.slug, l.ended_at IS NULL AS open, l.previous_leg_id IS NOT NULL AS follows
       FROM leg l JOIN organisation o ON o.id = l.organisation_id JOIN unit u ON u.id = l.unit_id
       WHERE u.sscc = $1 ORDER BY l.id`,
      [carton(3)],
    );
    expect(legs).toEqual([
      { slug: 'maker', open: false, follows: false },
      { slug: 'south', open: true, follows: true },
    ]);
    expect(await commandsFor('south', `(00)${carton(3)}`)).toContain('aggregateUnit');
  });
});

describe('an observation', () => {
  it('is its custodian’s to make, in the words of CBV that have no rule of their own', async () => {
    const observe = (as: Actor, body: Record<string, unknown>) =>
      world.refused('observeUnits', { as, role: 'shipper', body: { ssccs: [carton(3)], ...body } });
    expect(await observe('maker', { bizStep: 'storing' })).toBe('403 not-custodian');
    expect(await observe('north', { bizStep: 'storing' })).toBe('404 unit-unknown');
    expect(await observe('south', { bizStep: 'shipping' })).toBe('422 body-invalid');
    step();
    const body = { ssccs: [carton(3)], bizStep: 'storing', disposition: 'sellable_accessible' };
    await world.expect(201, 'observeUnits', { as: 'south', role: 'dispenser', body });
    const { body: trail } = await world.expect(200, 'getTrail', {
      as: 'south',
      query: { code: `(00)${carton(3)}` },
    });
    expect((trail['entries'] as { sentence: string }[]).at(-1)?.sentence).toBe('Observed: storing');
    await world.anchorAll();
  });
});

describe('a recall', () => {
  const recall = (as: Actor) => {
    step();
    return world.expect(201, 'recallBatch', { as, params: batch, body: { class: 2, depth: 'pharmacy' } });
  };
  const lift = (as: Actor) => world.refused('liftRecall', { as, params: batch, body: {} });

  it('ends by who made it: the owner’s word does not lift the authority’s', async () => {
    expect(await lift('maker')).toBe('409 batch-not-recalled');
    expect(await lift('north')).toBe('403 batch-not-owned');
    await recall('authority');
    expect(await lift('maker')).toBe('403 recall-not-of-caller');
    await recall('maker');
    step();
    await world.expect(201, 'liftRecall', { params: batch, body: {} });
    await world.anchorAll();
    expect(await world.verdict(pack('S3'), 'maker')).toBe('do-not-use recalled');
    step();
    await world.expect(201, 'liftRecall', { as: 'authority', params: batch, body: {} });
    expect(await world.verdict(pack('S3'), 'maker')).toBe('do-not-use recalled');
    await world.anchorAll();
    expect(await world.verdict(pack('S3'), 'maker')).toBe('ok no-objection');
  });

  it('of the owner stands when the authority lifts its own', async () => {
    await recall('maker');
    await recall('authority');
    step();
    await world.expect(201, 'liftRecall', { as: 'authority', params: batch, body: {} });
    await world.anchorAll();
    expect(await world.verdict(pack('S3'), 'maker')).toBe('do-not-use recalled');
    step();
    await world.expect(201, 'liftRecall', { params: batch, body: {} });
    await world.anchorAll();
    expect(await world.verdict(pack('S3'), 'maker')).toBe('ok no-objection');
  });
});

describe('a decommissioning by mistake', () => {
  const use = (as: Actor, serial: string, status = 'dispensed') => {
    step();
    const params = { id: `${GTIN}.${serial}` };
    return world.expect(201, 'decommissionPack', { as, role: 'dispenser', params, body: { status } });
  };
  const revert = (as: Actor, serial: string) =>
    world.refused('revertDecommission', { as, role: 'dispenser', params: { id: `${GTIN}.${serial}` }, body: {} });

  it('is put back by who made it, and can be given out again', async () => {
    await world.pack(carton(4), 7, 12);
    await world.deliver('maker', 'north', carton(4));
    expect(await revert('north', 'S7')).toBe('409 pack-not-decommissioned');
    expect(await revert('south', 'S20')).toBe('409 pack-not-decommissioned');
    const used = await use('north', 'S7');
    expect(await revert('maker', 'S7')).toBe('403 decommission-not-of-caller');
    await world.anchorAll();
    step();
    const params = { id: `${GTIN}.S7` };
    const reverted = await world.expect(201, 'revertDecommission', {
      as: 'north',
      role: 'dispenser',
      params,
      body: {},
    });
    // an error declaration has the hash of what it takes back, and a digest of its own
    const [mistake, declaration] = [used, reverted].map(
      ({ body }) => (body['events'] as { eventHash: string; digest: string }[])[0],
    );
    expect(declaration?.eventHash).toBe(mistake?.eventHash);
    expect(declaration?.digest).not.toBe(mistake?.digest);
    expect(await world.verdict(pack('S7'), 'north')).toBe('do-not-use already-dispensed');
    await world.anchorAll();
    expect(await world.verdict(pack('S7'), 'north')).toBe('ok no-objection');
    expect(await revert('north', 'S7')).toBe('409 pack-not-decommissioned');
    await use('north', 'S7');
    await world.anchorAll();
    expect(await world.verdict(pack('S7'), 'north')).toBe('do-not-use already-dispensed');
  });

  it('stays what it is when it is final, late, or its unit has gone on', async () => {
    await use('north', 'S8', 'destroyed');
    await use('north', 'S9', 'stolen');
    expect(await revert('north', 'S8')).toBe('409 decommission-final');
    expect(await revert('north', 'S9')).toBe('409 decommission-final');
    await use('north', 'S10');
    await use('north', 'S11');
    await world.ship('north', 'south', carton(4));
    expect(await revert('north', 'S10')).toBe('409 unit-in-transit');
    step();
    await world.expect(201, 'receiveUnits', { as: 'south', role: 'dispenser', body: { ssccs: [carton(4)] } });
    expect(await revert('north', 'S10')).toBe('403 not-custodian');
    await world.anchorAll();
    // it was dispensed before the carton went on without it
    expect(await world.verdict(pack('S10'), 'south')).toBe('do-not-use already-dispensed');
    await world.deliver('south', 'north', carton(4));
    world.custody.clock.advance(11 * 24 * HOUR_MS);
    expect(await revert('north', 'S11')).toBe('409 revert-window-over');
    expect(serials(10, 11)).toEqual(['S10', 'S11']);
  });
});
