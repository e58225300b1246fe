import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DeviceState } from '@coldchain/chaincode/protocol';
import { packReadingsOf } from './api-readings.js';
import { ApiWorld } from './api-world.js';
import { type Actor, carton, GTIN, HOUR_MS, LOT } from './custody-world.js';

const pack = (serial: string): string => `(01)${GTIN}(10)${LOT}(21)${serial}`;
const pem = (type: 'ed25519' | 'p256' | 'rsa'): string => {
  const { publicKey } =
    type === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: 1024 })
      : type === 'ed25519'
        ? generateKeyPairSync('ed25519')
        : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return publicKey.export({ type: 'spki', format: 'pem' }).toString();
};

let world: ApiWorld;
const step = (): void => world.custody.clock.advance(1000);

beforeAll(async () => {
  world = await ApiWorld.open();
  await world.certifiedBatch();
  await world.anchorAll();
});
afterAll(() => world.close());

describe('organisations', () => {
  const laboratory = {
    slug: 'state-laboratory',
    name: 'State Laboratory',
    party: 'RegulatorMSP:state-laboratory',
    gln: '9506000134352',
    roles: ['laboratory'],
  };
  const registering = (as: Actor, changes: Record<string, unknown> = {}) =>
    world.refused('registerOrganisation', { as, body: { ...laboratory, ...changes } });
  const stateOf = async (slug: string): Promise<unknown> => {
    const { body } = await world.expect(200, 'listOrganisations', {});
    return (body['organisations'] as { slug: string; state: string }[]).find((one) => one.slug === slug)?.state;
  };

  it('are registered by the regulator, once, and can be sent to from then on', async () => {
    await world.pack(carton(1), 1, 2);
    expect(
      await world.refused('shipUnits', { role: 'shipper', body: { ssccs: [carton(1)], receiver: laboratory.slug } }),
    ).toBe('422 receiver-unknown');
    expect(await registering('maker')).toBe('403 role-missing');
    expect(await registering('authority', { party: 'no party' })).toBe('422 body-invalid');
    expect(await registering('authority', { gln: '9506000134353' })).toBe('422 check-digit-wrong');
    const { body } = await world.expect(201, 'registerOrganisation', { as: 'authority', body: laboratory });
    expect(body).toMatchObject({ anchor: 'pending', state: 'authorised', repeated: false });
    expect((await world.expect(200, 'registerOrganisation', { as: 'authority', body: laboratory })).body).toMatchObject(
      {
        repeated: true,
      },
    );
    expect(await registering('authority', { roles: ['distributor'] })).toBe('409 party-exists-differently');
    expect(await registering('authority', { party: 'RegulatorMSP:other' })).toBe('409 organisation-exists');
    expect(await registering('authority', { slug: 'other' })).toBe('409 organisation-exists');
    // what was refused left nothing behind
    const known = await world.custody.owner.query(
      `SELECT 1 FROM expected_object WHERE object_key = 'RegulatorMSP:other'`,
    );
    expect(known).toEqual([]);
    await world.ship('maker', 'state-laboratory' as Actor, carton(1));
  });

  it('that are suspended can do nothing, receive nothing, and nothing they hold is ok for them', async () => {
    await world.pack(carton(2), 3, 6);
    await world.pack(carton(3), 7, 8);
    await world.deliver('maker', 'north', carton(2));
    const onItsWay = await world.ship('maker', 'north', carton(3));
    await world.anchorAll();
    expect(await world.verdict(pack('S3'), 'north')).toBe('ok no-objection');
    const suspend = (as: Actor, slug: string) => world.refused('suspendOrganisation', { as, params: { slug } });
    expect(await suspend('maker', 'north')).toBe('403 role-missing');
    expect(await suspend('authority', 'nobody')).toBe('404 organisation-unknown');
    expect(await suspend('authority', 'authority')).toBe('409 party-suspends-itself');
    await world.expect(201, 'suspendOrganisation', { as: 'authority', params: { slug: 'north' } });
    await world.expect(200, 'suspendOrganisation', { as: 'authority', params: { slug: 'north' } });
    expect(await stateOf('north')).toBe('suspended');
    const [row] = await world.custody.owner.query<{ priority: number }>(
      `SELECT priority FROM outbox WHERE command = 'suspendParty'`,
    );
    expect(row?.priority).toBe(0);

    expect(await world.verdict(pack('S3'), 'north')).toBe('do-not-use organisation-suspended');
    await world.anchorAll();
    expect(await world.verdict(pack('S3'), 'north')).toBe('do-not-use organisation-suspended');
    const use = {
      as: 'north',
      role: 'dispenser',
      params: { id: `${GTIN}.S3` },
      body: { status: 'dispensed' },
    } as const;
    expect(await world.refused('decommissionPack', use)).toBe('403 party-suspended');
    expect(await world.refused('receiveUnits', { as: 'north', role: 'dispenser', body: { ssccs: [carton(3)] } })).toBe(
      '403 party-suspended',
    );
    expect(await world.refused('shipUnits', { role: 'shipper', body: { ssccs: [carton(3)], receiver: 'north' } })).toBe(
      '422 receiver-unknown',
    );
    expect(await world.refused('placeHold', { as: 'north', body: { ssccs: [carton(2)], kind: 'security' } })).toBe(
      '403 party-suspended',
    );
    // what was on its way to it is its sender's to call back
    step();
    await world.expect(201, 'cancelShipment', { role: 'shipper', params: { shipment: onItsWay }, body: {} });

    expect(await world.refused('reinstateOrganisation', { as: 'maker', params: { slug: 'north' } })).toBe(
      '403 role-missing',
    );
    await world.expect(201, 'reinstateOrganisation', { as: 'authority', params: { slug: 'north' } });
    expect(await world.verdict(pack('S3'), 'north')).toBe('do-not-use organisation-suspended');
    await world.anchorAll();
    expect(await world.verdict(pack('S3'), 'north')).toBe('ok no-objection');
    await world.expect(201, 'decommissionPack', use);
  });
});

