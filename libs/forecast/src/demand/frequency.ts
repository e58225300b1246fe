/** Length of a period. */
export type Frequency = 'day' | 'week' | 'month' | 'quarter';

/** What the calendar says of a frequency. */
export interface Season {
  /** Whole periods in a season: 7 days, 52 weeks, 12 months, 4 quarters. */
  readonly length: number;
  /** Exact length, for harmonics: a year has 52.18 weeks. */
  readonly period: number;
}

const SEASONS: Readonly<Record<Frequency, Season>> = {
  day: { length: 7, period: 7 },
  week: { length: 52, period: 365.25 / 7 },
  month: { length: 12, period: 12 },
  quarter: { length: 4, period: 4 },
};

/** Every frequency, shortest first. */
export const FREQUENCIES: readonly Frequency[] = ['day', 'week', 'month', 'quarter'];

/** Season of a frequency. A year of days is not modelled: a week is. */
export function seasonOf(frequency: Frequency): Season {
  return SEASONS[frequency];
}
