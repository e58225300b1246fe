import { ForecastError } from '../forecast-error.js';
import { at } from '../numeric/at.js';
import { square } from '../numeric/elementary.js';

/*
 * Scores of point forecasts. `actual` and `forecast` are of one origin and equally long, in units of demand. Definitions:
 * the M4 competition (Makridakis, Spiliotis, Assimakopoulos, IJF 36 (2020) 54) and M5 (IJF 38 (2022) 1346) for RMSSE.
 */

/** mean |x_t − x_{t−m}| over the training part: what MASE and MSIS divide by. 0 for a constant series, NaN when n ≤ m. */
export function meanAbsoluteSeasonalDifference(training: ArrayLike<number>, seasonLength: number): number {
  let sum = 0;
  for (let t = seasonLength; t < training.length; t++)
    sum += Math.abs(at(training, t) - at(training, t - seasonLength));
  return sum / (training.length - seasonLength);
}

/** mean (x_t − x_{t−1})² over the training part: what RMSSE divides by. */
export function meanSquaredDifference(training: ArrayLike<number>): number {
  let sum = 0;
  for (let t = 1; t < training.length; t++) sum += square(at(training, t) - at(training, t - 1));
  return sum / (training.length - 1);
}

/** mean |y − f|. */
export function meanAbsoluteError(actual: ArrayLike<number>, forecast: ArrayLike<number>): number {
  return meanOver(actual, forecast, (y, f) => Math.abs(y - f));
}

/** MASE = mean |y − f| / `scale`. @throws ForecastError `score-undefined` when the scale is not positive */
export function mase(actual: ArrayLike<number>, forecast: ArrayLike<number>, scale: number): number {
  return meanAbsoluteError(actual, forecast) / checkScale('MASE', scale);
}

/** RMSSE = √(mean (y − f)² / `scale`). @throws ForecastError `score-undefined` */
export function rmsse(actual: ArrayLike<number>, forecast: ArrayLike<number>, scale: number): number {
  return Math.sqrt(meanOver(actual, forecast, (y, f) => square(y - f)) / checkScale('RMSSE', scale));
}

/** sMAPE = mean 200 |y − f| / (|y| + |f|) in per cent, 0 where both are 0; 0 to 200. */
export function smape(actual: ArrayLike<number>, forecast: ArrayLike<number>): number {
  return meanOver(actual, forecast, (y, f) =>
    y === 0 && f === 0 ? 0 : (200 * Math.abs(y - f)) / (Math.abs(y) + Math.abs(f)),
  );
}

/** Σ|y − f| and Σ|y|: WAPE is the first over the second, pooled over as many origins and series as are added. */
export function wapeParts(actual: ArrayLike<number>, forecast: ArrayLike<number>): { error: number; demand: number } {
  let error = 0;
  let demand = 0;
  for (let h = 0; h < checkLengths(actual, forecast); h++) {
    error += Math.abs(at(actual, h) - at(forecast, h));
    demand += Math.abs(at(actual, h));
  }
  return { error, demand };
}

/** WAPE = Σ|y − f| / Σ|y|. @throws ForecastError `score-undefined` when nothing was demanded */
export function wape(actual: ArrayLike<number>, forecast: ArrayLike<number>): number {
  const { error, demand } = wapeParts(actual, forecast);
  return error / checkScale('WAPE', demand);
}

/** Σ(f − y), over `scale` where given: positive when more was forecast than was demanded. */
export function cumulatedBias(actual: ArrayLike<number>, forecast: ArrayLike<number>, scale = 1): number {
  let sum = 0;
  for (let h = 0; h < checkLengths(actual, forecast); h++) sum += at(forecast, h) - at(actual, h);
  return sum / checkScale('cumulated bias', scale);
}

/** A method's mean sMAPE and mean MASE over series, and those of Naive2 on the same series. */
export interface OwaParts {
  readonly smape: number;
  readonly mase: number;
  readonly naive2Smape: number;
  readonly naive2Mase: number;
}

/** OWA = ½ (sMAPE / sMAPE of Naive2 + MASE / MASE of Naive2); each averaged over series first. */
export function owa(parts: OwaParts): number {
  return (parts.smape / checkScale('OWA', parts.naive2Smape) + parts.mase / checkScale('OWA', parts.naive2Mase)) / 2;
}

/** Both lengths, which must agree. @throws ForecastError `score-undefined` */
export function checkLengths(actual: ArrayLike<number>, forecast: ArrayLike<number>): number {
  if (actual.length !== forecast.length || actual.length === 0) {
    throw new ForecastError('score-undefined', `${actual.length} actual values and ${forecast.length} forecasts`, {
      actual: actual.length,
      forecast: forecast.length,
    });
  }
  return actual.length;
}

/** A positive scale. @throws ForecastError `score-undefined` */
export function checkScale(score: string, scale: number): number {
  if (!(scale > 0)) throw new ForecastError('score-undefined', `the scale of ${score} is ${scale}`, { score, scale });
  return scale;
}

function meanOver(
  actual: ArrayLike<number>,
  forecast: ArrayLike<number>,
  loss: (y: number, f: number) => number,
): number {
  const length = checkLengths(actual, forecast);
  let sum = 0;
  for (let h = 0; h < length; h++) sum += loss(at(actual, h), at(forecast, h));
  return sum / length;
}
