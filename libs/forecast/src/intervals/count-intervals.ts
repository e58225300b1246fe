import { gammaQuantile } from '../distributions/gamma.js';
import { countQuantile } from '../distributions/negative-binomial.js';
import type { FittedModel } from '../demand/fitted-model.js';
import { at } from '../numeric/at.js';
import { square } from '../numeric/elementary.js';
import type { ForecastInterval } from './conformal.js';

/**
 * Intervals of sparse demand: quantiles of a negative binomial (of a gamma for quantities that are not whole) with the
 * forecast as mean and the mean squared error of past one-step forecasts as variance. Lower ≤ forecast ≤ upper.
 */
export function countIntervals(
  model: FittedModel,
  values: Float64Array,
  levels: readonly number[],
): ForecastInterval[] {
  const horizon = model.forecast.length;
  const whole = values.every((value) => Number.isInteger(value));
  let squares = 0;
  for (let t = 1; t < values.length; t++) squares += square(at(values, t) - at(model.past, (t - 1) * horizon));
  const errorVariance = values.length > 1 ? squares / (values.length - 1) : 0;
  return levels.map((levelPercent) => {
    const tail = (1 - levelPercent / 100) / 2;
    const ends = (p: number): Float64Array =>
      model.forecast.map((mean) => quantile(p, mean, Math.max(errorVariance, whole ? mean : mean * mean), whole));
    const lower = ends(tail).map((value, h) => Math.min(value, at(model.forecast, h)));
    const upper = ends(1 - tail).map((value, h) => Math.max(value, at(model.forecast, h)));
    return { levelPercent, lower, upper };
  });
}

function quantile(p: number, mean: number, variance: number, whole: boolean): number {
  if (!(mean > 0)) return 0;
  return whole ? countQuantile(p, { mean, variance }) : gammaQuantile(p, (mean * mean) / variance, variance / mean);
}
