import { type KeyObject, sign } from 'node:crypto';
import { integer, sequence } from '../embedded/der.js';

/** Order of the group of P-256 (FIPS 186-5, SP 800-186 §3.2.1.3). */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/**
 * ECDSA over P-256 with SHA-256, DER, with the smaller of the two possible values of s: Fabric refuses the other one
 * (bccsp/sw/ecdsa.go). The message is hashed here, so the gateway must be told not to hash (`hash.none`).
 */
export function lowSSignature(message: Uint8Array, key: KeyObject): Buffer {
  const raw = sign('sha256', message, { key, dsaEncoding: 'ieee-p1363' }).toString('hex');
  const s = BigInt(`0x${raw.slice(64)}`);
  return sequence(integer(BigInt(`0x${raw.slice(0, 64)}`)), integer(s > ORDER / 2n ? ORDER - s : s));
}
