import { describe, expect, it } from '@jest/globals';
import {
  type Command,
  type HoldKind,
  type HoldReason,
  type HoldReference,
  MAX_HOLDS,
  MAX_OBJECTS,
  type ObjectReference,
  type ObjectType,
  REFUSALS,
  type Refusal,
  REVERT_WINDOW_MS,
} from '../protocol';
import { decideSeed } from './decide';
import {
  GTIN,
  hex,
  HOUR,
  LABORATORY,
  MAKER,
  OTHER_MAKER,
  PHARMACY,
  profile,
  REGULATOR,
  type Said,
  SUSPENDED,
  WHOLESALER,
  World,
} from './spec-world';

const TAKES = 30_000;
const units = (...names: string[]): { units: string[] } => ({ units: names.map(hex) });
const hold = (kind: HoldKind, reason: HoldReason, event: string): HoldReference => ({
  kind,
  reason,
  commitment: hex(event),
});
const reference = (type: ObjectType, name: string): ObjectReference => ({ type, key: hex(name) });
const aggregate = (members: object): object => ({
  unit: hex('new'),
  children: [],
  sources: [],
  batches: [],
  ...members,
});

/** A story per refusal: what happened before, and the call that must be refused. */
const STORIES: Record<Refusal, readonly ((world: World) => Promise<Said>)[]> = {
  'payload-invalid': [
    (w) => w.say(MAKER, 'certifyBatch', { batch: 'B1' }),
    (w) => w.say(MAKER, 'certifyBatch', { batch: hex('b1'), more: 1 }),
    (w) => w.say(MAKER, 'certifyBatch', {}),
    (w) => w.say(MAKER, 'registerBatch', { batch: hex('x'), profile: `${GTIN}/1`, expiry: '2026-02-29' }),
    (w) => w.say(MAKER, 'recallBatch', { batch: hex('b1'), class: 4, depth: 'patient' }),
    (w) => w.say(MAKER, 'shipUnits', { ...units('u'), receiver: 'nobody' }),
    (w) => w.say(MAKER, 'shipUnits', { units: [], receiver: WHOLESALER }),
    (w) => w.say(MAKER, 'certifyBatch', { batch: hex('b1'), eventTime: 1.5 }),
    (w) => w.say(MAKER, 'placeHold', { ...units('u'), kind: 'boredom' }),
    (w) => w.say(MAKER, 'grantAccess', { object: reference('pack', 'p'), party: PHARMACY, until: 1 }),
    (w) => w.say(MAKER, 'anchorRoot', { ...w.root(0), count: 0 }),
    async (w) => {
      await w.produced('u');
      await w.done(PHARMACY, 'receiveUnannounced', units('u'));
      return w.say(MAKER, 'resolveDiscrepancy', { ...units('u'), custodyTo: WHOLESALER });
    },
    async (w) => {
      await w.produced('u');
      await w.done(PHARMACY, 'receiveUnannounced', units('u'));
      return w.say(PHARMACY, 'resolveDiscrepancy', { ...units('u'), custodyTo: PHARMACY });
    },
    (w) => w.say(MAKER, 'publishProfile', { profile: { ...profile, gtin: '09521234000014' } }),
    (w) => w.say(MAKER, 'publishProfile', { profile: { ...profile, openingMs: [0] } }),
    (w) => w.say(MAKER, 'publishProfile', { profile: { ...profile, ranges: [profile.ranges[0], profile.ranges[0]] } }),
    (w) =>
      w.say(MAKER, 'publishProfile', {
        profile: { ...profile, storage: { minMilliCelsius: 8000, maxMilliCelsius: 2000 } },
      }),
    (w) => w.say(REGULATOR, 'registerParty', { party: PHARMACY, roles: [], prefixes: [] }),
    (w) => w.say(REGULATOR, 'registerParty', { party: PHARMACY, roles: ['king'], prefixes: [] }),
    (w) =>
      w.say(MAKER, 'recordExposure', {
        unit: hex('u'),
        record: w.record('leg', MAKER, [0, 0], { coldestMilliCelsius: 5000, hottestMilliCelsius: 4000 }),
      }),
  ],
  'too-many-objects': [
    (w) =>
      w.say(MAKER, 'recordObservation', {
        units: Array.from({ length: MAX_OBJECTS + 1 }, (_, index) => hex(`${index}`)),
      }),
    (w) =>
      w.say(
        MAKER,
        'aggregateUnit',
        aggregate({ children: Array.from({ length: MAX_OBJECTS }, (_, i) => hex(`${i}`)) }),
      ),
    async (w) => {
      await w.produced('u');
      for (let index = 0; index < MAX_HOLDS; index++)
        await w.done(MAKER, 'placeHold', { ...units('u'), kind: 'security' });
      return w.say(REGULATOR, 'placeHold', { ...units('u'), kind: 'authority' });
    },
    async (w) => {
      // More heirs than one transaction may touch.
      await w.produced('source');
      for (let index = 0; index < MAX_OBJECTS; index++) {
        await w.aggregated(MAKER, `heir ${index}`, { sources: [hex('source')] });
      }
      return w.say(MAKER, 'recordExposure', { unit: hex('source'), record: w.record('leg', MAKER, [1, 0]) });
    },
  ],
  'object-repeated': [
    (w) => w.say(MAKER, 'recordObservation', units('u', 'u')),
    (w) => w.say(MAKER, 'aggregateUnit', aggregate({ children: [hex('u')], sources: [hex('u')] })),
  ],
  'party-unknown': [
    (w) => w.say('PharmacyMSP:stranger', 'recordObservation', units('u')),
    (w) => w.say(REGULATOR, 'suspendParty', { party: 'PharmacyMSP:stranger' }),
    (w) => w.say('PharmacyMSP:stranger', 'registerParty', { party: PHARMACY, roles: ['pharmacy'], prefixes: [] }),
  ],
  'party-suspended': [
    (w) => w.say(SUSPENDED, 'recordObservation', units('u')),
    (w) => w.say(MAKER, 'grantAccess', { object: reference('batch', 'b1'), party: SUSPENDED, until: 1 }),
    (w) => w.say(SUSPENDED, 'anchorRoot', w.root(0)),
    async (w) => {
      await w.done(REGULATOR, 'suspendParty', { party: MAKER });
      return w.say(MAKER, 'certifyBatch', { batch: hex('b1') });
    },
  ],
  'party-exists-differently': [
    (w) => w.say(REGULATOR, 'registerParty', { party: MAKER, roles: ['pharmacy'], prefixes: [] }),
    async () => refusalOf(await decideSeed('RegulatorMSP:second', REGULATOR)),
  ],
  'role-missing': [
    (w) => w.say(MAKER, 'registerParty', { party: PHARMACY, roles: ['pharmacy'], prefixes: [] }),
    (w) => w.say(WHOLESALER, 'publishProfile', { profile }),
    (w) => w.say(WHOLESALER, 'registerBatch', { batch: hex('x'), profile: `${GTIN}/1`, expiry: '2026-12-31' }),
    (w) => w.say(MAKER, 'suspendParty', { party: PHARMACY }),
    async () => refusalOf(await decideSeed(MAKER, undefined)),
  ],
  'prefix-not-owned': [
    (w) => w.say(OTHER_MAKER, 'publishProfile', { profile: { ...profile, version: 2 } }),
    (w) => w.say(OTHER_MAKER, 'registerBatch', { batch: hex('x'), profile: `${GTIN}/1`, expiry: '2026-12-31' }),
  ],
  'profile-unknown': [
    (w) => w.say(MAKER, 'registerBatch', { batch: hex('x'), profile: `${GTIN}/9`, expiry: '2026-12-31' }),
  ],
  'profile-exists-differently': [(w) => w.say(MAKER, 'publishProfile', { profile: { ...profile, evidence: 'none' } })],
  'batch-unknown': [
    (w) => w.say(MAKER, 'certifyBatch', { batch: hex('none') }),
    (w) => w.say(MAKER, 'aggregateUnit', aggregate({ batches: [hex('none')] })),
  ],
  'batch-exists': [
    (w) => w.say(MAKER, 'registerBatch', { batch: hex('b1'), profile: `${GTIN}/1`, expiry: '2026-12-31' }),
  ],
  'batch-not-owned': [
    (w) => w.say(OTHER_MAKER, 'addPacks', { batch: hex('b1'), root: hex('root') }),
    (w) => w.say(OTHER_MAKER, 'recallBatch', { batch: hex('b1'), class: 1, depth: 'patient' }),
    (w) => w.say(WHOLESALER, 'aggregateUnit', aggregate({ batches: [hex('b1')] })),
    (w) => w.say(OTHER_MAKER, 'liftRecall', { batch: hex('b1') }),
    (w) => w.say(WHOLESALER, 'grantAccess', { object: reference('batch', 'b1'), party: PHARMACY, until: 1 }),
    async (w) => {
      const placed = await w.held('u', MAKER, 'thermal');
      return w.say(WHOLESALER, 'assessHold', { ...units('u'), hold: placed, conclusion: 'usable' });
    },
  ],
  'batch-not-certified': [
    async (w) => {
      await w.batch('b2');
      await w.produced('u', 'b2');
      return w.say(MAKER, 'decommissionPack', w.dispensing('b2', 'u'));
    },
  ],
  'batch-recalled': [
    async (w) => {
      await w.produced('u');
      await w.done(REGULATOR, 'recallBatch', { batch: hex('b1'), class: 2, depth: 'pharmacy' });
      return w.say(MAKER, 'shipUnits', { ...units('u'), receiver: WHOLESALER });
    },
    async (w) => {
      await w.produced('u');
      await w.done(MAKER, 'recallBatch', { batch: hex('b1'), class: 2, depth: 'pharmacy' });
      return w.say(MAKER, 'decommissionPack', w.dispensing('b1', 'u'));
    },
    async (w) => {
      await w.produced('u');
      await w.done(MAKER, 'decommissionPack', w.dispensing('b1', 'u'));
      await w.done(MAKER, 'recallBatch', { batch: hex('b1'), class: 2, depth: 'pharmacy' });
      return w.say(MAKER, 'revertDecommission', { pack: w.packs('b1')[0] });
    },
  ],
  'batch-expired': [
    async (w) => {
      w.now = Date.UTC(2026, 11, 31);
      await w.produced('u');
      await w.done(MAKER, 'decommissionPack', w.dispensing('b1', 'u'));
      w.now = Date.UTC(2027, 0, 2);
      return w.say(MAKER, 'revertDecommission', { pack: w.packs('b1')[0] });
    },
    async (w) => {
      await w.produced('u');
      w.now = Date.UTC(2027, 0, 1);
      return w.say(MAKER, 'shipUnits', { ...units('u'), receiver: WHOLESALER });
    },
    async (w) => {
      await w.produced('u');
      w.now = Date.UTC(2027, 0, 1);
      return w.say(MAKER, 'decommissionPack', w.dispensing('b1', 'u'));
    },
    // dated back to before the expiry, weeks later
    async (w) => {
      await w.produced('u');
      const eventTime = Date.UTC(2026, 11, 31);
      w.now = Date.UTC(2027, 0, 20);
      return w.say(MAKER, 'decommissionPack', { ...w.dispensing('b1', 'u'), eventTime });
    },
  ],
  'batch-already-certified': [(w) => w.say(MAKER, 'certifyBatch', { batch: hex('b1') })],
  'unit-unknown': [(w) => w.say(MAKER, 'recordObservation', units('none'))],
  'unit-exists': [
    async (w) => {
      await w.produced('new');
      return w.say(MAKER, 'aggregateUnit', aggregate({ batches: [hex('b1')] }));
    },
  ],
  'unit-dissolved': [
    async (w) => {
      await w.produced('case');
      await w.aggregated(MAKER, 'pallet', { children: [hex('case')] });
      await w.done(MAKER, 'disaggregateUnit', { unit: hex('pallet'), children: [hex('case')] });
      return w.say(MAKER, 'shipUnits', { ...units('pallet'), receiver: WHOLESALER });
    },
  ],
  'unit-in-parent': (
    [
      'recordObservation',
      'shipUnits',
      'receiveUnits',
      'receiveUnannounced',
      'cancelShipment',
      'refuseReceipt',
      'resolveDiscrepancy',
      'placeHold',
      'assessHold',
      'releaseHold',
      'grantAccess',
      'decommissionPack',
      'aggregateUnit',
      'disaggregateUnit',
    ] as const satisfies readonly Command[]
  ).map((command) => async (w: World) => {
    await w.produced('case');
    await w.aggregated(MAKER, 'pallet', { children: [hex('case')] });
    const payload = {
      recordObservation: units('case'),
      shipUnits: { ...units('case'), receiver: WHOLESALER },
      receiveUnits: { ...units('case'), discrepancy: null },
      receiveUnannounced: units('case'),
      cancelShipment: units('case'),
      refuseReceipt: { ...units('case'), discrepancy: hex('x') },
      resolveDiscrepancy: { ...units('case'), custodyTo: MAKER },
      placeHold: { ...units('case'), kind: 'security' },
      assessHold: { ...units('case'), hold: hold('thermal', 'freeze-rule', 'x'), conclusion: 'usable' },
      releaseHold: { ...units('case'), hold: hold('thermal', 'freeze-rule', 'x') },
      grantAccess: { object: reference('unit', 'case'), party: WHOLESALER, until: 1 },
      decommissionPack: w.dispensing('b1', 'case'),
      aggregateUnit: aggregate({ children: [hex('case')] }),
      disaggregateUnit: { unit: hex('case'), children: [hex('x')] },
    }[command];
    return w.say(MAKER, command, payload);
  }),
  'unit-not-child': [
    async (w) => {
      await w.produced('u');
      return w.say(MAKER, 'disaggregateUnit', { unit: hex('u'), children: [hex('x')] });
    },
  ],
  'unit-in-transit': [
    async (w) => {
      await w.produced('u');
      await w.done(MAKER, 'shipUnits', { ...units('u'), receiver: WHOLESALER });
      return w.say(MAKER, 'shipUnits', { ...units('u'), receiver: PHARMACY });
    },
    async (w) => {
      await w.produced('u');
      await w.done(MAKER, 'shipUnits', { ...units('u'), receiver: WHOLESALER });
      return w.say(WHOLESALER, 'receiveUnannounced', units('u'));
    },
    async (w) => {
      await w.produced('u');
      await w.done(MAKER, 'shipUnits', { ...units('u'), receiver: WHOLESALER });
      return w.say(MAKER, 'decommissionPack', w.dispensing('b1', 'u'));
    },
  ],
  'unit-not-in-transit': [
    async (w) => {
      await w.produced('u');
      return w.say(MAKER, 'cancelShipment', units('u'));
    },
    async (w) => {
      await w.produced('u');
      return w.say(WHOLESALER, 'refuseReceipt', { ...units('u'), discrepancy: hex('x') });
    },
    async (w) => {
      await w.produced('u');
      return w.say(WHOLESALER, 'receiveUnits', { ...units('u'), discrepancy: null });
    },
    async (w) => {
      await w.produced('u');
      return w.say(MAKER, 'receiveUnannounced', units('u'));
    },
  ],
  'unit-held': [
    async (w) => {
      await w.produced('u');
      await w.exposed('u', w.record('leg', MAKER, [11 * HOUR, 0]));
      return w.say(MAKER, 'shipUnits', { ...units('u'), receiver: WHOLESALER });
    },
    async (w) => {
      await w.produced('u');
      await w.exposed('u', w.record('leg', MAKER, [11 * HOUR, 0]));
      return w.say(MAKER, 'decommissionPack', w.dispensing('b1', 'u'));
    },
  ],
  'unit-empty': [(w) => w.say(MAKER, 'aggregateUnit', aggregate({}))],
  'not-custodian': [
    async (w) => {
      await w.produced('u');
      await w.done(MAKER, 'shipUnits', { ...units('u'), receiver: WHOLESALER });
      return w.say(WHOLESALER, 'cancelShipment', units('u'));
    },
    async (w) => {
      await w.produced('u');
      await w.done(PHARMACY, 'receiveUnannounced', units('u'));
      return w.say(WHOLESALER, 'resolveDiscrepancy', { ...units('u'), custodyTo: null });
    },
    async (w) => {
      const placed = await w.held('u', MAKER, 'thermal');
      return w.say(WHOLESALER, 'releaseHold', { ...units('u'), hold: placed });
    },
    async (w) => {
      await w.produced('u');
      return w.say(WHOLESALER, 'grantAccess', { object: reference('unit', 'u'), party: PHARMACY, until: 1 });
    },
    async (w) => {
      await w.produced('u');
      return w.say(WHOLESALER, 'shipUnits', { ...units('u'), receiver: PHARMACY });
    },
    async (w) => {
      await w.produced('u');
      return w.say(WHOLESALER, 'decommissionPack', w.dispensing('b1', 'u'));
    },
    async (w) => {
      await w.produced('u');
      return w.say(WHOLESALER, 'recordObservation', units('u'));
    },
  ],
  'not-named-receiver': [
    async (w) => {
      await w.produced('u');
      await w.done(MAKER, 'shipUnits', { ...units('u'), receiver: WHOLESALER });
      return w.say(PHARMACY, 'refuseReceipt', { ...units('u'), discrepancy: hex('x') });
    },
    async (w) => {
      await w.produced('u');
      await w.done(MAKER, 'shipUnits', { ...units('u'), receiver: WHOLESALER });
      return w.say(PHARMACY, 'receiveUnits', { ...units('u'), discrepancy: null });
    },
  ],
  'receiver-unknown': [
    async (w) => {
      await w.produced('u');
      return w.say(MAKER, 'shipUnits', { ...units('u'), receiver: 'PharmacyMSP:stranger' });
    },
    async (w) => {
      await w.produced('u');
      return w.say(MAKER, 'shipUnits', { ...units('u'), receiver: SUSPENDED });
    },
  ],
  'leg-not-of-caller': [
    async (w) => {
      await w.produced('u');
      return w.say(WHOLESALER, 'recordExposure', { unit: hex('u'), record: w.record('leg', WHOLESALER, [0, 0]) });
    },
    async (w) => {
      await w.produced('u');
      return w.say(MAKER, 'recordExposure', { unit: hex('u'), record: w.record('leg', WHOLESALER, [0, 0]) });
    },
    async (w) => {
      await w.produced('u');
      await w.exposed('u', w.record('leg', MAKER, [0, 0]));
      await w.moved('u', MAKER, WHOLESALER);
      return w.say(WHOLESALER, 'recordExposure', {
        unit: hex('u'),
        record: w.record('leg', WHOLESALER, [0, 0], { revision: 2 }),
      });
    },
  ],
  'leg-revision-not-rising': [
    async (w) => {
      await w.produced('u');
      await w.exposed('u', w.record('leg', MAKER, [5, 0], { revision: 2 }));
      return w.say(MAKER, 'recordExposure', {
        unit: hex('u'),
        record: w.record('leg', MAKER, [0, 0], { revision: 2 }),
      });
    },
  ],
  'exposure-profile-mismatch': [
    async (w) => {
      await w.produced('u');
      return w.say(MAKER, 'recordExposure', { unit: hex('u'), record: w.record('leg', MAKER, [0]) });
    },
    async (w) => {
      await w.produced('u');
      return w.say(MAKER, 'recordExposure', { unit: hex('u'), record: w.record('leg', MAKER, [], { exposures: [] }) });
    },
  ],
  'pack-already-decommissioned': [
    async (w) => {
      await w.produced('u');
      await w.done(MAKER, 'decommissionPack', w.dispensing('b1', 'u'));
      return w.say(MAKER, 'decommissionPack', w.dispensing('b1', 'u'));
    },
  ],
  'pack-not-of-batch': [
    async (w) => {
      await w.produced('u');
      return w.say(MAKER, 'decommissionPack', { ...w.dispensing('b1', 'u'), pack: hex('foreign') });
    },
    async (w) => {
      await w.produced('u');
      return w.say(MAKER, 'decommissionPack', {
        ...w.dispensing('b1', 'u'),
        proof: { run: 1, index: 0, size: 1, path: [] },
      });
    },
  ],
  'pack-not-in-unit-batches': [
    async (w) => {
      await w.batch('b2');
      await w.produced('u');
      return w.say(MAKER, 'decommissionPack', w.dispensing('b2', 'u'));
    },
  ],
  'event-in-future': [
    (w) => w.say(MAKER, 'recordObservation', { ...units('u'), eventTime: w.now + 15 * 60_000 + 1 }),
    (w) => w.say(MAKER, 'anchorRoot', { ...w.root(0), window: { from: 0, to: w.now + 15 * 60_000 + 1 } }),
    async (w) => {
      await w.produced('u');
      await w.done(PHARMACY, 'receiveUnannounced', units('u'));
      return w.say(PHARMACY, 'resolveDiscrepancy', { ...units('u'), custodyTo: null, eventTime: w.now + 1 });
    },
  ],
  'event-before-previous': [
    async (w) => {
      await w.produced('u');
      return w.say(MAKER, 'shipUnits', { ...units('u'), receiver: WHOLESALER, eventTime: w.now - 60_001 });
    },
    (w) => w.say(MAKER, 'addPacks', { batch: hex('b1'), root: hex('r'), eventTime: w.now - 60_001 }),
    async (w) => {
      const placed = await w.held('u', MAKER, 'security');
      return w.say(MAKER, 'releaseHold', { ...units('u'), hold: placed, eventTime: w.now - 60_001 });
    },
    async (w) => {
      await w.produced('u');
      await w.done(MAKER, 'decommissionPack', w.dispensing('b1', 'u'));
      return w.say(MAKER, 'revertDecommission', { pack: w.packs('b1')[0], eventTime: w.now - 60_001 });
    },
    async (w) => {
      await w.device('d');
      await w.produced('u');
      const bind = { device: hex('d'), unit: hex('u'), action: 'bind' };
      await w.done(MAKER, 'bindDevice', bind);
      return w.say(MAKER, 'bindDevice', { ...bind, action: 'unbind', eventTime: w.now - 60_001 });
    },
  ],
  'commitment-reused': [
    async (w) => {
      await w.produced('u');
      await w.done(MAKER, 'recordObservation', { ...units('u'), commitment: hex('c') });
      return w.say(MAKER, 'shipUnits', { ...units('u'), receiver: WHOLESALER, commitment: hex('c') });
    },
    async (w) => {
      await w.produced('u');
      const eventTime = w.now;
      await w.done(MAKER, 'recordObservation', { ...units('u'), commitment: hex('c'), eventTime });
      return w.say(WHOLESALER, 'recordObservation', { ...units('u'), commitment: hex('c'), eventTime });
    },
  ],
  'party-suspends-itself': [(w) => w.say(REGULATOR, 'suspendParty', { party: REGULATOR })],
  'batch-not-recalled': [(w) => w.say(MAKER, 'liftRecall', { batch: hex('b1') })],
  'recall-not-of-caller': [
    async (w) => {
      await w.done(REGULATOR, 'recallBatch', { batch: hex('b1'), class: 1, depth: 'patient' });
      return w.say(MAKER, 'liftRecall', { batch: hex('b1') });
    },
    async (w) => {
      await w.done(MAKER, 'recallBatch', { batch: hex('b1'), class: 1, depth: 'patient' });
      return w.say(REGULATOR, 'liftRecall', { batch: hex('b1') });
    },
    // recalled by both: who lifted his own recall cannot lift the other's
    async (w) => {
      await w.done(REGULATOR, 'recallBatch', { batch: hex('b1'), class: 1, depth: 'patient' });
      await w.done(MAKER, 'recallBatch', { batch: hex('b1'), class: 3, depth: 'wholesale' });
      await w.done(MAKER, 'liftRecall', { batch: hex('b1') });
      return w.say(MAKER, 'liftRecall', { batch: hex('b1') });
    },
    async (w) => {
      await w.done(MAKER, 'recallBatch', { batch: hex('b1'), class: 3, depth: 'wholesale' });
      await w.done(REGULATOR, 'recallBatch', { batch: hex('b1'), class: 1, depth: 'patient' });
      await w.done(REGULATOR, 'liftRecall', { batch: hex('b1') });
      return w.say(REGULATOR, 'liftRecall', { batch: hex('b1') });
    },
  ],
  'unit-not-claimed': [
    async (w) => {
      await w.produced('u');
      return w.say(MAKER, 'resolveDiscrepancy', { ...units('u'), custodyTo: MAKER });
    },
  ],
  'hold-unknown': [
    async (w) => {
      await w.produced('u');
      return w.say(MAKER, 'releaseHold', { ...units('u'), hold: hold('security', 'falsification-suspected', 'x') });
    },
    async (w) => {
      const placed = await w.held('u', MAKER, 'security');
      return w.say(MAKER, 'assessHold', { ...units('u'), hold: { ...placed, kind: 'thermal' }, conclusion: 'usable' });
    },
  ],
  'hold-kind-not-allowed': (
    [
      [WHOLESALER, 'thermal'],
      [WHOLESALER, 'discrepancy'],
      [OTHER_MAKER, 'security'],
      [MAKER, 'authority'],
    ] as const
  ).map(([party, kind]) => async (w: World) => {
    await w.produced('u');
    return w.say(party, 'placeHold', { ...units('u'), kind });
  }),
  'hold-not-of-caller': [
    async (w) => {
      const placed = await w.held('u', REGULATOR, 'authority');
      return w.say(MAKER, 'releaseHold', { ...units('u'), hold: placed });
    },
    async (w) => {
      const placed = await w.held('u', REGULATOR, 'security');
      return w.say(MAKER, 'releaseHold', { ...units('u'), hold: placed });
    },
    // the hold of a claim ends with the claim only
    async (w) => {
      await w.produced('u');
      const { commitment } = await w.done(PHARMACY, 'receiveUnannounced', units('u'));
      return w.say(PHARMACY, 'releaseHold', {
        ...units('u'),
        hold: { kind: 'discrepancy', reason: 'unannounced-receipt', commitment },
      });
    },
  ],
  'hold-not-assessed': [
    async (w) => {
      const placed = await w.held('u', MAKER, 'thermal');
      return w.say(MAKER, 'releaseHold', { ...units('u'), hold: placed });
    },
    async (w) => {
      const placed = await w.held('u', MAKER, 'thermal');
      await w.done(MAKER, 'assessHold', { ...units('u'), hold: placed, conclusion: 'usable' });
      await w.done(MAKER, 'assessHold', { ...units('u'), hold: placed, conclusion: 'not-usable' });
      return w.say(MAKER, 'releaseHold', { ...units('u'), hold: placed });
    },
    // it has been through more since it was assessed
    async (w) => {
      const placed = await w.held('u', MAKER, 'thermal');
      await w.exposed('u', w.record('leg', MAKER, [HOUR, 0]));
      await w.done(MAKER, 'assessHold', { ...units('u'), hold: placed, conclusion: 'usable' });
      await w.exposed('u', w.record('leg', MAKER, [2 * HOUR, 0], { revision: 2 }));
      return w.say(MAKER, 'releaseHold', { ...units('u'), hold: placed });
    },
  ],
  'pack-not-decommissioned': [
    (w) => w.say(MAKER, 'revertDecommission', { pack: w.packs('b1')[0] }),
    async (w) => {
      await w.produced('u');
      await w.done(MAKER, 'decommissionPack', w.dispensing('b1', 'u'));
      await w.done(MAKER, 'revertDecommission', { pack: w.packs('b1')[0] });
      return w.say(MAKER, 'revertDecommission', { pack: w.packs('b1')[0] });
    },
  ],
  'decommission-not-of-caller': [
    async (w) => {
      await w.produced('u');
      await w.done(MAKER, 'decommissionPack', w.dispensing('b1', 'u'));
      return w.say(WHOLESALER, 'revertDecommission', { pack: w.packs('b1')[0] });
    },
  ],
  'decommission-final': (['destroyed', 'stolen'] as const).map((status) => async (w: World) => {
    await w.produced('u');
    await w.done(MAKER, 'decommissionPack', { ...w.dispensing('b1', 'u'), status });
    return w.say(MAKER, 'revertDecommission', { pack: w.packs('b1')[0] });
  }),
  'revert-window-over': [
    async (w) => {
      await w.produced('u');
      const decommissioned = w.now;
      await w.done(MAKER, 'decommissionPack', w.dispensing('b1', 'u'));
      w.now = decommissioned + REVERT_WINDOW_MS + 1;
      return w.say(MAKER, 'revertDecommission', { pack: w.packs('b1')[0], eventTime: decommissioned + 1 });
    },
  ],
  'device-unknown': [
    (w) => w.say(MAKER, 'revokeDevice', { device: hex('d') }),
    (w) => w.say(MAKER, 'bindDevice', { device: hex('d'), unit: hex('u'), action: 'bind' }),
  ],
  'device-exists-differently': [
    async (w) => {
      await w.device('d');
      return w.say(MAKER, 'registerDevice', { device: hex('d'), publicKey: hex('k2'), calibrationDue: '2026-06-30' });
    },
    async (w) => {
      await w.device('d');
      return w.say(MAKER, 'registerDevice', { device: hex('d'), publicKey: hex('key'), calibrationDue: '2026-06-29' });
    },
  ],
  'device-not-owned': [
    async (w) => {
      await w.device('d');
      return w.say(WHOLESALER, 'revokeDevice', { device: hex('d') });
    },
    async (w) => {
      await w.device('d');
      return w.say(WHOLESALER, 'bindDevice', { device: hex('d'), unit: hex('u'), action: 'bind' });
    },
    async (w) => {
      await w.device('d');
      return w.say(PHARMACY, 'registerDevice', {
        device: hex('d'),
        publicKey: hex('key'),
        calibrationDue: '2026-06-30',
      });
    },
  ],
  'device-revoked': [
    async (w) => {
      await w.device('d');
      await w.done(MAKER, 'revokeDevice', { device: hex('d') });
      return w.say(MAKER, 'bindDevice', { device: hex('d'), unit: hex('u'), action: 'bind' });
    },
    async (w) => {
      await w.device('d');
      await w.done(MAKER, 'revokeDevice', { device: hex('d') });
      return w.device('d');
    },
  ],
  'device-bound': [
    async (w) => {
      await w.device('d');
      await w.produced('u');
      await w.done(MAKER, 'bindDevice', { device: hex('d'), unit: hex('u'), action: 'bind' });
      return w.say(MAKER, 'bindDevice', { device: hex('d'), unit: hex('u'), action: 'bind' });
    },
  ],
  'device-not-bound': [
    async (w) => {
      await w.device('d');
      return w.say(MAKER, 'bindDevice', { device: hex('d'), unit: hex('u'), action: 'unbind' });
    },
  ],
  'device-calibration-overdue': [
    async (w) => {
      await w.device('d');
      await w.produced('u');
      w.now = Date.UTC(2026, 6, 1);
      return w.say(MAKER, 'bindDevice', { device: hex('d'), unit: hex('u'), action: 'bind' });
    },
  ],
  'access-unknown': [(w) => w.say(MAKER, 'revokeAccess', { object: reference('batch', 'b1'), party: PHARMACY })],
  'log-not-of-caller': [
    async (w) => {
      await w.done(MAKER, 'anchorRoot', w.root(0));
      return w.say(WHOLESALER, 'anchorRoot', w.root(0));
    },
    async (w) => {
      await w.done(MAKER, 'anchorRoot', w.root(0));
      return w.say(WHOLESALER, 'anchorRoot', w.root(1));
    },
  ],
  'root-exists-differently': [
    async (w) => {
      await w.done(MAKER, 'anchorRoot', w.root(0));
      return w.say(MAKER, 'anchorRoot', { ...w.root(0), root: hex('other') });
    },
  ],
  'root-not-next': [(w) => w.say(MAKER, 'anchorRoot', w.root(1))],
  'root-previous-mismatch': [
    async (w) => {
      await w.done(MAKER, 'anchorRoot', w.root(0));
      return w.say(MAKER, 'anchorRoot', { ...w.root(1), previous: hex('other') });
    },
    (w) => w.say(MAKER, 'anchorRoot', { ...w.root(0), previous: hex('other') }),
  ],
  'root-window-wrong': [
    async (w) => {
      await w.done(MAKER, 'anchorRoot', w.root(0));
      return w.say(MAKER, 'anchorRoot', { ...w.root(1), window: { from: HOUR - 1, to: HOUR } });
    },
    (w) => w.say(MAKER, 'anchorRoot', { ...w.root(0), window: { from: 2, to: 1 } }),
  ],
};

