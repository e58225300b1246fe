import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { SeededRandom, sleep } from '@coldchain/kernel';
import {
  type Attestation,
  type AttestationWanted,
  attestationBytes,
  type Attested,
  type AttestedTransaction,
  type Ledger,
  type LedgerTrust,
  parseAttestation,
  type VerifiedBlock,
} from '@coldchain/ledger';
import { begin, commit, type LedgerUnderTest, MAKER, packing } from './ledger.suite.js';

/** What an adapter offers to check without it. */
export interface Verifier {
  /** Signatures that block 0 carries. */
  readonly firstBlockSigners: number;
  verifyAttestation(attestation: Attestation, wanted: AttestationWanted, trust: LedgerTrust): Attested;
  verifyBlock(sealed: Buffer, trust: LedgerTrust): VerifiedBlock;
}

const ORGANISATIONS = ['DistributorMSP', 'ManufacturerMSP', 'PharmacyMSP', 'RegulatorMSP'];
const CHANNEL = 'coldchain';
const CHANGES = 1000;
/** As many are opened and followed back from the newest. */
const LAST_BLOCKS = 30;

/** All organisations have a transaction some moments after the first one has it. */
export async function attestedSoon(
  ledger: Ledger,
  transactionId: string,
  organisations: readonly string[],
): Promise<AttestedTransaction> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await ledger.attest(transactionId, organisations);
    } catch (error) {
      if (attempt === 20) throw error;
      await sleep(200);
    }
  }
}

/** The bytes with one bit changed, a different one each time. */
function* withOneBitChanged(
  bytes: Buffer,
  seed: string,
): Generator<{ readonly bit: number; readonly changed: Buffer }> {
  const random = new SeededRandom(seed);
  const seen = new Set<number>();
  while (seen.size < Math.min(CHANGES, bytes.length * 8)) {
    const bit = Math.floor(random.unit() * bytes.length * 8);
    if (seen.has(bit)) continue;
    seen.add(bit);
    const changed = Buffer.from(bytes);
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    yield { bit, changed };
  }
}

/** Bits whose change somebody believed; there must be none. */
function believed(bytes: Buffer, seed: string, check: (changed: Buffer) => unknown): number[] {
  const found = [];
  for (const { bit, changed } of withOneBitChanged(bytes, seed)) {
    try {
      check(changed);
      found.push(bit);
    } catch (error) {
      // Whatever is thrown must be a refusal in the ledger's own words, not a crash on the way.
      if (!(error instanceof Error && error.name === 'LedgerError')) throw error;
    }
  }
  return found;
}

