import { describe, expect, it } from '@jest/globals';
import { accessKey } from '../protocol';
import { hex, HOUR, MAKER, PHARMACY, REGULATOR, WHOLESALER, World } from './spec-world';

const pharmacy = { party: PHARMACY, roles: ['pharmacy'], prefixes: [] };

describe('parties', () => {
  it('suspends a party once, and reinstates it with the content that it was registered with', async () => {
    const world = await World.open();
    const suspend = await world.decide(REGULATOR, 'suspendParty', { party: PHARMACY });
    expect(suspend).toMatchObject({ ok: true, event: { name: 'PartySuspended', parties: [{ state: 'suspended' }] } });
    expect(await world.decide(REGULATOR, 'suspendParty', { party: PHARMACY })).toMatchObject({ replay: true });
    expect(await world.say(REGULATOR, 'registerParty', { ...pharmacy, roles: ['laboratory'] })).toBe(
      'party-exists-differently',
    );
    expect(await world.say(PHARMACY, 'recordObservation', { units: [hex('u')] })).toBe('party-suspended');
    expect(await world.decide(REGULATOR, 'registerParty', pharmacy)).toMatchObject({ ok: true, replay: false });
    expect(await world.say(PHARMACY, 'recordObservation', { units: [hex('u')] })).toBe('unit-unknown');
  });
});

describe('recalls and reversals', () => {
  it('lifts a recall by who made it', async () => {
    const world = await World.open();
    for (const party of [MAKER, REGULATOR]) {
      await world.done(party, 'recallBatch', { batch: hex('b1'), class: 2, depth: 'pharmacy' });
      await world.done(party, 'liftRecall', { batch: hex('b1') });
      expect(world.batchState('b1').recall).toBeNull();
    }
  });

  it('keeps a batch recalled until everybody who recalled it has lifted his recall, the gravest told first', async () => {
    for (const [first, second] of [
      [MAKER, REGULATOR],
      [REGULATOR, MAKER],
    ] as const) {
      const world = await World.open();
      await world.done(first, 'recallBatch', { batch: hex('b1'), class: 3, depth: 'wholesale' });
      await world.done(second, 'recallBatch', { batch: hex('b1'), class: 1, depth: 'pharmacy' });
      expect(world.batchState('b1').recall).toEqual({ class: 1, depth: 'pharmacy', by: second });
      await world.done(second, 'recallBatch', { batch: hex('b1'), class: 3, depth: 'patient' });
      expect(world.batchState('b1').recall).toEqual({ class: 3, depth: 'patient', by: second });
      await world.done(second, 'liftRecall', { batch: hex('b1') });
      expect(world.batchState('b1').recall).toEqual({ class: 3, depth: 'wholesale', by: first });
      expect(world.batchState('b1')).not.toHaveProperty('recallsBeside');
      await world.done(first, 'liftRecall', { batch: hex('b1') });
      expect(world.batchState('b1').recall).toBeNull();
    }
  });

  it('does not put a pack back into a unit that went on without it', async () => {
    const world = await World.open();
    await world.produced('u');
    const [pack] = world.packs('b1');
    await world.done(MAKER, 'decommissionPack', world.dispensing('b1', 'u'));
    await world.done(MAKER, 'shipUnits', { units: [hex('u')], receiver: PHARMACY });
    expect(await world.say(MAKER, 'revertDecommission', { pack })).toBe('unit-in-transit');
    await world.done(PHARMACY, 'receiveUnits', { units: [hex('u')], discrepancy: null });
    expect(await world.say(MAKER, 'revertDecommission', { pack })).toBe('not-custodian');
  });

  it('reverts a dispensing up to the last moment of the window, and dispenses the pack again', async () => {
    const world = await World.open();
    await world.produced('u');
    const [pack] = world.packs('b1');
    const decommissioned = world.now;
    await world.done(MAKER, 'decommissionPack', world.dispensing('b1', 'u'));
    world.now = decommissioned + 10 * 24 * HOUR;
    await world.done(MAKER, 'revertDecommission', { pack });
    expect(await world.state('pack', pack ?? '')).toMatchObject({ status: 'active', by: MAKER });
    await world.done(MAKER, 'decommissionPack', world.dispensing('b1', 'u'));
    expect(await world.say(MAKER, 'decommissionPack', world.dispensing('b1', 'u'))).toBe('pack-already-decommissioned');
  });
});

