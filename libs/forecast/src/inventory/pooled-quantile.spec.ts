import { describe, expect, it } from '@jest/globals';
import { countCdf, countQuantile } from '../distributions/negative-binomial.js';
import { type Distribution, pooledQuantile } from './pooled-quantile.js';

const counts = (mean: number, variance: number): Distribution => ({
  cdf: (x) => countCdf(x, { mean, variance }),
  quantile: (p) => countQuantile(p, { mean, variance }),
});
const even = (from: number, to: number): Distribution => ({
  cdf: (x) => Math.min(Math.max((x - from) / (to - from), 0), 1),
  quantile: (p) => from + p * (to - from),
});

describe('a pooled quantile', () => {
  it('is that of one distribution, alone or with itself', () => {
    const one = counts(3, 9);
    for (const p of [0.1, 0.5, 0.9, 0.99]) {
      expect(pooledQuantile([one], true)(p)).toBe(one.quantile(p));
      expect(pooledQuantile([one, one], true)(p)).toBe(one.quantile(p));
    }
  });

  it('is the least count whose mean probability reaches p', () => {
    const two = [counts(0.4, 1), counts(6, 30)];
    for (const p of [0.05, 0.5, 0.8, 0.95, 0.999]) {
      const k = pooledQuantile(two, true)(p);
      const mean = (x: number): number => two.reduce((sum, { cdf }) => sum + cdf(x), 0) / 2;
      expect(Number.isInteger(k)).toBe(true);
      expect(mean(k)).toBeGreaterThanOrEqual(p);
      expect(k === 0 || mean(k - 1) < p).toBe(true);
    }
  });

  it('solves the mean of continuous ones: half of [0, 1] and half of [0, 3] reach 0.75 at 1.5', () => {
    expect(pooledQuantile([even(0, 1), even(0, 3)], false)(0.75)).toBeCloseTo(1.5, 12);
  });
});
