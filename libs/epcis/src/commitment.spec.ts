import { createHash, createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { parseGtin, parseLot, parseSerial, parseSscc } from '@coldchain/gs1';
import { batchKey, commitment, documentDigest, packKey, unitKey } from './index.js';

const bytes = (fill: number, length = 32): Buffer => Buffer.alloc(length, fill);

describe('document digest', () => {
  it('is SHA-256 over RFC 8785 text', () => {
    const { canonical, digest } = documentDigest({ b: [1e21, 0.002, 'ö\u0001'], a: { d: null, c: 1.0 } });
    expect(canonical).toBe('{"a":{"c":1,"d":null},"b":[1e+21,0.002,"ö\\u0001"]}');
    expect(digest).toEqual(createHash('sha256').update(canonical, 'utf8').digest());
  });

  it('refuses what has no canonical form', () => {
    for (const wrong of [{ a: Number.POSITIVE_INFINITY }, { a: '\ud800' }]) {
      expect(() => documentDigest(wrong)).toThrow(expect.objectContaining({ code: 'document-not-canonical' }));
    }
  });
});

describe('commitment', () => {
  const parts = [bytes(1), bytes(2), bytes(3)] as const;

  it('hashes domain, salt, event hash, digest and profile', () => {
    const whole = Buffer.concat([Buffer.from('cct-commitment-v1'), ...parts, Buffer.from('cbv2.0-2025')]);
    expect(commitment(...parts, 'cbv2.0-2025')).toBe(createHash('sha256').update(whole).digest('hex'));
  });

  it('depends on every part', () => {
    const seen = new Set([
      commitment(...parts, 'cbv2.0-2025'),
      commitment(...parts, 'cbv2.0'),
      commitment(bytes(9), parts[1], parts[2], 'cbv2.0'),
      commitment(parts[0], bytes(9), parts[2], 'cbv2.0'),
      commitment(parts[0], parts[1], bytes(9), 'cbv2.0'),
    ]);
    expect(seen.size).toBe(5);
  });

  it('checks lengths', () => {
    expect(() => commitment(bytes(1, 31), parts[1], parts[2], 'cbv2.1')).toThrow(
      expect.objectContaining({ code: 'salt-invalid' }),
    );
    expect(() => commitment(parts[0], bytes(1, 33), parts[2], 'cbv2.1')).toThrow(
      expect.objectContaining({ code: 'digest-invalid' }),
    );
    expect(() => commitment(parts[0], parts[1], bytes(1, 0), 'cbv2.1')).toThrow(
      expect.objectContaining({ code: 'digest-invalid' }),
    );
  });
});

describe('pseudonymous keys', () => {
  const secret = bytes(7);
  const gtin = parseGtin('9521101530001');
  const hmac = (text: string): string => createHmac('sha256', secret).update(text).digest('hex');

  it('are made from the texts that the ledger model names', () => {
    expect(batchKey(secret, gtin, parseLot('A/1'))).toBe(hmac('batch:09521101530001A/1'));
    expect(packKey(secret, gtin, parseSerial('S/1'))).toBe(hmac('https://id.gs1.org/01/09521101530001/21/S%2F1'));
    expect(unitKey(secret, parseSscc('376104250021234569'))).toBe(hmac('https://id.gs1.org/00/376104250021234569'));
  });

  it('ask for a secret of 32 bytes', () => {
    expect(() => batchKey(bytes(7, 16), gtin, parseLot('A'))).toThrow(
      expect.objectContaining({ code: 'secret-invalid' }),
    );
  });
});
