import { generateKeyPairSync, type KeyObject, verify } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { decodeReadings, type FrameReading, SIGNATURE_ALGORITHMS, type SignatureAlgorithm } from '@coldchain/telemetry';
import { encodeFrameAs, FRAME_FORMATS, type FrameSigner } from './frame-format.js';

const AT = 1_763_600_000_000;
const readings: readonly FrameReading[] = [
  { logger: 'L1', at: AT, milliCelsius: 5_125, humidityPermille: null, counter: null },
  { logger: 'L1', at: AT + 60_000, milliCelsius: -20_000, humidityPermille: null, counter: null },
];
const frame = { boot: 'b', seq: 7, upMs: 42, readings };
const options = { now: AT + 60_000, oldest: 0 };

function keys(algorithm: SignatureAlgorithm): { readonly signer: FrameSigner; readonly publicKey: KeyObject } {
  const { privateKey, publicKey } =
    algorithm === 'Ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { signer: { kid: 'k9', algorithm, privateKey }, publicKey };
}

const holds = (algorithm: SignatureAlgorithm, signed: Buffer, key: KeyObject, signature: Buffer): boolean =>
  algorithm === 'Ed25519'
    ? verify(null, signed, key, signature)
    : verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, signature);

describe('a frame as bytes', () => {
  it.each(FRAME_FORMATS)('says the same as %s', (format) => {
    const decoded = decodeReadings(encodeFrameAs(format, frame, keys('ES256').signer), options);
    if (!decoded.ok) throw new Error(decoded.code);
    const { boot, seq, upMs } = decoded.frame;
    expect({ boot, seq, upMs }).toEqual({ boot: 'b', seq: 7, upMs: 42 });
    expect(decoded.frame.readings.map(({ logger, at, milliCelsius }) => [logger, at, milliCelsius])).toEqual([
      ['L1', AT, 5_125],
      ['L1', AT + 60_000, -20_000],
    ]);
  });

  it.each(SIGNATURE_ALGORITHMS)('is signed by %s as compact JSON over the bytes before its signature', (algorithm) => {
    const { signer, publicKey } = keys(algorithm);
    const bytes = encodeFrameAs('compact', frame, signer);
    const at = bytes.lastIndexOf(',"sig":"');
    const { sig } = JSON.parse(bytes.toString()) as { sig: string };
    const signature = Buffer.from(sig, 'base64url');
    expect(signature.length).toBe(64);
    expect(holds(algorithm, bytes.subarray(0, at), publicKey, signature)).toBe(true);
    expect(holds(algorithm, bytes.subarray(0, at - 1), publicKey, signature)).toBe(false);
  });

  it.each(SIGNATURE_ALGORITHMS)('is signed by %s as COSE_Sign1, with the name of its key', (algorithm) => {
    const { signer, publicKey } = keys(algorithm);
    const decoded = decodeReadings(encodeFrameAs('cose', frame, signer), options);
    const signature = decoded.ok ? decoded.frame.signature : null;
    if (signature?.form !== 'cose') throw new Error('not read as COSE');
    expect([signature.algorithm, signature.keyId, signature.signature.length]).toEqual([algorithm, 'k9', 64]);
    expect(holds(algorithm, signature.signed, publicKey, signature.signature)).toBe(true);
    expect(holds(algorithm, signature.signed, keys(algorithm).publicKey, signature.signature)).toBe(false);
  });

  it('has no form of COSE without a key', () => {
    expect(() => encodeFrameAs('cose', frame, null)).toThrow('needs a key');
  });
});
