import { createPublicKey, verify } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { BootAcknowledgement } from './acknowledgement.js';
import { PlatformKey } from './platform-key.js';
import { ResendRequests } from './resend.js';

const boot = (missing: readonly (readonly [number, number])[]): BootAcknowledgement => ({
  boot: 'b',
  first: 0,
  contiguous: 2,
  last: 9,
  missing,
  rejected: [],
});

describe('ResendRequests', () => {
  it('asks for a hole that stays, not for one that fills, and again every ten seconds', () => {
    const requests = new ResendRequests();
    expect(requests.due(1, [boot([[3, 4]])], 0)).toEqual([]);
    expect(requests.due(1, [boot([[3, 4]])], 9_999)).toEqual([]);
    expect(requests.due(1, [boot([[4, 4]])], 10_000)).toEqual([{ command: 'resend', boot: 'b', ranges: [[4, 4]] }]);
    expect(requests.due(1, [boot([[4, 4]])], 15_000)).toEqual([]);
    expect(requests.due(1, [boot([[4, 4]])], 20_000)).toHaveLength(1);
    expect(requests.due(1, [boot([])], 30_000)).toEqual([]);
    expect(requests.due(1, [boot([[9, 9]])], 40_000)).toEqual([]);
    expect(requests.due(2, [boot([[9, 9]])], 60_000)).toEqual([]);
  });
});

describe('PlatformKey', () => {
  it('signs the bytes before its signature, with a key that stays', () => {
    const folder = mkdtempSync(join(tmpdir(), 'platform-key-'));
    try {
      const path = join(folder, 'keys', 'acknowledgements.pem');
      const key = PlatformKey.ofFile(path);
      const payload = key.signed({ boots: [], time: 'now' }).toString('utf8');
      const at = payload.lastIndexOf(',"sig":"');
      const content = JSON.parse(payload) as { kid: string; sig: string };
      expect(content).toMatchObject({ boots: [], time: 'now', kid: key.kid });
      const published = createPublicKey(readFileSync(`${path}.pub`));
      expect(verify(null, Buffer.from(payload.slice(0, at)), published, Buffer.from(content.sig, 'base64url'))).toBe(
        true,
      );
      expect(PlatformKey.ofFile(path).kid).toBe(key.kid);
      expect(statSync(path).mode & 0o777).toBe(0o600);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