/** What blocks and attestations of an adapter prove without it, and that no bit of them can be changed. */
export function proofSuite(name: string, open: () => Promise<LedgerUnderTest>, verifier: Verifier): void {
  describe(`${name}: proofs that stand without it`, () => {
    const seed = String(jest.getSeed());
    let subject: LedgerUnderTest;
    let ledger: Ledger;
    let trust: LedgerTrust;
    let transactionId: string;
    let number: number;

    beforeAll(async () => {
      subject = await open();
      ledger = subject.ledger;
      await begin(ledger);
      ({ transactionId, block: number } = await commit(ledger, MAKER, 'aggregateUnit', packing('proved')));
      const genesis = (await ledger.block(0))?.headerHash ?? '';
      trust = { genesis, configurations: await ledger.configurations() };
    }, 60_000);

    afterAll(() => subject.close());

    const wanted = (): AttestationWanted => ({ transactionId, channel: CHANNEL, organisations: ORGANISATIONS });
    const sealed = async (): Promise<Buffer> => (await ledger.sealedBlock(number)) ?? Buffer.alloc(0);

    it('attests a transaction by all organisations', async () => {
      const { attestation, attested } = await attestedSoon(ledger, transactionId, ORGANISATIONS);
      expect(attested).toMatchObject({ transactionId, valid: true, validation: 'VALID', organisations: ORGANISATIONS });
      const kept = attestationBytes(attestation);
      expect(verifier.verifyAttestation(parseAttestation(kept), wanted(), trust)).toEqual(attested);
      const about = (other: Partial<AttestationWanted>) => (): Attested =>
        verifier.verifyAttestation(attestation, { ...wanted(), ...other }, trust);
      expect(about({ transactionId: '0'.repeat(64) })).toThrow(/another transaction/);
      expect(about({ channel: 'other' })).toThrow(/another transaction/);
      expect(about({ organisations: [...ORGANISATIONS, 'StrangerMSP'] })).toThrow(/StrangerMSP/);
      expect(about({ organisations: [] })).toThrow(/anybody/);
    });

    it('does not attest what is in no block, nor by organisations that there are not', async () => {
      const refused = { code: 'ledger-unavailable' };
      await expect(ledger.attest('0'.repeat(64), ORGANISATIONS)).rejects.toMatchObject(refused);
      await expect(ledger.attest(transactionId, ['StrangerMSP'])).rejects.toMatchObject(refused);
    });

    it('believes no statement of fewer organisations than are wanted', async () => {
      const { attestation } = await attestedSoon(ledger, transactionId, ORGANISATIONS.slice(0, 2));
      expect(() => verifier.verifyAttestation(attestation, wanted(), trust)).toThrow(/PharmacyMSP, RegulatorMSP/);
      const [first] = attestation.endorsements;
      if (first === undefined) throw new Error('no endorsement');
      const doubled = { ...attestation, endorsements: [...attestation.endorsements, first] };
      const two = { ...wanted(), organisations: ORGANISATIONS.slice(0, 2) };
      expect(verifier.verifyAttestation(attestation, two, trust).valid).toBe(true);
      expect(() => verifier.verifyAttestation(doubled, two, trust)).toThrow(/does not hold/);
    });

    it('seals blocks so that hashes, signatures, creators and endorsers can be checked', async () => {
      const from = Math.max(0, number - LAST_BLOCKS);
      const before = from === 0 ? undefined : await ledger.block(from - 1);
      let previous = before?.headerHash ?? '0'.repeat(64);
      for (let at = from; at <= number; at++) {
        const bytes = (await ledger.sealedBlock(at)) ?? Buffer.alloc(0);
        const block = verifier.verifyBlock(bytes, trust);
        const told = await ledger.block(at);
        expect(block).toMatchObject({ number: at, previousHash: previous, headerHash: told?.headerHash });
        expect(block.signers).toHaveLength(at === 0 ? verifier.firstBlockSigners : 3);
        previous = block.headerHash;
      }
      const block = verifier.verifyBlock(await sealed(), trust);
      const proved = block.transactions.find((one) => one.transactionId === transactionId);
      expect(proved?.endorsers.length).toBeGreaterThanOrEqual(3);
      expect(await ledger.sealedBlock((await ledger.health()).height)).toBeUndefined();
    });

    it('believes nothing under another block 0', async () => {
      const other = { ...trust, genesis: '0'.repeat(64) };
      const { attestation } = await attestedSoon(ledger, transactionId, ORGANISATIONS);
      const differs = expect.objectContaining({ code: 'ledger-chain-differs' });
      const bytes = await sealed();
      expect(() => verifier.verifyBlock(bytes, other)).toThrow(differs);
      expect(() => verifier.verifyAttestation(attestation, wanted(), other)).toThrow(differs);
    });

    it(`refuses each of ${CHANGES} changes of one bit of a block (seed ${seed})`, async () => {
      const bytes = await sealed();
      expect(believed(bytes, `block ${seed}`, (changed) => verifier.verifyBlock(changed, trust))).toEqual([]);
    });

    it(`refuses each of ${CHANGES} changes of one bit of an attestation (seed ${seed})`, async () => {
      const { attestation } = await attestedSoon(ledger, transactionId, ORGANISATIONS);
      const check = (changed: Buffer): Attested =>
        verifier.verifyAttestation(parseAttestation(changed), wanted(), trust);
      expect(believed(attestationBytes(attestation), `attestation ${seed}`, check)).toEqual([]);
    });

    it(`refuses each of ${CHANGES} changes of one bit of the block that says who signs (seed ${seed})`, async () => {
      const [first = Buffer.alloc(0)] = trust.configurations;
      const bytes = await sealed();
      const check = (changed: Buffer): VerifiedBlock =>
        verifier.verifyBlock(bytes, { ...trust, configurations: [changed] });
      expect(believed(first, `configuration ${seed}`, check)).toEqual([]);
    });
  });
}
