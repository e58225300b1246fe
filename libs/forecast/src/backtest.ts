import { type DemandHistory, prepareHistory } from './demand/demand-history.js';
import { forecastDemand, type ModelName, rounded } from './forecast-demand.js';
import { at } from './numeric/at.js';
import { coverage, msis } from './scores/interval-scores.js';
import { mase, meanAbsoluteSeasonalDifference, meanSquaredDifference, rmsse, smape } from './scores/point-scores.js';
import { rollingOrigins } from './scores/rolling-origin.js';
import { ForecastError } from './forecast-error.js';

/** Mean scores; null where a score is not defined (a series without any change has no MASE). Intervals of 95 %. */
export interface BacktestScores {
  readonly MASE: number | null;
  readonly sMAPE: number | null;
  readonly RMSSE: number | null;
  readonly MSIS: number | null;
  /** Share of values inside the 95 % interval. */
  readonly coverage: number | null;
  /** The same of the 80 % interval. */
  readonly coverage80: number | null;
}

/** Scores of one series. */
export interface SeriesBacktest {
  readonly origins: number;
  /** Model at the last origin. */
  readonly model: ModelName;
  readonly scores: BacktestScores;
}

const NAMES = ['MASE', 'sMAPE', 'RMSSE', 'MSIS', 'coverage', 'coverage80'] as const;
const LEVELS = [80, 95] as const;
/** Season of the scale of MASE and MSIS by the convention of M4: none for weeks and days. */
const SCALE_SEASON = { day: 1, week: 1, month: 12, quarter: 4 } as const;

/**
 * Scores `forecastDemand` at the last `origins` origins, one period apart, each refitted with what was known then. Steps
 * that were not observed (holes, stockouts) are not scored; scales are those of each origin's own history.
 * @throws ForecastError as `forecastDemand`, and `horizon-invalid` when the series is too short
 */
export function backtest(history: DemandHistory, horizon: number, origins: number): SeriesBacktest {
  const { available, frequency } = history;
  const periods = Float64Array.from(history.quantities, (quantity) => quantity ?? NaN);
  const collected = NAMES.map(() => [] as number[]);
  let model: ModelName = 'no-demand@1';
  for (const { known, actual } of rollingOrigins(periods, { horizon, origins })) {
    const past: DemandHistory = {
      quantities: history.quantities.slice(0, known),
      frequency,
      ...(available === undefined ? {} : { available: available.slice(0, known) }),
    };
    if (past.quantities.every((quantity) => quantity === null)) continue;
    const forecast = forecastDemand(past, { horizon, levels: LEVELS });
    model = forecast.model;
    const steps = forecast.steps.filter((_, h) => !Number.isNaN(at(actual, h)) && (available?.[known + h] ?? 1) === 1);
    if (steps.length === 0) continue;
    const seen = steps.map(({ step }) => at(actual, step - 1));
    const values = scoresOf(prepareHistory(past).values, seen, steps, SCALE_SEASON[frequency]);
    NAMES.forEach((name, i) => {
      const value = values[name];
      if (value !== null) (collected[i] as number[]).push(value);
    });
  }
  if ((collected[1] as number[]).length === 0) throw new ForecastError('score-undefined', 'no step could be scored');
  return { origins, model, scores: meanScores(collected) };
}

/** Mean of the series' scores, each series counting once. */
export function overallScores(series: readonly SeriesBacktest[]): BacktestScores {
  const columns = NAMES.map((name) => series.map(({ scores }) => scores[name]).filter((value) => value !== null));
  return meanScores(columns);
}

function meanScores(columns: readonly (readonly number[])[]): BacktestScores {
  const entries = NAMES.map((name, i) => {
    const column = columns[i] ?? [];
    const mean = column.reduce((a, b) => a + b, 0) / column.length;
    return [name, column.length === 0 ? null : rounded(mean)] as const;
  });
  return Object.fromEntries(entries) as Record<(typeof NAMES)[number], number | null>;
}

interface Step {
  readonly mean: number;
  readonly intervals: readonly { readonly lower: number; readonly upper: number }[];
}

function scoresOf(training: Float64Array, actual: number[], steps: readonly Step[], season: number): BacktestScores {
  const forecast = steps.map(({ mean }) => mean);
  const ends = (index: number): { lower: number[]; upper: number[] } => ({
    lower: steps.map(({ intervals }) => intervals[index]?.lower ?? 0),
    upper: steps.map(({ intervals }) => intervals[index]?.upper ?? 0),
  });
  const absolute = meanAbsoluteSeasonalDifference(training, season);
  const squared = meanSquaredDifference(training);
  return {
    MASE: absolute > 0 ? mase(actual, forecast, absolute) : null,
    sMAPE: smape(actual, forecast),
    RMSSE: squared > 0 ? rmsse(actual, forecast, squared) : null,
    MSIS: absolute > 0 ? msis(actual, ends(1), 95, absolute) : null,
    coverage: coverage(actual, ends(1)),
    coverage80: coverage(actual, ends(0)),
  };
}
