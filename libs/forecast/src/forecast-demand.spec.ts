import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { DemandHistory } from './demand/demand-history.js';
import { FREQUENCIES } from './demand/frequency.js';
import { FORECAST_ERROR_CODES } from './forecast-error.js';
import { type DemandForecast, forecastDemand, MODEL_NAMES } from './forecast-demand.js';

const noise = (t: number): number => (((t * 7919 + 13) * 0.6180339887498949) % 1) * 2 - 1;
const OPTIONS = { horizon: 6, levels: [80, 95] };
const monthly = (quantities: readonly (number | null)[], available?: readonly number[]): DemandHistory =>
  available === undefined ? { quantities, frequency: 'month' } : { quantities, available, frequency: 'month' };
const months = (length: number, value: (t: number) => number): number[] => Array.from({ length }, (_, t) => value(t));
const totalOf = ({ steps }: DemandForecast): number => steps.reduce((sum, { mean }) => sum + mean, 0);

function isSound({ steps }: DemandForecast): boolean {
  return steps.every(({ mean, intervals: [narrow, wide] }) =>
    narrow !== undefined && wide !== undefined
      ? [wide.lower, narrow.lower, mean, narrow.upper, wide.upper].every(
          (value, i, all) => Number.isFinite(value) && value >= 0 && (i === 0 || value >= (all[i - 1] as number)),
        )
      : false,
  );
}

