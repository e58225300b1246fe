import { seasonalIndicesIfPresent } from '../demand/classical-season.js';
import { at } from '../numeric/at.js';

/** The last value, for every step. */
export function naive(history: ArrayLike<number>, horizon: number): Float64Array {
  return new Float64Array(horizon).fill(at(history, history.length - 1));
}

/** The value of the same season of the last cycle; naive while there is no full cycle. */
export function seasonalNaive(history: ArrayLike<number>, horizon: number, seasonLength: number): Float64Array {
  const n = history.length;
  if (n < seasonLength) return naive(history, horizon);
  return Float64Array.from({ length: horizon }, (_, h) => at(history, n - seasonLength + (h % seasonLength)));
}

/** Naive2 of M4: naive on the series without its season, where the season is significant; then the season again. */
export function naive2(history: ArrayLike<number>, horizon: number, seasonLength: number): Float64Array {
  const indices = seasonalIndicesIfPresent(history, seasonLength);
  const n = history.length;
  const level = at(history, n - 1) / at(indices, (n - 1) % seasonLength);
  return Float64Array.from({ length: horizon }, (_, h) => level * at(indices, (n + h) % seasonLength));
}
