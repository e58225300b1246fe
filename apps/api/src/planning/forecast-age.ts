import { dayAfter, type DayNumber, endOfPeriod, type Frequency, parseDay } from '@coldchain/forecast';
import type { ForecastDocument, ForecastDocumentStep } from './forecast-series.js';

const DAY_MS = 86_400_000;

/** What a forecast still says at a moment. */
export interface ForecastAge {
  readonly frequency: Frequency;
  /** Steps that have not ended. */
  readonly steps: readonly ForecastDocumentStep[];
  /** First day after the last step. */
  readonly until: DayNumber;
  /** Its history ended more than a period ago, or all of its steps have: nothing may be ordered by it. */
  readonly outOfDate: boolean;
}

/** How old a forecast is. @param windowUntil first day after its history @param now ms since 1970 UTC */
export function forecastAge(
  { frequency, steps: all }: Pick<ForecastDocument, 'frequency' | 'steps'>,
  windowUntil: string,
  now: number,
): ForecastAge {
  const today = Math.floor(now / DAY_MS);
  const steps = all.filter(({ from }) => endOfStep(from, frequency) > today);
  const last = all.at(-1);
  // On the day after that period there may be no newer one yet: it is made in the night.
  const outOfDate = steps.length === 0 || today > dayAfter(dayOf(windowUntil), frequency, 1);
  return { frequency, steps, until: last === undefined ? today : endOfStep(last.from, frequency), outOfDate };
}

/** Demand of today and each day after it as long as a forecast goes, but not of more than `most` days. */
export function dailyDemand({ frequency, steps, until }: ForecastAge, now: number, most: number): number[] {
  const today = Math.floor(now / DAY_MS);
  const demand = new Array<number>(Math.max(Math.min(until - today, most), 0)).fill(0);
  for (const { from, mean } of steps) {
    const [begin, end] = [dayOf(from), endOfStep(from, frequency)];
    for (let day = Math.max(begin, today); day < end && day - today < demand.length; day++) {
      demand[day - today] = mean / (end - begin);
    }
  }
  return demand;
}

const endOfStep = (from: string, frequency: Frequency): DayNumber => endOfPeriod(dayOf(from), frequency);

function dayOf(text: string): DayNumber {
  const day = parseDay(text);
  if (day === null) throw new Error(`a forecast names the day ${text}`);
  return day;
}
