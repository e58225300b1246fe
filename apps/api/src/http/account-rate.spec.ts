import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AccountRate } from './account-rate.js';

describe('the rate of an account', () => {
  it('allows ten seconds of it at once, then one request at a time, and says when', () => {
    const rate = new AccountRate(60);
    const taken = Array.from({ length: 12 }, () => rate.take(1, 0));
    expect(taken).toEqual([...Array<number>(10).fill(0), 1000, 1000]);
    expect(rate.take(1, 999)).toBe(1);
    expect(rate.take(1, 1000)).toBe(0);
    expect(rate.take(1, 1000)).toBe(1000);
    // Another account has its own.
    expect(rate.take(2, 1000)).toBe(0);
  });

  it('is never exceeded, whenever requests come', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 600 }),
        fc.array(fc.nat({ max: 5_000 }), { maxLength: 300 }),
        (perMinute, pauses) => {
          const rate = new AccountRate(perMinute);
          let now = 1_000_000;
          const allowed: number[] = [];
          for (const pauseMs of pauses) {
            now += pauseMs;
            const waitMs = rate.take(1, now);
            if (waitMs === 0) allowed.push(now);
            else expect(rate.take(1, now + waitMs - 1)).not.toBe(0);
          }
          const burst = Math.max(1, perMinute / 6);
          for (const [index, from] of allowed.entries()) {
            const last = allowed.at(-1) ?? from;
            const count = allowed.length - index;
            if (count > burst + ((last - from) * perMinute) / 60_000 + 1e-3) return false;
          }
          return true;
        },
      ),
    );
  });

  it('allows one request where the rate is less than one in ten seconds', () => {
    const rate = new AccountRate(1);
    expect([rate.take(1, 0), rate.take(1, 59_999), rate.take(1, 60_000)]).toEqual([0, 1, 0]);
  });

  it('locks nobody out when the clock is set back', () => {
    const rate = new AccountRate(60);
    for (let request = 0; request < 10; request++) rate.take(1, 3_600_000);
    expect(rate.take(1, 0)).toBeLessThanOrEqual(1000);
  });

  it('remembers no more accounts than it may: who asked last is kept', () => {
    const rate = new AccountRate(6, 2);
    expect([rate.take(1, 0), rate.take(2, 0), rate.take(2, 0)]).toEqual([0, 0, 10_000]);
    expect(rate.take(3, 0)).toBe(0);
    expect([rate.take(2, 0), rate.take(1, 0)]).toEqual([10_000, 0]);
  });

  it('is none at 0', () => {
    const rate = new AccountRate(0);
    expect(Array.from({ length: 100_000 }, () => rate.take(1, 0)).every((waitMs) => waitMs === 0)).toBe(true);
  });
});
