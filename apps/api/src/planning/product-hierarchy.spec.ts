import { describe, expect, it } from '@jest/globals';
import { baseOfSeries, type ForecastDocument, type ForecastInput, forecastSeries } from './forecast-series.js';
import { reconciledInputs, type SiteInput } from './product-hierarchy.js';

const noise = (t: number): number => (((t * 7919 + 13) * 0.6180339887498949) % 1) * 2 - 1;

function site(quantities: readonly (number | null)[], more: Partial<Omit<SiteInput, 'input'>> = {}): SiteInput {
  const input: ForecastInput = {
    version: 2,
    frequency: 'month',
    horizon: 3,
    quantities,
    available: quantities.map(() => 1),
    lastDay: 20_604,
    policy: { leadTime: 1, review: 1, service: 0.95 },
    minimumOrder: 0,
    season: null,
    reconciled: null,
    serviceBasis: null,
  };
  return { product: 'a', source: 'dispensed', input, ...more };
}

const months = (value: (t: number) => number, length = 40): number[] => Array.from({ length }, (_, t) => value(t));
const bases = (texts: readonly string[]) => Promise.resolve(texts.map(baseOfSeries));
const flags = async (sites: readonly SiteInput[]): Promise<boolean[]> =>
  (await reconciledInputs(sites, bases)).map(({ reconciled = null }) => reconciled !== null);

describe('inputs of the sites of a product', () => {
  const east = site(months((t) => 100 + 50 * noise(t)));
  const west = site(months((t) => 100 - 50 * noise(t)));

  it('carry means that add up, and a forecast can be made of each alone, in the order of its intervals', async () => {
    const inputs = await reconciledInputs([east, west], bases);
    for (const input of inputs) {
      const made = forecastSeries(JSON.stringify(input));
      if (!made.ok) throw new Error(made.code);
      const { steps, reconciled } = JSON.parse(made.document) as ForecastDocument;
      expect(reconciled).toBe(true);
      expect(steps.map(({ mean }) => mean)).toEqual(input.reconciled?.slice(0, 3));
      for (const { mean, lower80, upper80, lower95, upper95 } of steps) {
        const ordered = [lower95, lower80, mean, upper80, upper95];
        expect(ordered).toEqual([...ordered].sort((a, b) => a - b));
      }
    }
    const sums = [0, 1, 2].map((h) => inputs.reduce((sum, { reconciled }) => sum + (reconciled?.[h] ?? NaN), 0));
    for (const sum of sums) expect(Math.abs(sum - 200)).toBeLessThan(1);
  });

  it.each<[string, SiteInput]>([
    ['another product', { ...west, product: 'b' }],
    ['another kind of demand', { ...west, source: 'issued' }],
    ['a list that ended before', { ...west, input: { ...west.input, lastDay: 20_574 } }],
    ['a site that nothing was asked of', site(months(() => 0))],
    ['a site that cannot be forecast', site(months(() => 1e16))],
    ['a young site', site([5, 6, 7])],
  ])('are as they were beside %s', async (_, other) => {
    expect(await flags([east, other])).toEqual([false, false]);
    // Two sites that fit add up beside it.
    expect(await flags([east, other, west])).toEqual([true, false, true]);
  });

  it('are as they were where the sum is too large to be forecast', async () => {
    const huge = site(months(() => 9e14));
    expect(await flags([huge, huge])).toEqual([false, false]);
  });

  it('ask for nothing when there is one site of each product', async () => {
    let asked = 0;
    await reconciledInputs([east, { ...west, product: 'b' }], (texts) => {
      asked += texts.length;
      return bases(texts);
    });
    expect(asked).toBe(0);
  });
});
