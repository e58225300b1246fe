import { type KeyObject, sign, verify } from 'node:crypto';
import { der } from '@coldchain/kernel';

/** Order of the group of P-256 (FIPS 186-5, SP 800-186 §3.2.1.3). */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/**
 * ECDSA over P-256 with SHA-256, DER, with the smaller of the two possible values of s: Fabric refuses the other one
 * (bccsp/sw/ecdsa.go). The message is hashed here, so the gateway must be told not to hash (`hash.none`).
 */
export function lowSSignature(message: Uint8Array, key: KeyObject): Buffer {
  const raw = sign('sha256', message, { key, dsaEncoding: 'ieee-p1363' }).toString('hex');
  const s = BigInt(`0x${raw.slice(64)}`);
  return der.sequence(der.integer(BigInt(`0x${raw.slice(0, 64)}`)), der.integer(s > ORDER / 2n ? ORDER - s : s));
}

/** Orders of the groups whose keys nodes of Fabric may have (bccsp/utils/ecdsa.go), by OpenSSL's names. */
const ORDERS: Readonly<Record<string, bigint>> = {
  prime256v1: ORDER,
  secp384r1: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
};

/** Does an ECDSA signature hold, and is it the one of the two that Fabric takes? Other kinds of keys do not occur. */
export function holds(message: Uint8Array, key: KeyObject, signature: Buffer): boolean {
  const order = ORDERS[key.asymmetricKeyDetails?.namedCurve ?? ''];
  return order !== undefined && verify('sha256', message, key, signature) && isLowS(signature, order);
}

function isLowS(signature: Buffer, order: bigint): boolean {
  try {
    const [whole] = der.elements(signature);
    const [, s] = der.elements(whole?.content ?? Buffer.alloc(0));
    return s !== undefined && BigInt(`0x${s.content.toString('hex')}`) <= order / 2n;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
