import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { gammaCdf, gammaQuantile } from './gamma.js';
import { logGamma, regularizedBeta } from './incomplete-gamma.js';
import { countCdf, countProbability, countQuantile } from './negative-binomial.js';
import { normalCdf, normalQuantile } from './normal.js';

const relative = (value: number, reference: number): number => Math.abs(value / reference - 1);

describe('normal', () => {
  // The two check values of AS 241, and table 26.1 of Abramowitz and Stegun.
  it.each([
    [0.25, -0.6744897501960817],
    [0.001, -3.0902323061678136],
    [1e-20, -9.262340089798407],
    [0.975, 1.959963984540054],
    [0.95, 1.6448536269514722],
    [0.99, 2.3263478740408408],
  ])('quantile of %d is %d', (p, z) => {
    expect(relative(normalQuantile(p), z)).toBeLessThan(1e-14);
  });

  it.each([
    [1, 0.8413447460685429],
    [1.96, 0.9750021048517795],
    [-3, 0.0013498980316300933],
    [-10, 7.619853024160527e-24],
  ])('cdf of %d is %d', (z, p) => {
    expect(relative(normalCdf(z), p)).toBeLessThan(1e-13);
  });

  it('refuses what is no probability', () => {
    for (const p of [0, 1, -1, NaN])
      expect(() => normalQuantile(p)).toThrow(expect.objectContaining({ code: 'probability-invalid' }));
  });
});

describe('gamma', () => {
  it('agrees with ln Γ(½) = ln √π, ln 9! and the stirling range', () => {
    expect(relative(logGamma(0.5), Math.log(Math.sqrt(Math.PI)))).toBeLessThan(1e-14);
    expect(relative(logGamma(10), Math.log(362880))).toBeLessThan(1e-14);
    expect(relative(logGamma(1e6), 12815504.569147613)).toBeLessThan(1e-14);
    expect(relative(logGamma(0.01), 4.59947987804202)).toBeLessThan(1e-13);
  });

  // χ² with k degrees is gamma(k/2, 2): table 26.8 of Abramowitz and Stegun.
  it.each([
    [0.95, 1, 3.841458820694124],
    [0.95, 10, 18.307038053275146],
    [0.99, 5, 15.08627246938899],
    [0.05, 30, 18.492660981953467],
    [0.995, 100, 140.16948944231365],
  ])('quantile of %d with %d degrees of χ² is %d', (p, degrees, x) => {
    expect(relative(gammaQuantile(p, degrees / 2, 2), x)).toBeLessThan(1e-10);
    expect(relative(gammaCdf(x, degrees / 2, 2), p)).toBeLessThan(1e-12);
  });

  it('stays true and quick for shapes beyond a million, where it passes to an approximation', () => {
    const [below, above] = [999_999, 1_000_001].map((shape) => gammaQuantile(0.975, shape, 1) / shape) as [
      number,
      number,
    ];
    expect(Math.abs(below - above)).toBeLessThan(1e-8);
    expect(gammaCdf(gammaQuantile(0.9, 1e14, 2), 1e14, 2)).toBeCloseTo(0.9, 6);
  });

  it('inverts its cdf', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.001, max: 0.999, noNaN: true }),
        fc.double({ min: 0.05, max: 5000, noNaN: true }),
        (p, shape) => Math.abs(gammaCdf(gammaQuantile(p, shape, 3), shape, 3) - p) < 1e-9,
      ),
    );
  });
});

describe('negative binomial and Poisson', () => {
  it('of published tables: Poisson (mean 3), Student t through the beta function', () => {
    expect(countCdf(2, { mean: 3, variance: 3 })).toBeCloseTo(0.42319008112684353, 12);
    expect(countCdf(8, { mean: 3, variance: 3 })).toBeCloseTo(0.9961970079383241, 12);
    // t with 10 degrees: P(|T| > 2.228138851964939) = 0.05 (Abramowitz and Stegun 26.10).
    expect(regularizedBeta(5, 0.5, 10 / (10 + 2.228138851964939 ** 2))).toBeCloseTo(0.05, 11);
  });

  it('with r = 3 and p = 1/2 has the exact binary fractions', () => {
    const moments = { mean: 3, variance: 6 };
    expect(countProbability(0, moments)).toBeCloseTo(1 / 8, 13);
    expect(countCdf(0, moments)).toBeCloseTo(1 / 8, 12);
    expect(countCdf(1, moments)).toBeCloseTo(5 / 16, 12);
    expect(countCdf(2, moments)).toBeCloseTo(1 / 2, 12);
    expect([0.1, 0.3, 0.49, 0.51, 0.95].map((p) => countQuantile(p, moments))).toEqual([0, 1, 2, 3, 8]);
  });

  it('its cdf is the sum of its probabilities, and the quantile its inverse', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 60, noNaN: true }),
        fc.double({ min: 0, max: 8, noNaN: true }),
        fc.integer({ min: 0, max: 120 }),
        fc.double({ min: 0.001, max: 0.999, noNaN: true }),
        (mean, excess, count, p) => {
          const moments = { mean, variance: mean * (1 + excess) };
          let sum = 0;
          for (let k = 0; k <= count; k++) sum += countProbability(k, moments);
          const quantile = countQuantile(p, moments);
          return (
            // Barely more dispersed than Poisson, the terms of a probability are ln Γ of a million: they round at 1e-9.
            Math.abs(sum - countCdf(count, moments)) < 1e-8 &&
            countCdf(quantile, moments) >= p &&
            countCdf(quantile - 1, moments) < p
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  it('answers for large means and for none', () => {
    expect(countQuantile(0.95, { mean: 0, variance: 0 })).toBe(0);
    const large = countQuantile(0.975, { mean: 1e15, variance: 1e20 });
    expect(relative(large, 1e15 + 1.96e10)).toBeLessThan(1e-6);
    expect(countQuantile(0.5, { mean: 4, variance: 1 })).toBe(4);
  });

  it('of huge means still rise from 0 to 1, and answer their quantiles', () => {
    for (const mean of [2e6, 1e12, 5e13]) {
      for (const variation of [0.01, 1, 5]) {
        const moments = { mean, variance: (variation * mean) ** 2 };
        const counts = [0.01, 0.1, 0.5, 0.9, 0.99, 1, 1.01, 1.5, 2, 3, 9].map((share) =>
          countCdf(share * mean, moments),
        );
        expect(counts).toEqual([...counts].sort((a, b) => a - b));
        expect(counts.at(-1)).toBeLessThanOrEqual(1);
        for (const p of [0.5, 0.9, 0.99]) {
          const quantile = countQuantile(p, moments);
          expect(countCdf(quantile, moments)).toBeGreaterThan(p - 1e-9);
          expect(countCdf(quantile - 1, moments)).toBeLessThan(p + 1e-9);
        }
      }
    }
  });
});