describe('devices', () => {
  it('are bound to goods on their way by who has the custody, and by nobody else', async () => {
    const world = await World.open();
    await world.device('d');
    await world.produced('u');
    await world.done(MAKER, 'shipUnits', { units: [hex('u')], receiver: WHOLESALER });
    const bind = { device: hex('d'), unit: hex('u'), action: 'bind' };
    await world.done(MAKER, 'bindDevice', bind);
    await world.done(WHOLESALER, 'receiveUnits', { units: [hex('u')], discrepancy: null });
    await world.done(MAKER, 'bindDevice', { ...bind, action: 'unbind' });
    expect(await world.say(MAKER, 'bindDevice', bind)).toBe('not-custodian');
  });

  it('are registered once, calibrated again, bound, taken off and revoked', async () => {
    const world = await World.open();
    await world.device('d');
    const device = { device: hex('d'), publicKey: hex('key'), calibrationDue: '2026-06-30' };
    expect(await world.decide(MAKER, 'registerDevice', device)).toMatchObject({ replay: true, event: null });
    const calibrated = await world.decide(MAKER, 'registerDevice', { ...device, calibrationDue: '2027-06-30' });
    expect(calibrated).toMatchObject({ replay: false, event: { devices: [{ calibrationDue: '2027-06-30' }] } });
    await world.produced('u');
    const bind = { device: hex('d'), unit: hex('u'), action: 'bind' };
    const { objects } = await world.done(MAKER, 'bindDevice', bind);
    expect(objects).toEqual([{ type: 'unit', key: hex('u') }]);
    await world.moved('u', MAKER, WHOLESALER);
    await world.done(MAKER, 'bindDevice', { ...bind, action: 'unbind' });
    expect(await world.say(MAKER, 'bindDevice', bind)).toBe('not-custodian');
    await world.done(MAKER, 'revokeDevice', { device: hex('d') });
    expect(await world.decide(MAKER, 'revokeDevice', { device: hex('d') })).toMatchObject({ replay: true });
    expect(await world.state('device', hex('d'))).toMatchObject({ state: 'revoked', bound: null });
  });
});

describe('access', () => {
  it('is granted by custodian and batch owner, and ended by who granted it, also when custody went on', async () => {
    const world = await World.open();
    await world.produced('u');
    await world.moved('u', MAKER, WHOLESALER);
    const grant = { object: { type: 'unit', key: hex('u') }, party: PHARMACY, until: world.now + HOUR } as const;
    await world.done(MAKER, 'grantAccess', grant);
    await world.done(WHOLESALER, 'grantAccess', grant);
    expect(await world.decide(WHOLESALER, 'grantAccess', grant)).toMatchObject({ replay: true, event: null });
    await world.done(WHOLESALER, 'grantAccess', { ...grant, until: grant.until + HOUR });
    await world.moved('u', WHOLESALER, PHARMACY);
    const revoke = { object: grant.object, party: PHARMACY };
    await world.done(WHOLESALER, 'revokeAccess', revoke);
    expect(await world.decide(WHOLESALER, 'revokeAccess', revoke)).toMatchObject({ replay: true });
    const state = (grantedBy: string): Promise<unknown> => world.state('access', accessKey({ ...grant, grantedBy }));
    expect(await state(WHOLESALER)).toMatchObject({ state: 'revoked', until: grant.until + HOUR });
    expect(await state(MAKER)).toMatchObject({ state: 'granted', until: grant.until });
  });
});

describe('telemetry roots', () => {
  it('follow one another without a hole, and the same again is a replay', async () => {
    const world = await World.open();
    for (const index of [0, 1, 2]) await world.done(MAKER, 'anchorRoot', world.root(index));
    const again = await world.decide(MAKER, 'anchorRoot', world.root(1));
    expect(again).toMatchObject({ replay: true, writes: [], event: null, result: { party: MAKER, index: 1 } });
    const next = await world.decide(MAKER, 'anchorRoot', world.root(3));
    expect(next).toMatchObject({ event: { name: 'RootAnchored', anchor: null, roots: [{ index: 3 }] } });
  });
});
