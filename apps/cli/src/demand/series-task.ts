import {
  adviseReorder,
  backtest,
  byPeriod,
  dayAfter,
  daysIn,
  type DemandHistory,
  endOfPeriod,
  formatDay,
  forecastDemand,
  type Frequency,
  type ReorderPolicy,
  type SeriesBacktest,
} from '@coldchain/forecast';
import { DomainError, unreachable } from '@coldchain/kernel';
import type { DemandRows } from './demand-rows.js';
import type { RowProblem } from './row-problem.js';
import { positionAt, type StockEntry } from './stock-file.js';

/** What is to be done with every series of a file. */
export type SeriesTask =
  | {
      readonly kind: 'forecast';
      readonly frequency: Frequency;
      readonly horizon: number;
      readonly levels: readonly number[];
    }
  | { readonly kind: 'backtest'; readonly frequency: Frequency; readonly horizon: number; readonly origins: number }
  | { readonly kind: 'reorder'; readonly frequency: Frequency; readonly policy: ReorderPolicy };

/** A series and, for orders, its stock. */
export interface SeriesWork {
  readonly rows: DemandRows;
  readonly stock: StockEntry | null;
}

/** One step of a forecast with its date. */
export interface DatedStep {
  readonly date: string;
  readonly step: number;
  readonly mean: number;
  /** Lower and upper end for each level. */
  readonly ends: readonly (readonly [lower: number, upper: number])[];
}

/** What came out; plain data, which passes between threads. */
export type SeriesResult =
  | { readonly kind: 'forecast'; readonly series: string; readonly model: string; readonly steps: readonly DatedStep[] }
  | ({ readonly kind: 'backtest'; readonly series: string } & SeriesBacktest)
  | ({ readonly kind: 'reorder'; readonly series: string } & ReturnType<typeof adviseReorder>)
  | ({ readonly kind: 'refused'; readonly series: string } & RowProblem);

/** Does the task for one series; what cannot be done is a result too. */
export function runTask(task: SeriesTask, work: SeriesWork): SeriesResult {
  const { series } = work.rows;
  try {
    return done(task, work);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    const line = lineOf(work.rows, error);
    return {
      kind: 'refused',
      series,
      code: String(error.code),
      text: `${line === null ? '' : `line ${line}: `}series '${series}': ${error.message}`,
      nextStep:
        error.code === 'horizon-invalid'
          ? 'ask for a shorter horizon or fewer origins, or leave the series out'
          : 'correct the series, or leave it out',
    };
  }
}

function done(task: SeriesTask, { rows, stock }: SeriesWork): SeriesResult {
  const { frequency } = task;
  const { series } = rows;
  const dated = Array.from(rows.days, (day, i) => {
    const quantity = rows.quantities[i] as number;
    // Shares are kept in single precision: one that is nearly whole is whole.
    const share = Math.round((rows.available[i] as number) * 1e6) / 1e6;
    return { day, quantity: Number.isNaN(quantity) ? null : quantity, available: share };
  });
  const { quantities, available, lastDay } = byPeriod(dated, frequency);
  const history: DemandHistory = { quantities, available, frequency };
  switch (task.kind) {
    case 'forecast': {
      const { model, steps } = forecastDemand(history, task);
      return {
        kind: 'forecast',
        series,
        model,
        steps: steps.map(({ step, mean, intervals }) => ({
          date: formatDay(dayAfter(lastDay, frequency, step)),
          step,
          mean,
          ends: intervals.map(({ lower, upper }) => [lower, upper] as const),
        })),
      };
    }
    case 'backtest':
      return { kind: 'backtest', series, ...backtest(history, task.horizon, task.origins) };
    case 'reorder': {
      const end = endOfPeriod(lastDay, frequency);
      const position = stock === null ? null : positionAt(stock, end, daysIn(frequency));
      const clock = { now: end * 86_400_000, daysPerPeriod: daysIn(frequency) };
      return { kind: 'reorder', series, ...adviseReorder(history, task.policy, position, clock) };
    }
    default:
      return unreachable(task);
  }
}

/** The last line of the day that an error names, or the first line with a quantity that is refused. */
function lineOf({ days, quantities, lines }: DemandRows, { details, code }: DomainError): number | null {
  const at =
    typeof details['day'] === 'number'
      ? days.lastIndexOf(details['day'])
      : code === 'series-too-large' || code === 'series-not-finite'
        ? quantities.findIndex((quantity) => Math.abs(quantity) > 1e15)
        : -1;
  return lines[at] ?? null;
}
