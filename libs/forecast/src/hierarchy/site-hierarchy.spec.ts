import { describe, expect, it } from '@jest/globals';
import { type DemandHistory } from '../demand/demand-history.js';
import { baseForecast, productTotal, reconcileSites } from './site-hierarchy.js';

const months = (quantities: readonly (number | null)[], available?: readonly number[]): DemandHistory => ({
  quantities,
  frequency: 'month',
  ...(available === undefined ? {} : { available }),
});
const noise = (t: number): number => (((t * 7919 + 13) * 0.6180339887498949) % 1) * 2 - 1;
const series = (length: number, value: (t: number) => number): number[] => Array.from({ length }, (_, t) => value(t));

describe('the total of a product', () => {
  it('adds up sites from where all of them are known, aligned at their ends', () => {
    const total = productTotal([months(series(8, (t) => t)), months(series(6, (t) => 100 + t))]);
    expect(total).toEqual({ members: [0, 1], history: months([102, 104, 106, 108, 110, 112]) });
  });

  it('leaves a young site out, and is none of fewer than two', () => {
    expect(productTotal([months(series(40, () => 5)), months([1, 2, 3]), months(series(30, () => 2))])).toEqual({
      members: [0, 2],
      history: months(series(30, () => 7)),
    });
    expect(productTotal([months(series(40, () => 5)), months([1, 2, 3])])).toBeNull();
    expect(productTotal([])).toBeNull();
  });

  it('takes a stockout and a hole of one site as that site is taken, not as nothing', () => {
    const short = series(30, () => 10);
    short[20] = 0;
    const available = series(30, (t) => (t === 20 ? 0 : 1));
    const hole = series(30, () => 4) as (number | null)[];
    hole[25] = null;
    const total = productTotal([months(short, available), months(hole)]);
    total?.history.quantities.forEach((quantity) => expect(quantity).toBeCloseTo(14, 9));
    // Of rare demand a period that was not seen is the mean of the others.
    const rare = series(30, (t) => (t % 5 === 0 ? 5 : 0)) as (number | null)[];
    rare[7] = null;
    expect(productTotal([months(rare), months(series(30, () => 0))])?.history.quantities[7]).toBeCloseTo(30 / 29, 9);
  });
});

describe('forecasts of sites', () => {
  it('add up, and lie nearer to the truth than their own where sites are unsteady and their sum is not', () => {
    // What one site has less the other has more: alone neither is known, together they are.
    const wave = (t: number): number => 40 * noise(t);
    const histories = [months(series(48, (t) => 100 + wave(t))), months(series(48, (t) => 100 - wave(t)))];
    const sites = histories.map((history) => baseForecast(history, 3));
    const total = productTotal(histories);
    const product = baseForecast(total?.history ?? months([]), 3);
    const reconciled = reconcileSites(product, sites);
    for (let h = 0; h < 3; h++) {
      const sum = reconciled.reduce((all, one) => all + (one[h] ?? NaN), 0);
      const own = sites.reduce((all, { forecast }) => all + (forecast[h] ?? NaN), 0);
      expect(Math.abs(sum - 200)).toBeLessThan(0.1);
      expect(Math.abs(sum - 200)).toBeLessThanOrEqual(Math.abs(own - 200));
    }
  });
});
