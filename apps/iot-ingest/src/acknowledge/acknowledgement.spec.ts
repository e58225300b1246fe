import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { acknowledgeBoot, type WatermarkChunk } from './acknowledgement.js';

const chunksOf = (numbers: readonly number[]): WatermarkChunk[] => {
  const byChunk = new Map<number, string[]>();
  for (const seq of numbers) {
    const bits = byChunk.get(seq >> 10) ?? Array<string>(1024).fill('0');
    bits[seq & 1023] = '1';
    byChunk.set(seq >> 10, bits);
  }
  return [...byChunk].sort(([a], [b]) => a - b).map(([chunk, bits]) => ({ chunk, bits: bits.join('') }));
};

describe('acknowledgeBoot', () => {
  it('says -1 before the first number is there, and what is missing', () => {
    expect(acknowledgeBoot('b', chunksOf([2, 3]), [], 0, 2)).toEqual({
      boot: 'b',
      first: 2,
      contiguous: -1,
      last: 3,
      missing: [[0, 1]],
      rejected: [],
    });
  });

  it('goes over rejected numbers and names them', () => {
    const rejected = [[1, 'json-invalid']] as const;
    expect(acknowledgeBoot('b', chunksOf([0, 2]), rejected, 0, 0)).toMatchObject({
      contiguous: 2,
      missing: [],
      rejected,
    });
  });

  it('names every number at most once as settled or missing, whatever has arrived', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(2500), { maxLength: 40 }), fc.nat(3), (numbers, rejectedCount) => {
        const rejected = numbers.slice(0, rejectedCount).map((seq) => [seq, 'code'] as const);
        const stored = numbers.slice(rejectedCount);
        const { contiguous, missing } = acknowledgeBoot('b', chunksOf(stored), rejected, 0, null);
        const said = new Set(
          missing.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, i) => from + i)),
        );
        const looked = missing.length < 32 ? Math.max(-1, ...numbers) : (missing.at(-1)?.[1] ?? -1);
        const known = new Set(numbers);
        const holes = Array.from({ length: looked + 1 }, (_, seq) => seq).filter((seq) => !known.has(seq));
        expect([...said].join()).toBe(holes.join());
        expect(contiguous).toBe((holes[0] ?? looked + 1) - 1);
      }),
    );
  });

  it('bounds the list of ranges', () => {
    const every2nd = Array.from({ length: 200 }, (_, index) => index * 2);
    expect(acknowledgeBoot('b', chunksOf(every2nd), [], 0, 0).missing).toHaveLength(32);
  });

  it('answers a gateway that counts in steps, whatever it has sent', () => {
    // More runs than a call takes arguments.
    const chunks = Array.from({ length: 400 }, (_, chunk) => ({ chunk, bits: '10'.repeat(512) }));
    const { last, missing } = acknowledgeBoot('b', chunks, [], 0, 0);
    expect([last, missing.length]).toEqual([400 * 1024 - 2, 32]);
  });
});
