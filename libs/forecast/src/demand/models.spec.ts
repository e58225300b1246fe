import { describe, expect, it } from '@jest/globals';
import { classicalIndices, isSeasonal } from './classical-season.js';
import { fitCombination } from './combination.js';
import { classifyDemand } from './demand-class.js';
import { fitEts, fitHolt, formsFor } from './ets.js';
import { fitSes, fitSmoothing } from './exponential-smoothing.js';
import { fitHarmonic } from './harmonic-regression.js';
import {
  bestOnGrid,
  crostonRates,
  imapaRate,
  movingAverageRates,
  optimizedTsbRates,
  sbaRates,
  tsbRates,
} from './intermittent.js';
import { groupProfile, seasonalRatios, shrunkProfile } from './shrunk-season.js';
import { fitSparse } from './sparse.js';
import { fitDotm, fitTheta } from './theta.js';

/** Deterministic noise in [−1, 1): the fractional parts of multiples of the golden ratio, scrambled. */
const noise = (t: number): number => (((t * 7919 + 13) * 0.6180339887498949) % 1) * 2 - 1;
const series = (length: number, value: (t: number) => number): Float64Array =>
  Float64Array.from({ length }, (_, t) => value(t));
const mean = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => a + b, 0) / values.length;
const input = (values: Float64Array, seasonLength = 1, horizon = 12) => ({ values, seasonLength, horizon });

describe('simple smoothing', () => {
  it('finds the start level by least squares: a constant is met exactly', () => {
    expect(fitSmoothing(series(20, () => 7)).start).toBeCloseTo(7, 12);
    expect([...fitSes(input(series(20, () => 7))).forecast]).toEqual(new Array(12).fill(expect.closeTo(7, 10)));
  });

  it('its past rows are what it would have said: level after each period', () => {
    const values = series(30, (t) => 50 + 10 * noise(t));
    const whole = fitSes(input(values, 1, 2));
    expect(whole.past[2 * 29]).toBe(whole.forecast[0]);
    expect(whole.past[0]).toBe(whole.past[1]);
  });
});

describe('ETS', () => {
  it('follows a line with additive trend, and a season times a level with a multiplicative one', () => {
    const line = fitEts(input(series(48, (t) => 100 + 5 * t + noise(t))));
    expect(line.forecast[11]).toBeGreaterThan(385);
    expect(line.forecast[11]).toBeLessThan(405);
    const season = [0.5, 0.7, 1, 1.4, 1.6, 1.2, 1, 0.9, 0.8, 1, 1.1, 0.8];
    const seasonal = series(72, (t) => (100 + t) * (season[t % 12] as number) * (1 + 0.02 * noise(t)));
    const model = fitEts(input(seasonal, 12));
    expect(model.name).toMatch(/,M\)$/);
    season.forEach((index, h) =>
      expect(Math.abs((model.forecast[h] as number) / ((172 + h) * index) - 1)).toBeLessThan(0.08),
    );
  });

  it('multiplicative forms are for positive series only', () => {
    expect(
      formsFor(
        input(
          series(30, (t) => t),
          12,
        ),
      ).some(({ error, season }) => error === 'M' || season === 'M'),
    ).toBe(false);
    expect(
      formsFor(
        input(
          series(30, (t) => t + 1),
          12,
        ),
      ),
    ).toHaveLength(15);
  });

  it('damped trend stays below the undamped one', () => {
    const values = series(40, (t) => 10 + 3 * t + noise(t));
    const last = (damped: boolean): number => fitHolt(input(values, 1, 24), damped).forecast[23] as number;
    expect(last(true)).toBeLessThan(last(false));
  });
});

describe('theta', () => {
  it('of a line has the level of the last value and half of its slope', () => {
    const values = series(60, (t) => 20 + 2 * t);
    const { forecast } = fitTheta(input(values, 1, 3));
    expect((forecast[1] as number) - (forecast[0] as number)).toBeCloseTo(1, 10);
  });

  it('DOTM of a line goes on with it', () => {
    const { forecast } = fitDotm(
      input(
        series(60, (t) => 20 + 2 * t),
        1,
        3,
      ),
    );
    expect(Math.abs((forecast[2] as number) - 144)).toBeLessThan(2.5);
  });
});

