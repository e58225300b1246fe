import { normalQuantile } from '../distributions/normal.js';
import type { FittedModel } from '../demand/fitted-model.js';
import { at } from '../numeric/at.js';
import { square } from '../numeric/elementary.js';

/** An interval around each step of a forecast. */
export interface ForecastInterval {
  readonly levelPercent: number;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

/** What intervals are made of. */
export interface ConformalInput {
  readonly model: FittedModel;
  readonly values: Float64Array;
  /** 0 where a value was estimated: it judges no forecast. */
  readonly observed: Uint8Array;
  readonly levels: readonly number[];
}

/** Origins that are remembered: three years of weeks. */
const WINDOW = 156;
/** Weight of the normal quantile beside the empirical one: the tail of few residuals is noise. */
const NORMAL_SHARE = 0.3;
/** Residuals are those of fitted models: they are too small by about this many estimated quantities. */
const ESTIMATED = 4;
/** How fast intervals widen for steps far ahead, in steps per period of history: the trend is estimated too. */
const WIDENING = 0.5;
/** Step of the adaptive correction (Gibbs and Candès, NeurIPS 2021). */
const ADAPTATION = 0.02;
/** Below this many residuals a prior spread (60 % of the level) is mixed in. */
const ENOUGH = 8;
const PRIOR_VARIATION = 0.6;
/** Pseudo-units under the root; demand below one unit is not counted finer than its own level. */
const ROOT_SHIFT = 1;

/**
 * By how much errors of fitted models are too small, for a step ahead and a number of usable origins: the estimated
 * quantities were chosen to make them small, and the trend is estimated too.
 */
export function estimationFactor(usable: number, step: number): number {
  const few = Math.sqrt(usable / Math.max(usable - ESTIMATED, usable / 3));
  return few * (1 + (WIDENING * step) / usable);
}

/**
 * Conformal intervals from the forecasts a model would have made: absolute errors on the scale of square roots (counts
 * have a constant spread there, and intervals become longer above than below), each divided by the root-mean-square error
 * of its step, pooled over the steps. A recursion over the past origins lowers the miss rate that is aimed at while
 * recent misses were too many; it never raises it.
 * Always lower ≤ forecast ≤ upper, and wider levels contain narrower ones.
 */
export function conformalIntervals(input: ConformalInput): ForecastInterval[] {
  const { model, values } = input;
  const horizon = model.forecast.length;
  const shift = shiftFor(values);
  const errors = rootErrors(input, shift);
  const spread = spreadByStep(errors, model, shift);
  const pool = pooled(errors, spread);
  const usable = Math.max(values.length - model.first, 1);
  const widest = new Float64Array(horizon);
  const byLevel = [...input.levels].sort((a, b) => a - b);
  const intervals = byLevel.map((levelPercent) => {
    const miss = adaptedMiss(errors, spread, pool, 1 - levelPercent / 100);
    const reach = quantileOf(pool, miss);
    const lower = new Float64Array(horizon);
    const upper = new Float64Array(horizon);
    for (let h = 0; h < horizon; h++) {
      const width = Math.max(at(widest, h), reach * at(spread, h) * estimationFactor(usable, h + 1));
      widest[h] = width;
      const mean = at(model.forecast, h);
      const root = toRoot(mean, shift);
      lower[h] = Math.max(Math.min(fromRoot(root - width, shift), mean), 0);
      upper[h] = Math.max(fromRoot(root + width, shift), mean);
    }
    return { levelPercent, lower, upper };
  });
  return input.levels.map((level) => intervals.find(({ levelPercent }) => levelPercent === level) as ForecastInterval);
}

function shiftFor(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + Math.abs(value), 0) / values.length;
  return mean > 0 ? ROOT_SHIFT * Math.min(1, mean) : ROOT_SHIFT;
}

const toRoot = (value: number, shift: number): number => 2 * Math.sqrt(Math.max(value, 0) + shift);
const fromRoot = (root: number, shift: number): number => square(Math.max(root, 0) / 2) - shift;

