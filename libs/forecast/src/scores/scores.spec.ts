import { describe, expect, it } from '@jest/globals';
import { coverage, msis, pinball } from './interval-scores.js';
import { naive, naive2, seasonalNaive } from './naive-methods.js';
import {
  cumulatedBias,
  mase,
  meanAbsoluteSeasonalDifference,
  meanSquaredDifference,
  owa,
  rmsse,
  smape,
  wape,
} from './point-scores.js';
import { rollingOrigins } from './rolling-origin.js';

const TRAINING = [10, 12, 9, 15, 11, 14];
const ACTUAL = [12, 10, 0];
const FORECAST = [11, 13, 0];

describe('scores of point forecasts, by hand', () => {
  it('MASE divides by the mean seasonal difference of the training part', () => {
    expect(meanAbsoluteSeasonalDifference(TRAINING, 1)).toBe((2 + 3 + 6 + 4 + 3) / 5);
    expect(meanAbsoluteSeasonalDifference(TRAINING, 4)).toBe((1 + 2) / 2);
    expect(mase(ACTUAL, FORECAST, 1.5)).toBeCloseTo(4 / 3 / 1.5, 15);
  });

  it('RMSSE divides squares by the mean squared difference', () => {
    expect(meanSquaredDifference(TRAINING)).toBe((4 + 9 + 36 + 16 + 9) / 5);
    expect(rmsse(ACTUAL, FORECAST, 14.8)).toBeCloseTo(Math.sqrt(10 / 3 / 14.8), 15);
  });

  it('sMAPE counts both zero as nothing', () => {
    expect(smape(ACTUAL, FORECAST)).toBeCloseTo((200 / 23 + 600 / 23) / 3, 13);
    expect(smape([5], [0])).toBe(200);
  });

  it('WAPE and cumulated bias', () => {
    expect(wape(ACTUAL, FORECAST)).toBeCloseTo(4 / 22, 15);
    expect(cumulatedBias(ACTUAL, FORECAST)).toBe(2);
    expect(cumulatedBias(ACTUAL, FORECAST, 4)).toBe(0.5);
  });

  it('OWA of the published M4 table: Theta monthly .907, Damped total .907, Naive2 one', () => {
    const monthly = { naive2Smape: 14.427, naive2Mase: 1.063 };
    expect(owa({ smape: 13.002, mase: 0.97, ...monthly })).toBeCloseTo(0.907, 3);
    expect(owa({ smape: 13.618, mase: 1.019, ...monthly })).toBeCloseTo(0.951, 3);
    expect(owa({ smape: 12.661, mase: 1.683, naive2Smape: 13.564, naive2Mase: 1.912 })).toBeCloseTo(0.907, 3);
    expect(owa({ smape: 14.427, mase: 1.063, ...monthly })).toBe(1);
  });

  it('refuses what is not defined', () => {
    const undefinedScore = expect.objectContaining({ code: 'score-undefined' });
    expect(() => mase(ACTUAL, FORECAST, 0)).toThrow(undefinedScore);
    expect(() => smape(ACTUAL, [1])).toThrow(undefinedScore);
    expect(() => wape([0, 0], [1, 1])).toThrow(undefinedScore);
  });
});

describe('scores of intervals, by hand', () => {
  const ends = { lower: [8, 11, 0], upper: [13, 15, 0] };

  it('MSIS pays forty times the miss at 95 %, ten times at 80 %', () => {
    expect(msis(ACTUAL, ends, 95, 2)).toBeCloseTo((5 + 4 + 40 * 1 + 0) / 3 / 2, 10);
    expect(msis(ACTUAL, ends, 80, 2)).toBeCloseTo((5 + 4 + 10 * 1 + 0) / 3 / 2, 10);
    expect(() => msis(ACTUAL, ends, 100, 2)).toThrow(expect.objectContaining({ code: 'level-invalid' }));
  });

  it('coverage includes the ends', () => {
    expect(coverage(ACTUAL, ends)).toBeCloseTo(2 / 3, 15);
  });

  it('pinball', () => {
    expect(
      [pinball(10, 8, 0.9), pinball(8, 10, 0.9), pinball(8, 8, 0.9)].map((loss) => Number(loss.toFixed(12))),
    ).toEqual([1.8, 0.2, 0]);
  });
});

describe('naive methods', () => {
  it('repeat the last value, the last cycle, or the last value under the season', () => {
    expect([...naive([1, 2, 7], 2)]).toEqual([7, 7]);
    expect([...seasonalNaive([1, 2, 7, 3], 3, 3)]).toEqual([2, 7, 3]);
    const seasonal = Array.from({ length: 24 }, (_, t) => (t % 4 === 0 ? 200 : 100));
    expect([...naive2(seasonal, 4, 4)].map(Math.round)).toEqual([200, 100, 100, 100]);
  });
});

describe('rolling origins', () => {
  it('are the last ones, in order, with all targets inside', () => {
    const seen = [...rollingOrigins([0, 1, 2, 3, 4, 5], { horizon: 2, origins: 3 })];
    expect(seen.map(({ known, history, actual }) => [known, [...history], [...actual]])).toEqual([
      [2, [0, 1], [2, 3]],
      [3, [0, 1, 2], [3, 4]],
      [4, [0, 1, 2, 3], [4, 5]],
    ]);
  });

  it('catch a method that looks ahead: what is after the origin cannot be read or written', () => {
    const values = Array.from({ length: 40 }, (_, t) => (t * 7919) % 101);
    let leaked = 0;
    // The planted leak: it tries every way from what it was given to the value of tomorrow.
    const cheat = (history: Float64Array): number => {
      const tomorrow = history[history.length] ?? new Float64Array(history.buffer)[history.length];
      if (tomorrow !== undefined) leaked++;
      history.fill(-1);
      return tomorrow ?? 0;
    };
    for (const { history, actual, known } of rollingOrigins(values, { horizon: 3, origins: 20 })) {
      expect(history[known - 1]).toBe(values[known - 1]);
      cheat(history);
      expect([...actual]).toEqual(values.slice(known, known + 3));
    }
    expect(leaked).toBe(0);
    // The same method on a view of the whole series does leak, so the trap works.
    const view = Float64Array.from(values).subarray(0, 20);
    expect(cheat(view)).toBe(values[20]);
    expect(leaked).toBe(1);
  });

  it('refuse a series that is too short', () => {
    expect(() => [...rollingOrigins([1, 2, 3], { horizon: 2, origins: 2 })]).toThrow(
      expect.objectContaining({ code: 'horizon-invalid' }),
    );
  });
});