describe('season', () => {
  it('is found by its autocorrelation, and its indices by ratios', () => {
    const seasonal = series(48, (t) => 100 * (t % 12 === 3 ? 2 : 1) + noise(t));
    expect(isSeasonal(seasonal, 12)).toBe(true);
    expect(
      isSeasonal(
        series(48, (t) => 100 + noise(t)),
        12,
      ),
    ).toBe(false);
    const indices = classicalIndices(seasonal, 12);
    expect((indices[3] as number) / (indices[4] as number)).toBeCloseTo(2, 1);
    expect(mean(indices)).toBeCloseTo(1, 12);
  });

  it('is shrunk: little evidence stays near the group, much goes its own way', () => {
    const own = (months: number) =>
      seasonalRatios(
        series(months, (t) => (t % 12 === 0 ? 300 : 100)),
        12,
      );
    const flat = (months: number): number => shrunkProfile(own(months), null)[0] as number;
    expect(flat(24)).toBeLessThan(flat(120));
    expect(flat(120)).toBeLessThan(300 / (1400 / 12));
    const group = groupProfile([own(60), own(72)], 12);
    expect(shrunkProfile(own(13), group)[0]).toBeGreaterThan(flat(13));
    expect(shrunkProfile(own(6), group)).toEqual(group);
  });

  it('of weeks is a harmonic regression', () => {
    const values = series(208, (t) => 100 + 40 * Math.sin((2 * Math.PI * t * 7) / 365.25) + 3 * noise(t));
    const { forecast } = fitHarmonic({ ...input(values, 52, 26), period: 365.25 / 7, groupSeason: null });
    forecast.forEach((value, h) =>
      expect(Math.abs(value - 100 - 40 * Math.sin((2 * Math.PI * (208 + h) * 7) / 365.25))).toBeLessThan(8),
    );
  });
});

describe('sparse demand', () => {
  it('Croston by hand: size 4 over interval 2, then a demand of 8 after 3 periods', () => {
    const rates = crostonRates(Float64Array.of(4, 0, 4, 0, 0, 8), 0.5);
    // Three demands in six periods: interval starts at 2. Size 4 → 4 → 6; interval 2 → 2 → 2.5.
    expect([...rates]).toEqual([2, 2, 2, 2, 2, 6 / 2.5]);
    expect(sbaRates(Float64Array.of(4, 0, 4, 0, 0, 8), 0.5)[5]).toBe((6 / 2.5) * 0.75);
  });

  it('TSB by hand, and it decays where nothing is demanded any more', () => {
    const rates = tsbRates(Float64Array.of(2, 0, 0, 4), 0.5, 0.5);
    // p: .5 → .75 → .375 → .1875 → .59375; size: 3 → 2.5 … → 3.25
    expect([...rates]).toEqual([1.875, 0.9375, 0.46875, 0.59375 * 3.25]);
    const dead = series(60, (t) => (t < 30 && t % 3 === 0 ? 5 : 0));
    expect(optimizedTsbRates(dead)[59]).toBeLessThan(0.3);
  });

  it('moving average and aggregation', () => {
    expect([...movingAverageRates(Float64Array.of(3, 0, 6, 0), 3)]).toEqual([3, 1.5, 3, 2]);
    expect(
      imapaRate(
        series(48, () => 2),
        12,
      ),
    ).toBeCloseTo(2, 8);
    expect(
      bestOnGrid(
        series(12, () => 3),
        (alpha) =>
          sbaRates(
            series(12, () => 3),
            alpha,
          ),
      ),
    ).toHaveLength(12);
  });

  it('classes by interval and variation of sizes', () => {
    expect(classifyDemand(series(12, () => 5)).kind).toBe('smooth');
    expect(classifyDemand(series(12, (t) => (t % 2 === 0 ? 1 : 20))).kind).toBe('erratic');
    expect(classifyDemand(series(12, (t) => (t % 3 === 0 ? 5 : 0)))).toEqual({
      kind: 'intermittent',
      interval: 3,
      variation: 0,
    });
    expect(classifyDemand(series(12, (t) => (t % 3 === 0 ? (t === 0 ? 90 : 1) : 0))).kind).toBe('lumpy');
    expect(classifyDemand(new Float64Array(3)).kind).toBe('none');
  });

  it('is shrunk the more the fewer demands were seen', () => {
    const rate = (length: number): number =>
      fitSparse(input(series(length, (t) => (t % 6 === 0 ? 6 : 0)))).forecast[0] as number;
    expect(rate(18)).toBeLessThan(rate(60));
    expect(rate(60)).toBeGreaterThan(0.7);
    expect(rate(60)).toBeLessThan(1.2);
  });
});

describe('combination', () => {
  it('does not depend on the unit', () => {
    const values = series(60, (t) => 100 + 20 * Math.sin((t * Math.PI) / 6) + 5 * noise(t));
    const small = fitCombination(input(values, 12), null).forecast;
    const large = fitCombination(
      input(
        values.map((value) => value * 1024),
        12,
      ),
      null,
    ).forecast;
    expect([...large]).toEqual([...small].map((value) => value * 1024));
  });
});