describe('a forecast', () => {
  it.each<[string, (number | null)[], string]>([
    ['constant', months(40, () => 5), 'combination@2'],
    ['all zero', months(40, () => 0), 'no-demand@1'],
    ['one point', [7], 'short@1'],
    ['two points', [7, 9], 'short@1'],
    ['huge', months(30, (t) => 1e15 - t * 1e12), 'combination@2'],
    ['tiny', months(30, (t) => 1e-9 * (1 + (t % 3))), 'combination@2'],
    ['negative returns', months(30, (t) => (t % 5 === 0 ? -20 : 10)), 'combination@2'],
    ['only returns', months(30, () => -3), 'combination@2'],
    ['holes', months(30, (t) => t).map((value) => (value % 7 === 3 ? null : 50 + value)), 'combination@2'],
    ['rare', months(40, (t) => (t % 9 === 0 ? 12 : 0)), 'sparse@3'],
    ['rare fractions', months(40, (t) => (t % 9 === 0 ? 1.25 : 0)), 'sparse@3'],
  ])('of a series that is %s is sound', (_name, quantities, model) => {
    const forecast = forecastDemand(monthly(quantities), OPTIONS);
    expect(forecast.model).toBe(model);
    expect(isSound(forecast)).toBe(true);
  });

  it.each<[string, DemandHistory, string]>([
    ['empty', monthly([]), 'series-empty'],
    ['only holes', monthly([null, null]), 'series-empty'],
    ['NaN', monthly([1, NaN]), 'series-not-finite'],
    ['infinite', monthly([1, Infinity]), 'series-not-finite'],
    ['beyond 1e15', monthly([1, 2e15]), 'series-too-large'],
    ['availability above one', monthly([1, 2], [1, 1.5]), 'calendar-invalid'],
    ['availability for other periods', monthly([1, 2], [1]), 'calendar-invalid'],
  ])('of a series that is %s is refused', (_name, history, code) => {
    expect(() => forecastDemand(history, OPTIONS)).toThrow(expect.objectContaining({ code }));
  });

  it('refuses a horizon or level that is none', () => {
    expect(() => forecastDemand(monthly([1]), { horizon: 0, levels: [80] })).toThrow(
      expect.objectContaining({ code: 'horizon-invalid' }),
    );
    expect(() => forecastDemand(monthly([1]), { horizon: 1, levels: [100] })).toThrow(
      expect.objectContaining({ code: 'level-invalid' }),
    );
  });

  it('always has lower95 ≤ lower80 ≤ mean ≤ upper80 ≤ upper95, whatever comes', () => {
    const quantity = fc.oneof(
      { weight: 6, arbitrary: fc.nat(50) },
      { weight: 3, arbitrary: fc.constant(0) },
      { weight: 2, arbitrary: fc.double({ min: -100, max: 1000, noNaN: true }) },
      { weight: 1, arbitrary: fc.double({ min: -1e15, max: 1e15, noNaN: true }) },
      { weight: 1, arbitrary: fc.constant(null) },
    );
    fc.assert(
      fc.property(
        fc.array(quantity, { minLength: 1, maxLength: 70 }),
        fc.constantFrom(...FREQUENCIES),
        (quantities, frequency) => {
          fc.pre(quantities.some((value) => value !== null));
          return isSound(forecastDemand({ quantities, frequency }, OPTIONS));
        },
      ),
      { numRuns: 250 },
    );
  });

  it('recovers from a level shift', () => {
    const shifted = months(60, (t) => (t < 48 ? 100 : 200) + 10 * noise(t));
    for (const { mean } of forecastDemand(monthly(shifted), OPTIONS).steps)
      expect(Math.abs(mean - 200)).toBeLessThan(30);
    const weeks = months(200, (t) => (t < 180 ? 100 : 200) + 10 * noise(t));
    const forecast = forecastDemand({ quantities: weeks, frequency: 'week' }, OPTIONS);
    for (const { mean } of forecast.steps) expect(Math.abs(mean - 200)).toBeLessThan(30);
  });

  it('is not lowered by a month of stockout', () => {
    const demand = months(48, (t) => 100 + 30 * Math.sin((t * Math.PI) / 6) + 4 * noise(t));
    const plain = totalOf(forecastDemand(monthly(demand), OPTIONS));
    for (const share of [0, 0.2, 0.6]) {
      for (const month of [20, 46, 47]) {
        const sold = demand.map((value, t) => (t === month ? value * share : value));
        const available = demand.map((_, t) => (t === month ? share : 1));
        const aware = totalOf(forecastDemand(monthly(sold, available), OPTIONS));
        expect(aware).toBeGreaterThan(0.97 * plain);
        expect(aware).toBeLessThan(1.03 * plain);
      }
    }
    // Not told of it, the forecast does fall: the test would notice an availability that is ignored.
    const unaware = totalOf(forecastDemand(monthly(demand.map((value, t) => (t === 47 ? 0 : value))), OPTIONS));
    expect(unaware).toBeLessThan(0.97 * plain);
  });

  it('a month of stockout on a slope of the year does not lower a forecast of weeks', () => {
    const weeks = months(160, (t) =>
      Math.round(150 * (1 + 0.4 * Math.sin((t * 2 * Math.PI * 7) / 365.25)) + 9 * noise(t)),
    );
    const total = (from: number): number => {
      const inStock = (t: number): boolean => t < from || t >= from + 4;
      const quantities = weeks.map((value, t) => (inStock(t) ? value : 0));
      const history = { quantities, available: weeks.map((_, t) => (inStock(t) ? 1 : 0)), frequency: 'week' } as const;
      return totalOf(forecastDemand(history, OPTIONS));
    };
    // The last four weeks rise by 13 %.
    for (const from of [156, 154, 150]) expect(total(from) / total(160)).toBeGreaterThan(0.97);
  });

  it('a stockout never counts for less than what was sold', () => {
    const history = monthly([10, 10, 10, 10, 10, 10, 10, 400], [1, 1, 1, 1, 1, 1, 1, 0.1]);
    expect(totalOf(forecastDemand(history, OPTIONS))).toBeGreaterThan(6 * 20);
  });

  it('of a new product has wide intervals, which narrow with evidence', () => {
    const width = (length: number): number => {
      const { steps } = forecastDemand(monthly(months(length, (t) => 100 + 5 * noise(t))), OPTIONS);
      return (steps[0]?.intervals[1]?.upper ?? 0) - (steps[0]?.intervals[1]?.lower ?? 0);
    };
    expect(width(1)).toBeGreaterThan(150);
    expect(width(4)).toBeGreaterThan(width(48));
    expect(width(48)).toBeLessThan(50);
  });

  it('takes the season of its group while its own history is short, turned to the first known period', () => {
    const winter = Float64Array.from({ length: 12 }, (_, month) => (month === 0 ? 3 : 9 / 11));
    const history = [null, null, ...months(20, (t) => (((t + 2) % 12 === 0 ? 300 : 80) * (10 + noise(t))) / 10)];
    const january = (groupProfile?: Float64Array): number => {
      const options = { horizon: 6, levels: [80], ...(groupProfile === undefined ? {} : { groupProfile }) };
      return forecastDemand(monthly(history), options).steps[2]?.mean ?? NaN;
    };
    expect(january(winter)).toBeGreaterThan(1.05 * january());
    expect(() => january(new Float64Array(7))).toThrow(expect.objectContaining({ code: 'parameter-invalid' }));
  });

  it('does not know what comes after: later values leave earlier forecasts as they were', () => {
    const whole = months(60, (t) => 100 + 20 * noise(t));
    const other = whole.map((value, t) => (t < 48 ? value : 1e6));
    const at48 = (values: number[]): unknown => forecastDemand(monthly(values.slice(0, 48)), OPTIONS);
    expect(at48(other)).toEqual(at48(whole));
  });

  it('repeats to the byte, on every Node: these are the bytes of the versions of the models', () => {
    // Only +, −, × and remainders make these series, so that they are the same everywhere as well.
    const season = (t: number, m: number): number => Math.abs(((t % m) / m) * 2 - 1);
    const histories: DemandHistory[] = [
      monthly(months(60, (t) => Math.round(100 + 80 * season(t, 12) + 20 * noise(t)))),
      monthly(months(60, (t) => (t % 4 === 1 ? 3 + (t % 3) : 0))),
      { quantities: months(160, (t) => 50 + 30 * season(t, 52) + 9 * noise(t)), frequency: 'week' },
      { quantities: months(90, (t) => 10 + (t % 7) + 3 * noise(t)), frequency: 'day' },
    ];
    const text = JSON.stringify(histories.map((history) => forecastDemand(history, OPTIONS)));
    expect(createHash('sha256').update(text).digest('hex')).toBe(
      'c52f8a0397b1b262666a07694a028398a723750f07d5bea51b5c30c0e20046a8',
    );
  });
});

describe('README', () => {
  it('explains every error code, and names every model', () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
    const explained = [...readme.matchAll(/^\| `([a-z-]+)` +\| /gm)].map(([, code]) => code);
    expect(explained).toEqual(expect.arrayContaining([...FORECAST_ERROR_CODES]));
    for (const model of MODEL_NAMES) expect(readme).toContain(`| \`${model}\``);
  });
});
