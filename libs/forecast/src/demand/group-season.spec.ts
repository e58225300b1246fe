import { describe, expect, it } from '@jest/globals';
import { forecastDemand } from '../forecast-demand.js';
import type { DemandHistory } from './demand-history.js';
import { groupSeasons } from './group-season.js';

const winter = (month: number): number => 1 + 0.6 * Math.cos((month * Math.PI) / 6);
/** Months from a number of a period on; month 0 is a January. */
const history = (firstPeriod: number, length: number, level: number): DemandHistory => ({
  quantities: Array.from({ length }, (_, t) => Math.round(level * winter(firstPeriod + t))),
  frequency: 'month',
});
const member = (firstPeriod: number, length: number, level: number) => ({
  history: history(firstPeriod, length, level),
  firstPeriod,
});

describe('the season of a group', () => {
  it('is that of the others, turned to the first period of each', () => {
    const [young, ...old] = groupSeasons([member(605, 8, 50), member(600, 36, 400), member(592, 44, 900)]);
    // 605 is a June: low now, high half a year later.
    expect(young?.[0]).toBeLessThan(0.75);
    expect(young?.[7]).toBeGreaterThan(1.25);
    expect(old[0]?.[0]).toBeGreaterThan(1.2);
    expect((young?.reduce((sum, ratio) => sum + ratio, 0) ?? 0) / 12).toBeCloseTo(1, 9);
  });

  it('is none for who is alone, for weeks, and for seasons that the others have not seen', () => {
    expect(groupSeasons([member(600, 36, 400)])).toEqual([null]);
    expect(groupSeasons([member(600, 36, 400), member(604, 8, 50)])[0]).toBeNull();
    const weeks = {
      firstPeriod: 0,
      history: { quantities: new Array<number>(200).fill(3), frequency: 'week' },
    } as const;
    expect(groupSeasons([weeks, weeks])).toEqual([null, null]);
    expect(groupSeasons([])).toEqual([]);
  });

  it('does not learn from rare demand, nor from what cannot be forecast', () => {
    const rare = {
      quantities: Array.from({ length: 48 }, (_, t) => (t % 4 === 0 ? 9 : 0)),
      frequency: 'month',
    } as const;
    const broken = { quantities: [Number.NaN], frequency: 'month' } as const;
    const seasons = groupSeasons([
      member(600, 36, 400),
      { history: rare, firstPeriod: 600 },
      { history: broken, firstPeriod: 600 },
    ]);
    expect(seasons[0]).toBeNull();
    expect(seasons[2]?.[0]).toBeGreaterThan(1.2);
  });

  it('tells a young site of the winter that it has not seen', () => {
    const [season] = groupSeasons([member(603, 7, 100), member(600, 48, 400), member(600, 48, 700)]);
    const options = { horizon: 4, levels: [80] };
    const alone = forecastDemand(history(603, 7, 100), options);
    const grouped = forecastDemand(history(603, 7, 100), { ...options, groupProfile: season ?? new Float64Array(0) });
    // From November on: the truth rises to 160.
    const error = (steps: typeof alone.steps): number =>
      steps.reduce((sum, { mean, step }) => sum + Math.abs(mean - 100 * winter(603 + 6 + step)), 0);
    expect(error(grouped.steps)).toBeLessThan(0.9 * error(alone.steps));
  });
});
