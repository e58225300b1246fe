import { describe, expect, it } from '@jest/globals';
import { SeededRandom } from '@coldchain/kernel';
import fc from 'fast-check';
import { normalCdf } from '../distributions/normal.js';
import { fitDemand } from '../forecast-demand.js';
import { leadTimeDemand } from './lead-time-demand.js';
import { probabilityFromFew } from './probability-from-few.js';

describe('the probability that is looked up in an estimate from few periods', () => {
  // Quantiles of Student's t of any table.
  it.each([
    [0.95, 11, 1.8125],
    [0.9, 31, 1.3104],
    [0.975, 21, 2.086],
    [0.2, 16, -0.8662],
  ])('of %d from %d sums is that of Student’s t', (p, count, t) => {
    expect(probabilityFromFew(p, count)).toBeCloseTo(normalCdf(t), 3);
  });

  it('rises with what is asked, is further out, and stays where an estimate can answer', () => {
    const probability = fc.double({ min: 1e-9, max: 1 - 1e-9, noNaN: true });
    fc.assert(
      fc.property(probability, probability, fc.double({ min: 0, max: 1e6, noNaN: true }), (p, q, count) => {
        const [low, high] = [Math.min(p, q), Math.max(p, q)];
        const [a, b] = [probabilityFromFew(low, count), probabilityFromFew(high, count)];
        // Rounding of the distribution function: 1e-13.
        const further = low < 0.5 ? a <= low + 1e-12 : a >= low - 1e-12;
        return a <= b && a > 0 && b < 1 && further;
      }),
    );
  });

  it('is what was asked for in the middle, and of many', () => {
    expect(probabilityFromFew(0.5, 2)).toBe(0.5);
    expect(probabilityFromFew(0.99, 1e5)).toBeCloseTo(0.99, 5);
  });

  it('makes short histories keep their promise of 99 %: of 24 periods, 3 at a time', () => {
    const seed = 'few periods';
    const random = new SeededRandom(seed);
    const demand = (): number => (random.unit() < 0.5 ? 10 + Math.round(40 * random.unit()) : 0);
    const series = 1500;
    let lasted = 0;
    for (let s = 0; s < series; s++) {
      const quantities = Array.from({ length: 24 }, demand);
      const { quantile } = leadTimeDemand(fitDemand({ quantities, frequency: 'month' }, 3), { periods: 3 });
      if (demand() + demand() + demand() <= quantile(0.99)) lasted++;
    }
    expect({ seed, kept: lasted >= 0.985 * series, lasted }).toMatchObject({ kept: true });
  });
});
