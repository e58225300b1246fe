import { dayAfter, type DayNumber, endOfPeriod, type Frequency, periodOf } from '@coldchain/forecast';

/** Rows of one list (a product at a site, from one source) within one period. */
export interface ListSpan {
  readonly firstDay: DayNumber;
  readonly lastDay: DayNumber;
  readonly rows: number;
}

/** Days [from, until). */
export interface Days {
  readonly from: DayNumber;
  readonly until: DayNumber;
}

const FREQUENCIES: readonly Frequency[] = ['day', 'week', 'month', 'quarter'];

/** First day of the period of a day. */
export const startOfPeriod = (day: DayNumber, frequency: Frequency): DayNumber =>
  endOfPeriod(dayAfter(day, frequency, -1), frequency);

/**
 * The days of each period that a list speaks of, by the number of the period. A row stands for a week, month or quarter
 * where all rows of the list are dated so, else for its day. Days between rows were nothing; those before the first row and
 * after the last one the list does not know, unless it goes on in the period beside.
 */
export function coverageOf(spans: readonly ListSpan[], frequency: Frequency): ReadonlyMap<number, Days> {
  const grain = grainOf(spans, frequency);
  const numbers = new Set(spans.map(({ firstDay }) => periodOf(firstDay, frequency)));
  return new Map(
    spans.map(({ firstDay, lastDay }) => {
      const period = periodOf(firstDay, frequency);
      const [start, end] = [startOfPeriod(firstDay, frequency), endOfPeriod(firstDay, frequency)];
      const from = numbers.has(period - 1) ? start : Math.max(start, startOfPeriod(firstDay, grain));
      const until = numbers.has(period + 1) ? end : Math.min(end, endOfPeriod(lastDay, grain));
      return [period, { from, until }];
    }),
  );
}

/** What a row of a list stands for: the longest period, up to the one that is planned by, of which it has one row each. */
function grainOf(spans: readonly ListSpan[], frequency: Frequency): Frequency {
  const grains = FREQUENCIES.slice(0, FREQUENCIES.indexOf(frequency) + 1);
  return grains.findLast((grain) => isDatedBy(spans, grain)) ?? 'day';
}

function isDatedBy(spans: readonly ListSpan[], grain: Frequency): boolean {
  const [first] = spans;
  if (first === undefined) return false;
  const begin = first.firstDay;
  // One row alone shows no rhythm: it stands for a period whose first or last day it names.
  if (spans.length === 1 && first.rows === 1) {
    return begin === startOfPeriod(begin, grain) || begin + 1 === endOfPeriod(begin, grain);
  }
  const steps = (from: DayNumber, to: DayNumber): number => periodOf(to, grain) - periodOf(from, grain);
  return spans.every(
    ({ firstDay, lastDay, rows }) =>
      [firstDay, lastDay].every((day) => dayAfter(begin, grain, steps(begin, day)) === day) &&
      rows <= steps(firstDay, lastDay) + 1,
  );
}
