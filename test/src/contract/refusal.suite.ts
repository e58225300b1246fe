import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type {
  Command,
  CommandPayloads,
  HoldReference,
  PartyId,
  Refusal,
  UnitState,
} from '@coldchain/chaincode/protocol';
import { packPath, packRoot } from '@coldchain/chaincode/domain';
import type { Ledger, Outcome } from '@coldchain/ledger';
import {
  act,
  begin,
  commit,
  exposure,
  GTIN,
  hex,
  HOUR,
  type LedgerUnderTest,
  MAKER,
  packing,
  PHARMACY,
  PROFILE,
  REGULATOR,
  shipping,
  WHOLESALER,
} from './ledger.suite.js';
import { attestedSoon } from './proof.suite.js';

/** Another pharmacy under the same MSP, and another manufacturer with a prefix of its own. */
const OTHER_PHARMACY = 'PharmacyMSP:other-pharmacy';
const OTHER_MAKER = 'ManufacturerMSP:other-maker';
/** Parties that need identities beside those of the ledger suite. */
export const REFUSAL_PARTIES: readonly PartyId[] = [OTHER_PHARMACY, OTHER_MAKER];

const FOREIGN_GTIN = '09529999000019';

/** What everybody who must not is refused, with its code; and a transaction that too few organisations endorsed. */
export function refusalSuite(name: string, open: () => Promise<LedgerUnderTest>): void {
  describe(`${name} refuses`, () => {
    let subject: LedgerUnderTest;
    let ledger: Ledger;

    beforeAll(async () => {
      subject = await open();
      ledger = subject.ledger;
      await begin(ledger);
      const register = (party: PartyId, role: 'manufacturer' | 'pharmacy', prefixes: readonly string[]) =>
        commit(ledger, REGULATOR, 'registerParty', { party, roles: [role], prefixes });
      await register(OTHER_PHARMACY, 'pharmacy', []);
      await register(OTHER_MAKER, 'manufacturer', ['9529999']);
    }, 60_000);

    afterAll(() => subject.close());

    /** The code that a command is refused with; anything else fails. */
    const refusal = async <Name extends Command>(
      party: PartyId,
      command: Name,
      payload: CommandPayloads[Name],
    ): Promise<Refusal> => {
      const preparation = await ledger.prepare(command, payload, party);
      if (preparation.kind !== 'refused') throw new Error(`${command} of ${party}: ${preparation.kind}`);
      return preparation.refusal.code;
    };

    const unit = async (key: string): Promise<UnitState> =>
      JSON.parse((await ledger.evaluate('getUnit', hex(key))) ?? '{}') as UnitState;

    const holdOf = async (key: string): Promise<HoldReference> => {
      const [hold] = (await unit(key)).holds;
      if (hold === undefined) throw new Error(`no hold on ${key}`);
      return { kind: hold.kind, reason: hold.reason, commitment: hold.commitment };
    };

    const packed = (key: string) => commit(ledger, MAKER, 'aggregateUnit', packing(key));
    const units = (key: string): { units: string[] } => ({ units: [hex(key)] });

    const moved = async (key: string, from: PartyId, to: PartyId): Promise<void> => {
      await commit(ledger, from, 'shipUnits', shipping(key, to));
      const receipt = { ...act(`receive ${key} ${to}`), ...units(key), discrepancy: null };
      await commit(ledger, to, 'receiveUnits', receipt);
    };

    /** A batch of one run with one pack, and a unit of it. */
    const batch = async (key: string, certified: boolean): Promise<void> => {
      const named = { batch: hex(key) };
      const registration = { ...act(`register ${key}`), ...named, profile: `${GTIN}/1`, expiry: '2099-12-31' };
      await commit(ledger, MAKER, 'registerBatch', registration);
      await commit(ledger, MAKER, 'addPacks', {
        ...act(`packs ${key}`),
        ...named,
        root: packRoot([hex(`${key} pack`)]),
      });
      if (certified) await commit(ledger, MAKER, 'certifyBatch', { ...act(`certify ${key}`), ...named });
      await commit(ledger, MAKER, 'aggregateUnit', { ...packing(`${key} unit`), batches: [hex(key)] });
    };

    const dispensing = (key: string, attempt: string): CommandPayloads['decommissionPack'] => ({
      ...act(`dispense ${key} ${attempt}`),
      pack: hex(`${key} pack`),
      batch: hex(key),
      unit: hex(`${key} unit`),
      status: 'dispensed',
      proof: { run: 0, index: 0, size: 1, path: packPath([hex(`${key} pack`)], 0) },
    });

    it.each([
      ['one organisation alone', ['ManufacturerMSP']],
      ['two organisations', ['ManufacturerMSP', 'DistributorMSP']],
    ])('a transaction that is endorsed by %s: it is in a block, void, and reported so', async (who, endorsers) => {
      const key = `endorsed by ${who}`;
      const preparation = await ledger.prepare('aggregateUnit', packing(key), MAKER, endorsers);
      if (preparation.kind !== 'prepared') throw new Error(preparation.kind);
      const { envelope, transactionId } = preparation;
      const invalid: Outcome = { kind: 'invalid', transactionId, code: 'ENDORSEMENT_POLICY_FAILURE' };
      expect(await ledger.submit(envelope)).toEqual(invalid);
      expect(await ledger.submit(envelope)).toEqual(invalid);
      expect(await ledger.transaction(transactionId)).toEqual(invalid);
      expect(await ledger.evaluate('getUnit', hex(key))).toBeUndefined();
      const { attested } = await attestedSoon(ledger, transactionId, ['RegulatorMSP', 'PharmacyMSP']);
      expect(attested).toMatchObject({ valid: false, validation: 'ENDORSEMENT_POLICY_FAILURE' });
      const { height } = await ledger.health();
      const told = [];
      for (let number = height - 1; number >= 0 && told.length === 0; number--) {
        const block = await ledger.block(number);
        told.push(...(block?.transactions ?? []).filter((one) => one.transactionId === transactionId));
        const before = number === 0 ? null : ((await ledger.block(number - 1))?.headerHash ?? null);
        if (told.length > 0) expect((await ledger.inspect(number, before))?.problems).toEqual([]);
      }
      expect(told).toMatchObject([{ valid: false, validation: 'ENDORSEMENT_POLICY_FAILURE', event: null }]);
      // With enough of them the same act is done.
      const enough = await ledger.prepare('aggregateUnit', packing(key), MAKER, [
        'ManufacturerMSP',
        'PharmacyMSP',
        'RegulatorMSP',
      ]);
      if (enough.kind !== 'prepared') throw new Error(enough.kind);
      expect((await ledger.submit(enough.envelope)).kind).toBe('committed');
    });

    it('who calls for a unit of another', async () => {
      await packed('r1');
      expect(await refusal(WHOLESALER, 'shipUnits', shipping('r1', PHARMACY))).toBe('not-custodian');
      const seen = { ...act('r1 seen'), ...units('r1') };
      expect(await refusal(WHOLESALER, 'recordObservation', seen)).toBe('not-custodian');
      expect(await refusal(WHOLESALER, 'recordExposure', exposure('r1', WHOLESALER, HOUR))).toBe('leg-not-of-caller');
      expect(await refusal(WHOLESALER, 'placeHold', { ...seen, kind: 'security' })).toBe('hold-kind-not-allowed');
      const repacking = { ...packing('r1 repacked'), batches: [], sources: [hex('r1')] };
      expect(await refusal(WHOLESALER, 'aggregateUnit', repacking)).toBe('not-custodian');
    });

    it('who replays a command with other content', async () => {
      await packed('r2');
      const original = shipping('r2', WHOLESALER);
      await commit(ledger, MAKER, 'shipUnits', original);
      expect(await refusal(MAKER, 'shipUnits', { ...original, receiver: PHARMACY })).toBe('commitment-reused');
      expect(await refusal(WHOLESALER, 'shipUnits', original)).toBe('commitment-reused');
      const { receiver: _, ...observation } = original;
      expect(await refusal(MAKER, 'recordObservation', observation)).toBe('commitment-reused');
      expect((await ledger.prepare('shipUnits', original, MAKER)).kind).toBe('prepared');
    });

    it('who receives what was sent to somebody else', async () => {
      await packed('r3');
      await commit(ledger, MAKER, 'shipUnits', shipping('r3', PHARMACY));
      const receipt = { ...act('r3 received'), ...units('r3'), discrepancy: null };
      expect(await refusal(WHOLESALER, 'receiveUnits', receipt)).toBe('not-named-receiver');
      expect(await refusal(MAKER, 'receiveUnits', receipt)).toBe('not-named-receiver');
      const objection = { ...receipt, discrepancy: hex('objection') };
      expect(await refusal(WHOLESALER, 'refuseReceipt', objection)).toBe('not-named-receiver');
    });

    it('one pharmacy that acts for another under the same MSP', async () => {
      await packed('r4');
      await commit(ledger, MAKER, 'shipUnits', shipping('r4', PHARMACY));
      const receipt = { ...act('r4 received'), ...units('r4'), discrepancy: null };
      expect(await refusal(OTHER_PHARMACY, 'receiveUnits', receipt)).toBe('not-named-receiver');
      await commit(ledger, PHARMACY, 'receiveUnits', receipt);
      expect(await refusal(OTHER_PHARMACY, 'receiveUnits', receipt)).toBe('commitment-reused');
      expect(await refusal(OTHER_PHARMACY, 'shipUnits', shipping('r4', WHOLESALER))).toBe('not-custodian');
      const observation = { ...act('r4 seen'), ...units('r4') };
      expect(await refusal(OTHER_PHARMACY, 'recordObservation', observation)).toBe('not-custodian');
      expect(await refusal(OTHER_PHARMACY, 'recordExposure', exposure('r4', PHARMACY, HOUR))).toBe('leg-not-of-caller');
      const object = { type: 'unit' as const, key: hex('r4') };
      expect(await refusal(OTHER_PHARMACY, 'grantAccess', { object, party: WHOLESALER, until: 1 })).toBe(
        'not-custodian',
      );
      expect((await unit('r4')).custodian).toBe(PHARMACY);
    });

    it('who supplies a held unit onward', async () => {
      await packed('r5');
      await moved('r5', MAKER, WHOLESALER);
      await commit(ledger, WHOLESALER, 'placeHold', { ...act('r5 held'), ...units('r5'), kind: 'security' });
      expect(await refusal(WHOLESALER, 'shipUnits', shipping('r5', PHARMACY))).toBe('unit-held');
      // Back to the owner of its batch it may go.
      expect((await ledger.prepare('shipUnits', shipping('r5', MAKER), WHOLESALER)).kind).toBe('prepared');
    });

    it('who supplies or dispenses what is recalled', async () => {
      await batch('r6', true);
      await moved('r6 unit', MAKER, PHARMACY);
      const recall = { ...act('r6 recalled'), batch: hex('r6'), class: 1 as const, depth: 'patient' as const };
      expect(await refusal(PHARMACY, 'recallBatch', recall)).toBe('batch-not-owned');
      await commit(ledger, REGULATOR, 'recallBatch', recall);
      expect(await refusal(PHARMACY, 'shipUnits', shipping('r6 unit', WHOLESALER))).toBe('batch-recalled');
      expect(await refusal(PHARMACY, 'decommissionPack', dispensing('r6', 'recalled'))).toBe('batch-recalled');
      expect(await refusal(MAKER, 'liftRecall', { ...act('r6 lifted'), batch: hex('r6') })).toBe(
        'recall-not-of-caller',
      );
    });

    it('who releases a hold that is not his to release', async () => {
      await packed('r7');
      await moved('r7', MAKER, WHOLESALER);
      const place = async (kind: 'discrepancy' | 'security' | 'authority', by: PartyId, name: string) => {
        await commit(ledger, by, 'placeHold', { ...act(name), ...units('r7'), kind });
      };
      const release = (hold: HoldReference): CommandPayloads['releaseHold'] => ({
        ...act(`release ${hold.commitment}`),
        ...units('r7'),
        hold,
      });
      await place('authority', REGULATOR, 'r7 ordered');
      expect(await refusal(WHOLESALER, 'releaseHold', release(await holdOf('r7')))).toBe('hold-not-of-caller');
      await commit(ledger, REGULATOR, 'releaseHold', release(await holdOf('r7')));
      await place('security', MAKER, 'r7 doubted');
      expect(await refusal(WHOLESALER, 'releaseHold', release(await holdOf('r7')))).toBe('hold-not-of-caller');
      expect(await refusal(REGULATOR, 'releaseHold', release(await holdOf('r7')))).toBe('hold-not-of-caller');
      await commit(ledger, MAKER, 'releaseHold', release(await holdOf('r7')));
      await commit(ledger, WHOLESALER, 'recordExposure', exposure('r7', WHOLESALER, 11 * HOUR));
      const thermal = await holdOf('r7');
      expect(thermal.kind).toBe('thermal');
      expect(await refusal(WHOLESALER, 'releaseHold', release(thermal))).toBe('hold-not-assessed');
      expect(await refusal(MAKER, 'releaseHold', release(thermal))).toBe('not-custodian');
      const assessment = { ...act('r7 assessed'), ...units('r7'), hold: thermal, conclusion: 'usable' as const };
      expect(await refusal(WHOLESALER, 'assessHold', assessment)).toBe('batch-not-owned');
    });

    it('who dispenses twice, or takes back what another dispensed', async () => {
      await batch('r8', true);
      await moved('r8 unit', MAKER, PHARMACY);
      expect(await refusal(OTHER_PHARMACY, 'decommissionPack', dispensing('r8', 'other'))).toBe('not-custodian');
      await commit(ledger, PHARMACY, 'decommissionPack', dispensing('r8', 'first'));
      expect(await refusal(PHARMACY, 'decommissionPack', dispensing('r8', 'second'))).toBe(
        'pack-already-decommissioned',
      );
      const back = { ...act('r8 back'), pack: hex('r8 pack') };
      expect(await refusal(OTHER_PHARMACY, 'revertDecommission', back)).toBe('decommission-not-of-caller');
    });

    it('who dispenses from a batch that nobody certified, or with a proof of another batch', async () => {
      await batch('r9', false);
      expect(await refusal(MAKER, 'decommissionPack', dispensing('r9', 'first'))).toBe('batch-not-certified');
      const foreign = { ...dispensing('r9', 'foreign'), pack: hex('r8 pack') };
      expect(await refusal(MAKER, 'decommissionPack', foreign)).toBe('pack-not-of-batch');
    });

    it('who profiles or makes under the prefix of another', async () => {
      const profile = { ...PROFILE, gtin: FOREIGN_GTIN };
      expect(await refusal(MAKER, 'publishProfile', { profile })).toBe('prefix-not-owned');
      expect(await refusal(OTHER_MAKER, 'publishProfile', { profile: PROFILE })).toBe('prefix-not-owned');
      expect(await refusal(PHARMACY, 'publishProfile', { profile })).toBe('role-missing');
      const registration = { ...act('r10'), batch: hex('r10'), profile: `${GTIN}/1`, expiry: '2099-12-31' };
      expect(await refusal(OTHER_MAKER, 'registerBatch', registration)).toBe('prefix-not-owned');
      expect(await refusal(OTHER_MAKER, 'certifyBatch', { ...act('r10 b1'), batch: hex('b1') })).toBe(
        'batch-not-owned',
      );
    });

    it('who registers or suspends parties and is no regulator', async () => {
      const party = { party: 'PharmacyMSP:friend', roles: ['pharmacy' as const], prefixes: [] };
      expect(await refusal(MAKER, 'registerParty', party)).toBe('role-missing');
      expect(await refusal(MAKER, 'suspendParty', { party: PHARMACY })).toBe('role-missing');
    });
  });
}
