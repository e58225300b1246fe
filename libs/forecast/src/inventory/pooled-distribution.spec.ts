import { describe, expect, it } from '@jest/globals';
import { countCdf, countQuantile } from '../distributions/negative-binomial.js';
import { type Distribution, pooled } from './pooled-distribution.js';

const counts = (mean: number, variance: number): Distribution => ({
  cdf: (x) => countCdf(x, { mean, variance }),
  quantile: (p) => countQuantile(p, { mean, variance }),
});
const even = (from: number, to: number): Distribution => ({
  cdf: (x) => Math.min(Math.max((x - from) / (to - from), 0), 1),
  quantile: (p) => from + p * (to - from),
});

describe('the quantile of a pool', () => {
  it('is that of one distribution, alone or with itself', () => {
    const one = counts(3, 9);
    for (const p of [0.1, 0.5, 0.9, 0.99]) {
      expect(pooled([one], true).quantile(p)).toBe(one.quantile(p));
      expect(pooled([one, one], true).quantile(p)).toBe(one.quantile(p));
    }
  });

  it('is the least count whose mean probability reaches p', () => {
    const two = [counts(0.4, 1), counts(6, 30)];
    for (const p of [0.05, 0.5, 0.8, 0.95, 0.999]) {
      const k = pooled(two, true).quantile(p);
      const mean = (x: number): number => two.reduce((sum, { cdf }) => sum + cdf(x), 0) / 2;
      expect(Number.isInteger(k)).toBe(true);
      expect(mean(k)).toBeGreaterThanOrEqual(p);
      expect(k === 0 || mean(k - 1) < p).toBe(true);
    }
  });

  it('solves the mean of continuous ones: half of [0, 1] and half of [0, 3] reach 0.75 at 1.5', () => {
    expect(pooled([even(0, 1), even(0, 3)], false).quantile(0.75)).toBeCloseTo(1.5, 12);
  });
});
