import { framed, unframed } from './framing.js';
import { LedgerError } from './ledger-error.js';
import type { ValidationCode } from './validation-code.js';

/** What organisations said of a transaction, with their signatures; it can be kept and checked without the ledger. */
export interface Attestation {
  /** The bytes that are signed, in the form of the adapter. */
  readonly statement: Buffer;
  /** The signer as it is named in what is signed (statement, then these bytes), and its signature. */
  readonly endorsements: readonly { readonly endorser: Buffer; readonly signature: Buffer }[];
}

/** What an attestation proves. */
export interface Attested {
  readonly transactionId: string;
  /** False: in a block, and void. */
  readonly valid: boolean;
  readonly validation: ValidationCode;
  /** MSP ids of the organisations that signed, ascending. */
  readonly organisations: readonly string[];
  /** The transaction's envelope as it stands in its block. */
  readonly envelope: Buffer;
}

/** What somebody wants an attestation to be about. */
export interface AttestationWanted {
  readonly transactionId: string;
  readonly channel: string;
  /** MSP ids that must have signed. */
  readonly organisations: readonly string[];
}

/** An attestation as one byte string: statement, then signer and signature of each, each behind its length. */
export function attestationBytes({ statement, endorsements }: Attestation): Buffer {
  return framed(statement, ...endorsements.flatMap(({ endorser, signature }) => [endorser, signature]));
}

/** Reads {@link attestationBytes}; nothing is checked yet. @throws LedgerError `attestation-invalid` */
export function parseAttestation(bytes: Buffer): Attestation {
  const [statement, ...rest] = unframed(bytes) ?? [];
  if (statement === undefined || rest.length % 2 !== 0)
    throw new LedgerError('attestation-invalid', 'the bytes are not an attestation');
  const endorsements = [];
  for (let at = 0; at < rest.length; at += 2) {
    endorsements.push({ endorser: rest[at] ?? Buffer.alloc(0), signature: rest[at + 1] ?? Buffer.alloc(0) });
  }
  return { statement, endorsements };
}

/**
 * Who signed, of whom every one must be known, hold, and stand there once; none of those wanted may be missing.
 * @param signers MSP id of each endorsement, null where its signature does not hold
 * @throws LedgerError `attestation-invalid`
 */
export function demandSigners(signers: readonly (string | null)[], wanted: readonly string[]): string[] {
  const held = new Set(signers.filter((mspid) => mspid !== null));
  const missing = wanted.filter((mspid) => !held.has(mspid));
  if (wanted.length === 0 || missing.length > 0)
    throw new LedgerError('attestation-invalid', `no valid signature of ${missing.join(', ') || 'anybody'}`, {
      missing,
    });
  if (held.size !== signers.length) throw new LedgerError('attestation-invalid', 'a signature does not hold');
  return [...held].sort();
}