function refusalOf(decision: { ok: true } | { ok: false; refusal: { code: Refusal } }): Said {
  return decision.ok ? 'ok' : decision.refusal.code;
}

describe('refusals', () => {
  it.each(REFUSALS.flatMap((code) => STORIES[code].map((story, index) => ({ code, index, story }))))(
    '$code, story $index: refused, and nothing is written',
    async ({ code, story }) => {
      const world = await World.open();
      let before = 0;
      const say = world.say.bind(world);
      world.say = async (...call) => {
        before = world.states.size;
        return say(...call);
      };
      expect(await story(world)).toBe(code);
      if (before > 0) expect(world.states.size).toBe(before);
    },
    TAKES,
  );

  it('has a story for every code', () => {
    expect(REFUSALS.filter((code) => STORIES[code].length === 0)).toEqual([]);
  });

  it('lets bad goods go back to the owner, to a laboratory, and out of use', async () => {
    const world = await World.open();
    await world.produced('u');
    await world.moved('u', MAKER, WHOLESALER);
    await world.exposed('u', world.record('leg', WHOLESALER, [11 * HOUR, 0]));
    await world.done(MAKER, 'recallBatch', { batch: hex('b1'), class: 1, depth: 'patient' });
    world.now = Date.UTC(2027, 5, 1);
    expect(await world.say(WHOLESALER, 'shipUnits', { ...units('u'), receiver: PHARMACY })).toBe('unit-held');
    expect(await world.say(WHOLESALER, 'recordObservation', units('u'))).toBe('ok');
    const destroyed = { ...world.dispensing('b1', 'u'), status: 'destroyed' };
    expect(await world.say(WHOLESALER, 'decommissionPack', destroyed)).toBe('ok');
    await world.moved('u', WHOLESALER, LABORATORY);
    await world.moved('u', LABORATORY, MAKER);
    expect(world.unit('u').custodian).toBe(MAKER);
    expect(world.unit('u').holds).toHaveLength(1);
  });
});
