import { ForecastError } from './forecast-error.js';
import { fitCombination } from './demand/combination.js';
import { classifyDemand, type DemandClass } from './demand/demand-class.js';
import { type DemandHistory, prepareHistory, type PreparedHistory } from './demand/demand-history.js';
import type { FittedModel } from './demand/fitted-model.js';
import { seasonOf } from './demand/frequency.js';
import { seasonAfter } from './demand/group-year.js';
import { fitHarmonic } from './demand/harmonic-regression.js';
import { fitSparse } from './demand/sparse.js';
import { conformalIntervals, type ForecastInterval } from './intervals/conformal.js';
import { countIntervals } from './intervals/count-intervals.js';
import { at } from './numeric/at.js';
import { checkLevel } from './scores/interval-scores.js';

/** How far and with which intervals. */
export interface ForecastOptions {
  /** Steps ahead, 1 to 400. */
  readonly horizon: number;
  /** Levels of the intervals in per cent. */
  readonly levels: readonly number[];
  /** Seasonal profile (mean 1) of the product group, starting at the first period of the history; of weeks at 52 equal parts of the year. */
  readonly groupProfile?: Float64Array;
}

/** One step ahead. */
export interface ForecastStep {
  /** 1 for the first period after the history. */
  readonly step: number;
  /** Expected demand in base units, never negative. */
  readonly mean: number;
  /** In the order of the levels asked for. */
  readonly intervals: readonly { readonly levelPercent: number; readonly lower: number; readonly upper: number }[];
}

/** Forecast of one series. */
export interface DemandForecast {
  /** Name and version of the model: the same history and name give the same numbers. */
  readonly model: ModelName;
  readonly demandClass: DemandClass;
  readonly steps: readonly ForecastStep[];
}

/** Models with their versions; a change of numbers is a new version. */
export const MODEL_NAMES = ['no-demand@1', 'short@1', 'sparse@3', 'harmonic@2', 'combination@2'] as const;

/** One of {@link MODEL_NAMES}. */
export type ModelName = (typeof MODEL_NAMES)[number];

/** What was fitted, for stock advice that needs the past forecasts too. */
export interface FittedDemand {
  readonly model: ModelName;
  readonly demandClass: DemandClass;
  readonly prepared: PreparedHistory;
  readonly fitted: FittedModel;
}

/** Steps ahead that are answered at most. */
export const LONGEST_HORIZON = 400;
/** Below this many periods nothing but a level is estimated. */
const SHORT = 6;

/**
 * Forecasts demand. Pure and deterministic to the last bit on every engine; results are rounded to seven significant
 * digits. The model follows from the history alone: none demanded, short (under 6 periods), sparse (intervals above 1.32
 * periods), harmonic (weeks), combination.
 * @throws ForecastError `series-empty`, `series-not-finite`, `series-too-large`, `calendar-invalid`, `horizon-invalid`, `level-invalid`
 */
export function forecastDemand(history: DemandHistory, options: ForecastOptions): DemandForecast {
  options.levels.forEach(checkLevel);
  const demand = fitDemand(history, options.horizon, options.groupProfile);
  return { model: demand.model, demandClass: demand.demandClass, steps: stepsOf(demand, options) };
}

/** The first steps of a fitted model with their intervals. @throws ForecastError `level-invalid` */
export function stepsOf(demand: FittedDemand, { horizon, levels }: ForecastOptions): ForecastStep[] {
  levels.forEach(checkLevel);
  const intervals = intervalsOf(demand, levels);
  return Array.from({ length: horizon }, (_, h) => ({
    step: h + 1,
    mean: rounded(at(demand.fitted.forecast, h)),
    intervals: intervals.map(({ levelPercent, lower, upper }) => ({
      levelPercent,
      lower: rounded(at(lower, h)),
      upper: rounded(at(upper, h)),
    })),
  }));
}

/** Chooses and fits the model of a history. @throws ForecastError as `forecastDemand` */
export function fitDemand(history: DemandHistory, horizon: number, groupProfile?: Float64Array): FittedDemand {
  if (!Number.isInteger(horizon) || horizon < 1 || horizon > LONGEST_HORIZON) {
    throw new ForecastError('horizon-invalid', `a horizon of ${horizon} is not 1 to ${LONGEST_HORIZON} steps`, {
      horizon,
    });
  }
  const prepared = prepareHistory(history);
  const { values, seasonLength } = prepared;
  const { kind } = classifyDemand(values);
  if (groupProfile !== undefined && groupProfile.length !== seasonLength) {
    throw new ForecastError(
      'parameter-invalid',
      `a group profile of ${groupProfile.length} seasons for ${seasonLength}`,
    );
  }
  const input = { values, seasonLength, horizon };
  const demanded = (model: ModelName, fitted: FittedModel): FittedDemand => ({
    model,
    demandClass: kind,
    prepared,
    fitted: nonNegative(fitted),
  });
  if (kind === 'none') return demanded('no-demand@1', flat(values, horizon, 0));
  if (values.length < SHORT) return demanded('short@1', flat(values, horizon, meanOf(values)));
  if (kind === 'intermittent' || kind === 'lumpy') return demanded('sparse@3', fitSparse(input));
  if (seasonLength > 24) {
    const { period } = seasonOf(history.frequency);
    const groupSeason =
      groupProfile === undefined
        ? null
        : new Float64Array(values.length + horizon).map((_, t) =>
            seasonAfter(groupProfile, prepared.offset + t, period),
          );
    return demanded('harmonic@2', fitHarmonic({ ...input, period, groupSeason }));
  }
  const turned = groupProfile?.map((_, season) => at(groupProfile, (season + prepared.offset) % groupProfile.length));
  return demanded('combination@2', fitCombination(input, turned ?? null));
}

/** Intervals by the model's kind: counts for sparse demand, conformal else. */
export function intervalsOf(demand: FittedDemand, levels: readonly number[]): ForecastInterval[] {
  const { values, observed } = demand.prepared;
  if (demand.model === 'no-demand@1') return afterSilence(demand.fitted, values.length, levels);
  if (demand.model === 'sparse@3') return countIntervals(demand.fitted, values, levels);
  return conformalIntervals({ model: demand.fitted, values, observed, levels });
}

/**
 * After n periods without demand the next one has it with probability 1 / (n + 2) (Laplace's rule of succession); an
 * interval of one unit is all that is known of its size.
 */
function afterSilence(fitted: FittedModel, periods: number, levels: readonly number[]): ForecastInterval[] {
  return levels.map((levelPercent) => {
    const upper = 1 / (periods + 2) > (1 - levelPercent / 100) / 2 ? 1 : 0;
    return {
      levelPercent,
      lower: new Float64Array(fitted.forecast.length),
      upper: new Float64Array(fitted.forecast.length).fill(upper),
    };
  });
}

function flat(values: Float64Array, horizon: number, level: number): FittedModel {
  return {
    name: 'level',
    forecast: new Float64Array(horizon).fill(level),
    past: new Float64Array(values.length * horizon).fill(level),
    first: 0,
    parameters: 1,
  };
}

function nonNegative(model: FittedModel): FittedModel {
  const clip = (value: number): number => Math.max(value, 0);
  return { ...model, forecast: model.forecast.map(clip), past: model.past.map(clip) };
}

const meanOf = (values: Float64Array): number => values.reduce((a, b) => a + b, 0) / values.length;

/** Seven significant digits, with minus zero as zero. */
export function rounded(value: number): number {
  return value === 0 ? 0 : Number(value.toPrecision(7));
}
