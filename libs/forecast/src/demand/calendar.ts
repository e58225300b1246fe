import { unreachable } from '@coldchain/kernel';
import { ForecastError } from '../forecast-error.js';
import type { Frequency } from './frequency.js';

const DAY_MS = 86_400_000;
const ISO_DATE = /^(\d{4})-(\d{2})-(\d{2})$/;

/** A calendar day, counted from 1970-01-01. */
export type DayNumber = number;

/** Day number of `YYYY-MM-DD`; null for anything else, so also for days that no month has. */
export function parseDay(text: string): DayNumber | null {
  const match = ISO_DATE.exec(text);
  if (match === null) return null;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const at = new Date(Date.UTC(year, month - 1, day));
  const real = at.getUTCFullYear() === year && at.getUTCMonth() === month - 1 && at.getUTCDate() === day;
  return real ? at.getTime() / DAY_MS : null;
}

/** `YYYY-MM-DD` of a day number. */
export function formatDay(day: DayNumber): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

/** Number of the period that a day is in: consecutive periods have consecutive numbers. Weeks begin on Monday (ISO 8601). */
export function periodOf(day: DayNumber, frequency: Frequency): number {
  switch (frequency) {
    case 'day':
      return day;
    case 'week':
      return Math.floor((day + 3) / 7);
    case 'month':
      return monthOf(day);
    case 'quarter':
      return Math.floor(monthOf(day) / 3);
    default:
      return unreachable(frequency);
  }
}

/**
 * The day that stands for the period `steps` after the one of `day`, in the way that `day` stands for its own: the same
 * weekday, the same day of the month, or the last one where `day` is a month's last.
 */
export function dayAfter(day: DayNumber, frequency: Frequency, steps: number): DayNumber {
  switch (frequency) {
    case 'day':
      return day + steps;
    case 'week':
      return day + 7 * steps;
    case 'month':
      return monthsLater(day, steps);
    case 'quarter':
      return monthsLater(day, 3 * steps);
    default:
      return unreachable(frequency);
  }
}

/** First day after the period of a day. */
export function endOfPeriod(day: DayNumber, frequency: Frequency): DayNumber {
  switch (frequency) {
    case 'day':
      return day + 1;
    case 'week':
      return 7 * (periodOf(day, 'week') + 1) - 3;
    case 'month':
      return firstOfMonth(monthOf(day) + 1);
    case 'quarter':
      return firstOfMonth(3 * (periodOf(day, 'quarter') + 1));
    default:
      return unreachable(frequency);
  }
}

/** Mean length of a period in days. */
export function daysIn(frequency: Frequency): number {
  const days: Readonly<Record<Frequency, number>> = { day: 1, week: 7, month: 365.25 / 12, quarter: 365.25 / 4 };
  return days[frequency];
}

function monthOf(day: DayNumber): number {
  const at = new Date(day * DAY_MS);
  return 12 * (at.getUTCFullYear() - 1970) + at.getUTCMonth();
}

const firstOfMonth = (month: number): DayNumber => Date.UTC(1970, month, 1) / DAY_MS;

function monthsLater(day: DayNumber, months: number): DayNumber {
  const month = monthOf(day);
  const last = firstOfMonth(month + months + 1) - 1;
  if (day + 1 === firstOfMonth(month + 1)) return last;
  return Math.min(firstOfMonth(month + months) + day - firstOfMonth(month), last);
}

/** One row of a demand list. */
export interface DatedQuantity {
  readonly day: DayNumber;
  /** Null where the quantity is not known. */
  readonly quantity: number | null;
  /** Share of its period in stock, 0 to 1. */
  readonly available: number;
}

/** Demand by period, and the day that stands for the last one. */
export interface PeriodDemand {
  readonly quantities: readonly (number | null)[];
  readonly available: readonly number[];
  readonly lastDay: DayNumber;
}

/** More periods than this between first and last row are a wrong date. */
const MOST_PERIODS = 40_000;
/** A list that leaves out so many periods and has no zero is one of demands: what is not in it was nothing. */
const EVENT_LIST_SHARE = 0.4;

/**
 * Puts rows of any order into consecutive periods: rows of one period add up (their availability is averaged; a sum is
 * not known where a row is not), periods without a row are holes, or zeros where more than 40 % of the periods have no row and no row says zero.
 * @throws ForecastError `series-empty`, `calendar-invalid` (the same day twice, or a span of more than 40,000 periods)
 */
export function byPeriod(rows: readonly DatedQuantity[], frequency: Frequency): PeriodDemand {
  const sorted = rows.toSorted((a, b) => a.day - b.day);
  const first = sorted[0];
  const last = sorted.at(-1);
  if (first === undefined || last === undefined) throw new ForecastError('series-empty', 'there is no row');
  const twice = sorted.find(({ day }, index) => index > 0 && sorted[index - 1]?.day === day);
  if (twice !== undefined) {
    const date = formatDay(twice.day);
    throw new ForecastError('calendar-invalid', `${date} is there twice`, { date, day: twice.day });
  }
  const start = periodOf(first.day, frequency);
  const length = periodOf(last.day, frequency) - start + 1;
  if (length > MOST_PERIODS) {
    throw new ForecastError(
      'calendar-invalid',
      `${formatDay(first.day)} to ${formatDay(last.day)} are ${length} periods`,
    );
  }
  const quantities = new Array<number | null>(length).fill(null);
  const shares = new Float64Array(length);
  const counts = new Uint32Array(length);
  const unknown = new Set<number>();
  for (const { day, quantity, available } of sorted) {
    const period = periodOf(day, frequency) - start;
    if (quantity === null) unknown.add(period);
    else quantities[period] = (quantities[period] ?? 0) + quantity;
    shares[period] = (shares[period] as number) + available;
    counts[period] = (counts[period] as number) + 1;
  }
  const missing = counts.reduce((sum, count) => sum + (count === 0 ? 1 : 0), 0);
  const isEventList = missing > EVENT_LIST_SHARE * length && sorted.every(({ quantity }) => quantity !== 0);
  return {
    quantities: quantities.map((quantity, period) => {
      if (unknown.has(period)) return null;
      return counts[period] === 0 && isEventList ? 0 : quantity;
    }),
    available: Array.from(shares, (share, period) => (counts[period] === 0 ? 1 : share / (counts[period] as number))),
    lastDay: last.day,
  };
}
