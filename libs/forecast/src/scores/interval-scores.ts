import { ForecastError } from '../forecast-error.js';
import { at } from '../numeric/at.js';
import { checkLengths, checkScale } from './point-scores.js';

/** Lower and upper ends of intervals, one per step, for one level. */
export interface IntervalEnds {
  readonly lower: ArrayLike<number>;
  readonly upper: ArrayLike<number>;
}

/**
 * MSIS = mean [(U − L) + (2/α)(L − y)⁺ + (2/α)(y − U)⁺] / `scale` with α = 1 − level/100 (40 at 95 %). Source: Gneiting
 * and Raftery, JASA 102 (2007) 359, as scaled in M4. @throws ForecastError `score-undefined`, `level-invalid`
 */
export function msis(actual: ArrayLike<number>, ends: IntervalEnds, levelPercent: number, scale: number): number {
  const penalty = 2 / (1 - checkLevel(levelPercent) / 100);
  const length = checkLengths(actual, ends.lower);
  let sum = 0;
  for (let h = 0; h < length; h++) {
    const y = at(actual, h);
    const lower = at(ends.lower, h);
    const upper = at(ends.upper, h);
    sum += upper - lower + penalty * (Math.max(lower - y, 0) + Math.max(y - upper, 0));
  }
  return sum / length / checkScale('MSIS', scale);
}

/** Share of the actual values inside their intervals, ends included. */
export function coverage(actual: ArrayLike<number>, ends: IntervalEnds): number {
  const length = checkLengths(actual, ends.lower);
  let inside = 0;
  for (let h = 0; h < length; h++)
    if (at(actual, h) >= at(ends.lower, h) && at(actual, h) <= at(ends.upper, h)) inside++;
  return inside / length;
}

/** Pinball loss of the forecast `quantile` for probability p: p (y − q)⁺ + (1 − p)(q − y)⁺, in units of demand. */
export function pinball(actual: number, quantile: number, p: number): number {
  return actual >= quantile ? p * (actual - quantile) : (1 - p) * (quantile - actual);
}

/** A level in per cent, between 0 and 100 and neither. @throws ForecastError `level-invalid` */
export function checkLevel(levelPercent: number): number {
  if (!(levelPercent > 0 && levelPercent < 100)) {
    throw new ForecastError('level-invalid', `${levelPercent} is not a level between 0 and 100`, {
      level: levelPercent,
    });
  }
  return levelPercent;
}
