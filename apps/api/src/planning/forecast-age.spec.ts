import { describe, expect, it } from '@jest/globals';
import { dailyDemand, forecastAge } from './forecast-age.js';

const at = (day: string): number => Date.parse(`${day}T10:00:00Z`);
const step = (from: string, number: number, mean: number) => ({
  from,
  step: number,
  mean,
  lower80: 0,
  upper80: 0,
  lower95: 0,
  upper95: 0,
});
const WEEKS = {
  frequency: 'week' as const,
  steps: [step('2026-06-01', 1, 7), step('2026-06-08', 2, 14), step('2026-06-15', 3, 21)],
};

describe('forecastAge', () => {
  it('drops the steps that have ended', () => {
    const froms = (day: string): string[] =>
      forecastAge(WEEKS, '2026-06-01', at(day)).steps.map(({ from }) => from.slice(5));
    expect(froms('2026-06-07')).toEqual(['06-01', '06-08', '06-15']);
    expect(froms('2026-06-08')).toEqual(['06-08', '06-15']);
    expect(froms('2026-06-22')).toEqual([]);
  });

  it('is out of date when its history ended more than a period ago, but not in the night of the next one', () => {
    const days = ['2026-06-07', '2026-06-08', '2026-06-09', '2026-06-22'];
    expect(days.map((day) => forecastAge(WEEKS, '2026-06-01', at(day)).outOfDate)).toEqual([false, false, true, true]);
    const months = { frequency: 'month' as const, steps: [step('2026-06-01', 1, 30)] };
    // The only step has ended.
    expect(forecastAge(months, '2026-06-01', at('2026-07-01')).outOfDate).toBe(true);
    expect(forecastAge(months, '2026-06-01', at('2026-06-30')).outOfDate).toBe(false);
  });
});

describe('dailyDemand', () => {
  it('begins today, in the middle of a step as well, and ends with the forecast', () => {
    const now = at('2026-06-06');
    const age = forecastAge(WEEKS, '2026-06-01', now);
    expect(dailyDemand(age, now, 1000)).toEqual([1, 1, ...new Array(7).fill(2), ...new Array(7).fill(3)]);
    expect(dailyDemand(age, now, 4)).toEqual([1, 1, 2, 2]);
  });
});
