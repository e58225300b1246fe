import { describe, expect, it } from '@jest/globals';
import { SeededRandom } from '@coldchain/kernel';
import fc from 'fast-check';
import { countCdf, countQuantile } from '../distributions/negative-binomial.js';
import { gammaCdf, gammaQuantile } from '../distributions/gamma.js';
import { fitDemand } from '../forecast-demand.js';
import { leadTimeDemand } from './lead-time-demand.js';
import type { Distribution } from './pooled-distribution.js';
import { nextOf, succession, withNone } from './succession.js';

const counts = (mean: number, variance: number): Distribution => ({
  cdf: (x) => countCdf(x, { mean, variance }),
  quantile: (p) => countQuantile(p, { mean, variance }),
});
const quantities: Distribution = { cdf: (x) => gammaCdf(x, 2, 3), quantile: (p) => gammaQuantile(p, 2, 3) };

/** Each quantile is the least count that reaches its probability. */
function expectLeast({ cdf, quantile }: Distribution): void {
  for (const p of [0.001, 0.3, 0.5, 0.8, 0.9, 0.95, 0.99, 0.9999]) {
    const k = quantile(p);
    expect(cdf(k)).toBeGreaterThanOrEqual(p - 1e-12);
    expect(k === 0 || cdf(k - 1) < p).toBe(true);
  }
}

describe('the next of some sums', () => {
  it('is above the greatest of nine as often as once in ten, whatever they are drawn from', () => {
    const seed = 'nine sums';
    const random = new SeededRandom(seed);
    const rounds = 4_000;
    let above = 0;
    for (let round = 0; round < rounds; round++) {
      const drawn = Float64Array.from({ length: 10 }, () => Math.exp(5 * random.unit() ** 3));
      const next = nextOf(drawn.slice(0, 9).sort(), 9, quantities);
      if ((drawn[9] ?? 0) > next.quantile(0.9)) above++;
    }
    // Three standard deviations of a share of one in ten.
    expect({ seed, off: Math.abs(above / rounds - 0.1) < 3 * Math.sqrt(0.09 / rounds) }).toEqual({ seed, off: true });
  });

  it('has the shares of the sums below the greatest, and goes on as its tail does', () => {
    const tail = counts(1, 3);
    const next = nextOf(Float64Array.of(0, 0, 0, 4), 4, tail);
    expect(next.cdf(0)).toBeCloseTo(0.6, 12);
    expect(next.cdf(4)).toBeCloseTo(0.8, 12);
    expect((1 - next.cdf(6)) / 0.2).toBeCloseTo((1 - tail.cdf(6)) / (1 - tail.cdf(4)), 12);
    expectLeast(next);
  });

  it('ends with the greatest where the tail ends before it', () => {
    const next = nextOf(Float64Array.of(1, 1e6), 2, counts(0.1, 0.1));
    expect(next.quantile(0.999)).toBe(1e6);
    expect(next.cdf(1e6 + 1)).toBe(1);
  });
});

describe('the rule of succession', () => {
  it.each([
    [1, 3, 0.8],
    [0, 3, 0.2],
    [0.5, 17, 0.5],
  ])('of a share of %d in %d', (share, count, expected) => {
    expect(succession(share, count)).toBeCloseTo(expected, 12);
  });

  it('sets the probability of nothing, and keeps the proportions above it', () => {
    const usual = counts(2, 8);
    for (const none of [0.1, 0.7]) {
      const changed = withNone(usual, none);
      expect(changed.cdf(0)).toBeCloseTo(none, 12);
      expect((1 - changed.cdf(5)) / (1 - changed.cdf(2))).toBeCloseTo((1 - usual.cdf(5)) / (1 - usual.cdf(2)), 10);
      expectLeast(changed);
    }
  });

  it('answers any probability, of quantities that are never nothing too', () => {
    const probability = fc.double({ min: 1e-9, max: 1 - 1e-9, noNaN: true });
    fc.assert(
      fc.property(probability, probability, (p, none) => {
        const x = withNone(quantities, none).quantile(p);
        return p <= none ? x === 0 : x >= 0 && Number.isFinite(x);
      }),
      { examples: [[0.2 + Number.EPSILON, 0.2]] },
    );
  });
});

describe('lead-time demand that is mostly nothing', () => {
  it('reaches .9 and .95 within a point and a half, of 36 months, 3 at a time', () => {
    const seed = 'rare demands';
    const random = new SeededRandom(seed);
    let [series, at90, at95] = [0, 0, 0];
    for (let k = 0; k < 1_000; k++) {
      const rate = 0.06 + 0.08 * random.unit();
      const month = (): number => (random.unit() < rate ? 1 + Math.floor(-3 * Math.log(1 - random.unit())) : 0);
      const history = Array.from({ length: 36 }, month);
      const demand = month() + month() + month();
      const { methods, quantile } = leadTimeDemand(fitDemand({ quantities: history, frequency: 'month' }, 3), {
        periods: 3,
      });
      if (!methods.includes('blocks')) continue;
      series++;
      if (demand <= quantile(0.9)) at90++;
      if (demand <= quantile(0.95)) at95++;
    }
    const near = (share: number, target: number): boolean => Math.abs(share - target) <= 0.015;
    expect({ seed, near: [near(at90 / series, 0.9), near(at95 / series, 0.95)] }).toEqual({ seed, near: [true, true] });
  });
});