/** Row h: errors of step h + 1 by the period they were made in, oldest first; NaN where the value was not observed. */
function rootErrors({ model, values, observed }: ConformalInput, shift: number): Float64Array[] {
  const n = values.length;
  const horizon = model.forecast.length;
  return Array.from({ length: horizon }, (_, h) => {
    const from = Math.max(model.first, n - 1 - h - WINDOW);
    const count = Math.max(n - 1 - h - from, 0);
    return Float64Array.from({ length: count }, (_unused, i) => {
      const target = from + i + h + 1;
      if (observed[target] === 0) return NaN;
      return toRoot(at(values, target), shift) - toRoot(at(model.past, (from + i) * horizon + h), shift);
    });
  });
}

/** Root-mean-square error of each step, never falling with the step (pooled neighbours), growing where none was seen. */
function spreadByStep(errors: readonly Float64Array[], model: FittedModel, shift: number): Float64Array {
  const blocks: { variance: number; weight: number; steps: number }[] = [];
  errors.forEach((row, h) => {
    let squares = 0;
    let count = 0;
    for (const error of row) {
      if (Number.isNaN(error)) continue;
      squares += error * error;
      count++;
    }
    const lacking = Math.max(0, 1 - count / ENOUGH);
    const prior =
      square(PRIOR_VARIATION * Math.max(at(model.forecast, h), shift)) / (Math.max(at(model.forecast, h), 0) + shift);
    const own = count > 0 ? squares / count : prior;
    let block = {
      variance: (1 - lacking) * own + lacking * Math.max(prior, own),
      weight: Math.max(count, 1e-3),
      steps: 1,
    };
    for (let last = blocks.at(-1); last !== undefined && last.variance > block.variance; last = blocks.at(-1)) {
      blocks.pop();
      const weight = last.weight + block.weight;
      const variance = (last.variance * last.weight + block.variance * block.weight) / weight;
      block = { variance, weight, steps: last.steps + block.steps };
    }
    blocks.push(block);
  });
  return Float64Array.from(blocks.flatMap(({ variance, steps }) => new Array<number>(steps).fill(Math.sqrt(variance))));
}

function pooled(errors: readonly Float64Array[], spread: Float64Array): Float64Array {
  const scores = errors.flatMap((row, h) =>
    at(spread, h) > 0
      ? [...row].filter((error) => !Number.isNaN(error)).map((error) => Math.abs(error) / at(spread, h))
      : [],
  );
  return Float64Array.from(scores).sort();
}

/** The (1 − miss) quantile of the scores at conformal rank (count + 1), mixed with the normal one. */
function quantileOf(pool: Float64Array, miss: number): number {
  const normal = normalQuantile(1 - miss / 2);
  const count = pool.length;
  if (count < ENOUGH) return normal * 1.5;
  const rank = Math.min(Math.max((1 - miss) * (count + 1) - 1, 0), count - 1);
  const below = Math.floor(rank);
  const above = Math.min(below + 1, count - 1);
  const empirical = at(pool, below) + (rank - below) * (at(pool, above) - at(pool, below));
  return (1 - NORMAL_SHARE) * empirical + NORMAL_SHARE * normal;
}

/** Follows the past: misses above the aim lower the miss rate for what comes, down to a quarter of the aim. */
function adaptedMiss(errors: readonly Float64Array[], spread: Float64Array, pool: Float64Array, aim: number): number {
  const longest = errors[0]?.length ?? 0;
  let miss = aim;
  for (let back = longest - 1; back >= 0; back--) {
    const reach = quantileOf(pool, miss);
    let judged = 0;
    let missed = 0;
    errors.forEach((row, h) => {
      // The errors of all steps whose target is the period `back` before the last one.
      const error = row[row.length - 1 - back];
      if (error === undefined || Number.isNaN(error) || !(at(spread, h) > 0)) return;
      judged++;
      if (Math.abs(error) > reach * at(spread, h)) missed++;
    });
    if (judged > 0) miss = Math.min(Math.max(miss + ADAPTATION * (aim - missed / judged), aim / 4), aim);
  }
  return miss;
}
