import { describe, expect, it } from '@jest/globals';
import { backtest, overallScores } from './backtest.js';
import { forecastDemand } from './forecast-demand.js';
import { mase, meanAbsoluteSeasonalDifference, smape } from './scores/point-scores.js';

const noise = (t: number): number => (((t * 7919 + 13) * 0.6180339887498949) % 1) * 2 - 1;
const VALUES = Array.from({ length: 48 }, (_, t) => Math.round(100 + 20 * noise(t)));

describe('backtest', () => {
  it('of one origin is the score of that forecast', () => {
    const { steps } = forecastDemand(
      { quantities: VALUES.slice(0, 45), frequency: 'month' },
      { horizon: 3, levels: [95] },
    );
    const means = steps.map(({ mean }) => mean);
    const actual = VALUES.slice(45);
    const { scores, model } = backtest({ quantities: VALUES, frequency: 'month' }, 3, 1);
    const scale = meanAbsoluteSeasonalDifference(VALUES.slice(0, 45), 12);
    expect(scores.MASE).toBeCloseTo(mase(actual, means, scale), 5);
    expect(scores.sMAPE).toBeCloseTo(smape(actual, means), 4);
    expect(model).toBe('combination@2');
  });

  it('an origin does not see what comes later: values after the last target change nothing', () => {
    const scores = (tail: number[]) => backtest({ quantities: [...VALUES, ...tail], frequency: 'month' }, 3, 3);
    // With three more months the last three origins move on; compare the same origins by cutting the series.
    const cut = backtest({ quantities: [...VALUES, 1e9, 1e9, 1e9].slice(0, 48), frequency: 'month' }, 3, 3);
    expect(cut).toEqual(scores([]));
    expect(scores([1e9])).not.toEqual(scores([]));
  });

  it('does not score holes and stockouts', () => {
    const available = VALUES.map((_, t) => (t === 46 ? 0 : 1));
    const wild = VALUES.map((value, t) => (t === 46 ? 1e7 : value));
    const { scores } = backtest({ quantities: wild, available, frequency: 'month' }, 3, 1);
    expect(scores.MASE).toBeLessThan(3);
    const hole = VALUES.map((value, t) => (t === 46 ? null : value));
    expect(backtest({ quantities: hole, frequency: 'month' }, 3, 1).scores.MASE).toBe(scores.MASE);
  });

  it('a constant series has no MASE, and is left out of its mean', () => {
    const constant = backtest({ quantities: VALUES.map(() => 5), frequency: 'month' }, 3, 2);
    expect(constant.scores).toMatchObject({ MASE: null, sMAPE: 0, coverage: 1 });
    const other = backtest({ quantities: VALUES, frequency: 'month' }, 3, 2);
    expect(overallScores([constant, other]).MASE).toBe(other.scores.MASE);
    expect(overallScores([]).MASE).toBeNull();
  });

  it('refuses a series that is too short', () => {
    expect(() => backtest({ quantities: [1, 2, 3], frequency: 'month' }, 2, 4)).toThrow(
      expect.objectContaining({ code: 'horizon-invalid' }),
    );
  });
});
