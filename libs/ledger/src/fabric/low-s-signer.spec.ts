import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { der } from '@coldchain/kernel';
import { holds, lowSSignature } from './low-s-signer.js';

const MESSAGE = Buffer.from('message');
const P256 = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** The other signature over the same message that holds as well. */
function mirrored(signature: Buffer, order: bigint): Buffer {
  const [whole] = der.elements(signature);
  const [r, s] = der.elements(whole?.content ?? Buffer.alloc(0));
  const value = BigInt(`0x${s?.content.toString('hex')}`);
  return der.sequence(r?.raw ?? Buffer.alloc(0), der.integer(order - value));
}

describe('a signature with the smaller s', () => {
  it('holds, and its mirror image does not, though OpenSSL takes it', () => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    for (let attempt = 0; attempt < 20; attempt++) {
      const signature = lowSSignature(MESSAGE, privateKey);
      expect(holds(MESSAGE, publicKey, signature)).toBe(true);
      expect(holds(MESSAGE, publicKey, mirrored(signature, P256))).toBe(false);
      expect(holds(Buffer.from('other'), publicKey, signature)).toBe(false);
    }
  });

  it('is judged by the curve of its key', () => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
    const held = Array.from({ length: 40 }, () => holds(MESSAGE, publicKey, sign('sha256', MESSAGE, privateKey)));
    expect(new Set(held)).toEqual(new Set([true, false]));
  });

  it('is nothing that another kind of key gives', () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    expect(holds(MESSAGE, publicKey, sign(null, MESSAGE, privateKey))).toBe(false);
    const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 });
    expect(holds(MESSAGE, rsa.publicKey, sign('sha256', MESSAGE, rsa.privateKey))).toBe(false);
  });
});