describe('devices', () => {
  const register = (body: Record<string, unknown>, as: Actor = 'maker') =>
    world.refused('registerDevice', { as, role: 'device-manager', body });
  const bind = (sscc: string, logger = 'D1') =>
    world.refused('bindLogger', { role: 'device-manager', params: { sscc }, body: { logger } });
  const unbind = (sscc: string, logger = 'D1') =>
    world.refused('unbindLogger', { role: 'device-manager', params: { sscc, logger } });
  const key = pem('ed25519');
  const device = { serial: 'D1', publicKey: key, calibrationDue: '2026-06-30' };
  const listed = async () => {
    const { body } = await world.expect(200, 'listDevices', { role: 'device-manager' });
    return body['devices'] as { serial: string; state: string; boundTo: string | null; calibrationDue: string }[];
  };
  const commands = async (): Promise<string[]> => {
    const rows = await world.custody.owner.query<{ command: string }>(
      `SELECT command FROM custody_event WHERE event_type = 'AssociationEvent' ORDER BY id`,
    );
    return rows.map(({ command }) => command);
  };

  beforeAll(async () => {
    for (const serial of ['D1', 'D2']) {
      await world.expect(201, 'registerLogger', { role: 'device-manager', body: { serial, intervalMs: 300_000 } });
    }
    for (const [number, from] of [
      [11, 11],
      [12, 12],
      [13, 13],
    ] as const) {
      await world.pack(carton(number), from, from);
    }
  });

  it('are registered loggers with a key and a calibration, of their owner', async () => {
    expect(await register({ ...device, serial: 'NONE' })).toBe('404 logger-unknown');
    expect(await register(device, 'carrier')).toBe('404 logger-unknown');
    expect(await register({ ...device, publicKey: 'no key' })).toBe('422 body-invalid');
    expect(await register({ ...device, publicKey: key.replace('MCow', 'AAAA') })).toBe('422 body-invalid');
    expect(await register({ ...device, publicKey: pem('rsa') })).toBe('422 body-invalid');
    expect(await register(device)).toBe('201 undefined');
    expect(await register(device)).toBe('200 undefined');
    expect(await register({ ...device, calibrationDue: '2026-06-29' })).toBe('409 device-exists-differently');
    expect(await register({ ...device, publicKey: pem('p256') })).toBe('409 device-exists-differently');
    expect(await listed()).toMatchObject([{ serial: 'D1', state: 'registered', boundTo: null, anchored: false }]);
  });

  it('are bound by the ledger’s rules: one unit at a time, not with an overdue calibration', async () => {
    expect(await bind(carton(11))).toBe('201 undefined');
    expect(await commands()).toEqual(['bindDevice']);
    expect(await listed()).toMatchObject([{ boundTo: carton(11) }]);
    expect(await bind(carton(12))).toBe('409 device-bound');
    expect(await bind(carton(12), 'D2')).toBe('201 undefined');
    expect(await commands()).toEqual(['bindDevice', 'recordObservation']);
    expect(await unbind(carton(11))).toBe('200 undefined');
    expect(await unbind(carton(11))).toBe('409 logger-not-bound');
    expect(await listed()).toMatchObject([{ boundTo: null }]);
    await world.anchorAll();
    world.custody.clock.advance(40 * 24 * HOUR_MS);
    expect(await bind(carton(11))).toBe('409 device-calibration-overdue');
    const packing = { sscc: carton(14), packs: [{ gtin: GTIN, lot: LOT, serials: ['S14'] }], logger: 'D1' };
    expect(await world.refused('aggregateUnit', { role: 'shipper', body: packing })).toBe(
      '409 device-calibration-overdue',
    );
    expect(await register({ ...device, calibrationDue: '2027-06-30' })).toBe('201 undefined');
    expect(await world.refused('aggregateUnit', { role: 'shipper', body: packing })).toBe('201 undefined');
    expect((await commands()).at(-1)).toBe('bindDevice');
    expect(await listed()).toMatchObject([{ boundTo: carton(14), calibrationDue: '2027-06-30' }]);
  });

  it('stay bound on the ledger to what was packed since, until their owner says otherwise', async () => {
    step();
    await world.expect(201, 'aggregateUnit', { role: 'shipper', body: { sscc: carton(15), children: [carton(14)] } });
    expect(await listed()).toMatchObject([{ boundTo: carton(14) }]);
    expect(await unbind(carton(14))).toBe('200 undefined');
    expect(await listed()).toMatchObject([{ boundTo: null }]);
    // the logger itself moved along with the packing, and still watches the whole
    const { body } = await world.expect(200, 'getUnit', { params: { sscc: carton(15) } });
    expect(body['loggers']).toEqual(['D1']);
  });

  it('are not bound by an event that stands for the mere observation of a binding', async () => {
    step();
    const eventTime = new Date(world.custody.clock.now()).toISOString();
    const sent = { role: 'device-manager', params: { sscc: carton(11) }, body: { logger: 'D3', eventTime } } as const;
    await world.expect(201, 'registerLogger', {
      role: 'device-manager',
      body: { serial: 'D3', intervalMs: 300_000 },
    });
    await world.expect(201, 'bindLogger', sent);
    expect((await world.expect(200, 'bindLogger', sent)).body).toMatchObject({ repeated: true });
    expect(await unbind(carton(11), 'D3')).toBe('200 undefined');
    const other = { serial: 'D3', publicKey: pem('ed25519'), calibrationDue: '2027-06-30' };
    expect(await register(other)).toBe('201 undefined');
    expect(await world.refused('bindLogger', sent)).toBe('409 event-recorded-otherwise');
    expect(await world.refused('revokeDevice', { role: 'device-manager', params: { serial: 'D3' } })).toBe(
      '201 undefined',
    );
  });

  it('are revoked for good: the logger comes off and measures nothing any more under that key', async () => {
    await packReadingsOf(world, 'D1', HOUR_MS, 5_000);
    const revoke = (as: Actor, serial: string) =>
      world.refused('revokeDevice', { as, role: 'device-manager', params: { serial } });
    expect(await revoke('carrier', 'D1')).toBe('404 logger-unknown');
    expect(await revoke('maker', 'D2')).toBe('404 device-unknown');
    expect(await revoke('maker', 'D1')).toBe('201 undefined');
    expect(await revoke('maker', 'D1')).toBe('200 undefined');
    const { body } = await world.expect(200, 'getUnit', { params: { sscc: carton(15) } });
    expect(body['loggers']).toEqual([]);
    expect(await bind(carton(13))).toBe('409 device-revoked');
    expect(await register({ ...device, calibrationDue: '2027-12-31' })).toBe('409 device-revoked');
    expect(await register({ ...device, publicKey: pem('p256'), calibrationDue: '2027-06-30' })).toBe('201 undefined');
    expect(await bind(carton(13))).toBe('201 undefined');
    const states = (await listed()).map(({ state }) => state);
    expect(states).toEqual(['revoked', 'revoked', 'registered']);
    const onLedger = await world.custody.owner.query<{ state: DeviceState }>(
      `SELECT state FROM expected_object WHERE object_type = 'device'`,
    );
    expect(JSON.stringify(onLedger)).not.toContain('D1');
    await world.anchorAll();
  });
});
