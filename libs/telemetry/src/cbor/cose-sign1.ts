import { CborTag, type CborValue, readCbor } from './cbor-reader.js';
import { type CborInput, cborOf, cborTagged } from './cbor-writer.js';

/** How a frame is signed. */
export const SIGNATURE_ALGORITHMS = ['Ed25519', 'ES256'] as const;
export type SignatureAlgorithm = (typeof SIGNATURE_ALGORITHMS)[number];

/** A COSE_Sign1 message (RFC 9052 §4.2), read but not verified. */
export interface CoseSign1 {
  readonly algorithm: SignatureAlgorithm;
  /** `kid`, as text or hexadecimal where it is not printable; null: none given. */
  readonly keyId: string | null;
  readonly payload: Buffer;
  readonly signature: Buffer;
  /** The bytes that the signature is over: Sig_structure (RFC 9052 §4.4), without external data. */
  readonly signed: Buffer;
}

const COSE_SIGN1 = 18;
const HEADER = { alg: 1, crit: 2, kid: 4 } as const;
/** RFC 9053 §2 names EdDSA −8 and ES256 −7; RFC 9864 the fully specified Ed25519 −19 and ESP256 −9. */
const ALGORITHMS: ReadonlyMap<CborValue, SignatureAlgorithm> = new Map([
  [-8, 'Ed25519'],
  [-19, 'Ed25519'],
  [-7, 'ES256'],
  [-9, 'ES256'],
] as const);
const ALGORITHM_ID = { Ed25519: -8, ES256: -7 } as const satisfies Record<SignatureAlgorithm, number>;
/** Both algorithms: R and S, or the Edwards pair, of 32 bytes each. */
const SIGNATURE_BYTES = 64;

/**
 * Reads a tagged COSE_Sign1 with its payload inside. The algorithm must be protected; critical headers, which we know
 * none of, are refused (RFC 9052 §3.1). Null: it is none of that.
 * @throws CborInvalid for bytes that are not CBOR
 */
export function readCoseSign1(message: CborValue): CoseSign1 | null {
  if (!(message instanceof CborTag) || message.tag !== COSE_SIGN1 || !Array.isArray(message.content)) return null;
  const [protectedBytes, unprotected, payload, signature, ...more] = message.content as readonly CborValue[];
  if (!Buffer.isBuffer(protectedBytes) || !(unprotected instanceof Map) || more.length > 0) return null;
  if (!Buffer.isBuffer(payload) || !Buffer.isBuffer(signature) || signature.length !== SIGNATURE_BYTES) return null;
  const headers = protectedBytes.length === 0 ? new Map<CborValue, CborValue>() : readCbor(protectedBytes);
  if (!(headers instanceof Map) || headers.has(HEADER.crit) || unprotected.has(HEADER.crit)) return null;
  const algorithm = ALGORITHMS.get(headers.get(HEADER.alg) as CborValue);
  const keyId: unknown = headers.get(HEADER.kid) ?? unprotected.get(HEADER.kid);
  if (algorithm === undefined || (keyId !== undefined && !Buffer.isBuffer(keyId))) return null;
  return {
    algorithm,
    keyId: keyId === undefined ? null : keyIdText(keyId),
    payload,
    signature,
    signed: sigStructure(protectedBytes, payload),
  };
}

/** Makes a COSE_Sign1 message; `sign` is given the bytes to sign. */
export function coseSign1(
  payload: Uint8Array,
  algorithm: SignatureAlgorithm,
  keyId: string | null,
  sign: (signed: Buffer) => Uint8Array,
): Buffer {
  const protectedBytes = cborOf(new Map([[HEADER.alg, ALGORITHM_ID[algorithm]]]));
  const unprotected = new Map<number, CborInput>(keyId === null ? [] : [[HEADER.kid, Buffer.from(keyId, 'utf8')]]);
  const signature = sign(sigStructure(protectedBytes, payload));
  return cborTagged(COSE_SIGN1, [protectedBytes, unprotected, payload, signature]);
}

function sigStructure(protectedBytes: Uint8Array, payload: Uint8Array): Buffer {
  return cborOf(['Signature1', protectedBytes, new Uint8Array(0), payload]);
}

function keyIdText(bytes: Buffer): string {
  const text = bytes.toString('latin1');
  return /^[!-~]{1,64}$/.test(text) ? text : bytes.toString('hex').slice(0, 128);
}
