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

const YEAR_WEEKS = 365.25 / 7;
const noise = (t: number): number => (((t * 7919 + 13) * 0.6180339887498949) % 1) * 2 - 1;
const winterWeek = (week: number): number => 1 + 0.6 * Math.cos((2 * Math.PI * week) / YEAR_WEEKS);
const weekly = (firstPeriod: number, length: number, level: number, season = winterWeek): DemandHistory => ({
  quantities: Array.from({ length }, (_, t) =>
    Math.round(level * season(firstPeriod + t) * (1 + 0.1 * noise(firstPeriod + t + level))),
  ),
  frequency: 'week',
});
const weeks = (firstPeriod: number, length: number, level: number, season = winterWeek) => ({
  history: weekly(firstPeriod, length, level, season),
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

  it('is none for who is alone, and for seasons that the others have not seen', () => {
    expect(groupSeasons([member(600, 36, 400)])).toEqual([null]);
    expect(groupSeasons([member(600, 36, 400), member(604, 8, 50)])[0]).toBeNull();
    expect(groupSeasons([])).toEqual([]);
    expect(groupSeasons([weeks(0, 200, 90)])).toEqual([null]);
    // A year of ratios needs two years of weeks.
    expect(groupSeasons([weeks(0, 200, 90), weeks(0, 90, 90)])[0]).toBeNull();
    expect(groupSeasons([weeks(0, 200, 90), weeks(0, 110, 90)])[0]).not.toBeNull();
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

  it('of weeks is that of the others at equal parts of the year, whatever number of weeks they began apart', () => {
    const firstPeriod = 2600;
    const [young] = groupSeasons([weeks(firstPeriod, 20, 50), weeks(2400, 210, 400), weeks(2330, 290, 900)]);
    expect(young).toHaveLength(52);
    expect((young?.reduce((sum, ratio) => sum + ratio, 0) ?? 0) / 52).toBeCloseTo(1, 9);
    young?.forEach((ratio, part) => {
      // Shrunk to none by three seasons' worth of evidence, beside six that the others have.
      const truth = winterWeek(firstPeriod + (part * YEAR_WEEKS) / 52) - 1;
      expect(Math.abs(ratio - 1 - 0.69 * truth)).toBeLessThan(0.06);
    });
  });

  describe('of weeks, in a forecast', () => {
    const options = { horizon: 12, levels: [80] };
    const errorOf = (history: DemandHistory, group: Float64Array | null, truth: (week: number) => number): number =>
      forecastDemand(history, group === null ? options : { ...options, groupProfile: group }).steps.reduce(
        (sum, { mean, step }) => sum + Math.abs(mean - truth(step)),
        0,
      );
    const others = [weeks(2400, 280, 400), weeks(2400, 280, 900)];

    it('tells a young series of the winter that it has not seen', () => {
      const [season = null] = groupSeasons([weeks(2630, 40, 100), ...others]);
      const truth = (step: number): number => 100 * winterWeek(2630 + 39 + step);
      const history = weekly(2630, 40, 100);
      expect(season).not.toBeNull();
      expect(errorOf(history, season, truth)).toBeLessThan(0.8 * errorOf(history, null, truth));
    });

    it('does not take its own season from a series of four years that has another one', () => {
      const summerWeek = (week: number): number => 2 - winterWeek(week);
      const history = weekly(2460, 210, 300, summerWeek);
      const [season = null] = groupSeasons([{ history, firstPeriod: 2460 }, ...others]);
      const truth = (step: number): number => 300 * summerWeek(2460 + 209 + step);
      expect(errorOf(history, season, truth)).toBeLessThan(1.1 * errorOf(history, null, truth));
    });

    it('begins at the first period, also where the first ones are not known', () => {
      const [season = null] = groupSeasons([weeks(2630, 40, 100), ...others]);
      const known = weekly(2630, 40, 100);
      const late = { ...known, quantities: known.quantities.map((quantity, t) => (t < 9 ? null : quantity)) };
      const [turned = null] = groupSeasons([weeks(2639, 31, 100), ...others]);
      const short = { ...known, quantities: known.quantities.slice(9) };
      const means = (history: DemandHistory, groupProfile: Float64Array | null): number[] =>
        forecastDemand(history, { ...options, groupProfile: groupProfile ?? new Float64Array(0) }).steps.map(
          ({ mean }) => mean,
        );
      const expected = means(short, turned);
      means(late, season).forEach((mean, h) => expect(Math.abs(mean - (expected[h] ?? NaN))).toBeLessThan(0.02 * mean));
      expect(() => means(known, new Float64Array(12))).toThrow(expect.objectContaining({ code: 'parameter-invalid' }));
    });
  });
});
