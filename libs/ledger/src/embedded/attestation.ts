import type { KeyObject } from 'node:crypto';
import { type Attestation, type Attested, type AttestationWanted, demandSigners } from '../attestation.js';
import { framed, unframed } from '../framing.js';
import { LedgerError } from '../ledger-error.js';
import type { LedgerTrust } from '../proof.js';
import { VALIDATION_CODES, type ValidationCode } from '../validation-code.js';
import { endorsedBytes, parseEnvelope, transactionIdOf } from './envelope.js';
import { type OrganisationKeys, signersOf } from './organisation-keys.js';
import { type TrustedLedger, trustedLedger } from './sealed-block.js';

/** What stands before the statement, so that nothing else that organisations sign can be taken for one. */
const PURPOSE = Buffer.from('coldchain embedded ledger: transaction');

/** A statement about a transaction, signed by organisations. @throws LedgerError `party-not-served` */
export function attestationOf(
  envelope: Buffer,
  validation: ValidationCode,
  organisations: readonly string[],
  keys: OrganisationKeys,
): Attestation {
  const statement = framed(PURPOSE, Buffer.from(validation), envelope);
  const endorsements = organisations.map((mspid) => ({
    endorser: Buffer.from(mspid),
    signature: Buffer.from(keys.sign(mspid, endorsedBytes(statement, mspid)).signature, 'base64'),
  }));
  return { statement, endorsements };
}

/**
 * Checks an attestation without the ledger: every signature that it carries, of the wanted organisations at least, and
 * that it is about the wanted transaction.
 * @throws LedgerError `attestation-invalid`, and for what is believed `ledger-chain-differs`, `block-invalid`
 */
export function verifyAttestation(attestation: Attestation, wanted: AttestationWanted, trust: LedgerTrust): Attested {
  return attested(attestation, wanted, trustedLedger(trust));
}

/** The same with what was read from block 0. */
export function attested(attestation: Attestation, wanted: AttestationWanted, trusted: TrustedLedger): Attested {
  const { statement, endorsements } = attestation;
  const signers = endorsements.map((one) => signerOf(statement, one, trusted.publicKeys));
  const organisations = demandSigners(signers, wanted.organisations);
  const [purpose, code, envelope, ...rest] = unframed(statement) ?? [];
  const validation = Object.keys(VALIDATION_CODES).find((known) => known === code?.toString('utf8'));
  if (purpose?.equals(PURPOSE) !== true || validation === undefined || envelope === undefined || rest.length > 0)
    throw new LedgerError('attestation-invalid', 'the statement is not about a transaction');
  const { proposal } = parseEnvelope(envelope);
  const id = transactionIdOf(proposal.nonce, proposal.creator);
  if (id !== wanted.transactionId || proposal.transactionId !== id || proposal.channel !== wanted.channel)
    throw new LedgerError('attestation-invalid', 'the statement is about another transaction', { transactionId: id });
  return {
    transactionId: id,
    valid: validation === 'VALID',
    validation: validation as ValidationCode,
    organisations,
    envelope,
  };
}

function signerOf(
  statement: Buffer,
  { endorser, signature }: Attestation['endorsements'][number],
  publicKeys: ReadonlyMap<string, KeyObject>,
): string | null {
  const mspid = endorser.toString('utf8');
  const signed = endorsedBytes(statement, mspid);
  return signersOf(signed, [{ mspid, signature: signature.toString('base64') }], publicKeys).has(mspid) ? mspid : null;
}
