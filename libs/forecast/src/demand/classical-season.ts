import { at } from '../numeric/at.js';
import { square } from '../numeric/elementary.js';

/** Indices below this would blow up a division; M4's decompositions never came near it. */
const LEAST_INDEX = 0.01;

/**
 * Is there a season? |acf_m| > 1.645 √((1 + 2 Σ_{i<m} acf_i²)/n), asked from three cycles on (the test of M4's Naive2
 * and of Theta; Bartlett's formula, 90 %).
 */
export function isSeasonal(values: ArrayLike<number>, seasonLength: number): boolean {
  const n = values.length;
  if (seasonLength < 2 || n < 3 * seasonLength) return false;
  const mean = meanOf(values);
  let variance = 0;
  for (let t = 0; t < n; t++) variance += square(at(values, t) - mean);
  if (!(variance > 0)) return false;
  let squares = 0;
  for (let lag = 1; lag < seasonLength; lag++) squares += square(autocorrelation(values, lag, mean, variance));
  const limit = 1.645 * Math.sqrt((1 + 2 * squares) / n);
  return Math.abs(autocorrelation(values, seasonLength, mean, variance)) > limit;
}

function autocorrelation(values: ArrayLike<number>, lag: number, mean: number, variance: number): number {
  let sum = 0;
  for (let t = lag; t < values.length; t++) sum += (at(values, t) - mean) * (at(values, t - lag) - mean);
  return sum / variance;
}

const meanOf = (values: ArrayLike<number>): number => {
  let sum = 0;
  for (let t = 0; t < values.length; t++) sum += at(values, t);
  return sum / values.length;
};

/** Mean of one cycle around t (2 × m for an even m, as R's `decompose`); NaN at the ends. */
export function centredMeans(values: ArrayLike<number>, seasonLength: number): Float64Array {
  const n = values.length;
  const half = Math.floor(seasonLength / 2);
  const even = seasonLength % 2 === 0;
  const means = new Float64Array(n).fill(NaN);
  for (let t = half; t < n - half; t++) {
    let sum = 0;
    for (let k = -half; k <= half; k++) {
      sum += at(values, t + k) * (even && Math.abs(k) === half ? 0.5 : 1);
    }
    means[t] = sum / seasonLength;
  }
  return means;
}

/**
 * Classical multiplicative indices: mean ratio to the centred mean by season, scaled to mean 1; season of period t is
 * t mod m. Ones where there are no two cycles, or where a centred mean is not positive.
 */
export function classicalIndices(values: ArrayLike<number>, seasonLength: number): Float64Array {
  const flat = new Float64Array(seasonLength).fill(1);
  const n = values.length;
  if (n < 2 * seasonLength) return flat;
  const means = centredMeans(values, seasonLength);
  const sums = new Float64Array(seasonLength);
  const counts = new Float64Array(seasonLength);
  for (let t = 0; t < n; t++) {
    const mean = at(means, t);
    if (Number.isNaN(mean)) continue;
    if (!(mean > 0)) return flat;
    const season = t % seasonLength;
    sums[season] = at(sums, season) + at(values, t) / mean;
    counts[season] = at(counts, season) + 1;
  }
  const indices = sums.map((sum, season) => sum / at(counts, season));
  const mean = meanOf(indices);
  if (!(mean > 0)) return flat;
  return indices.map((index) => Math.max(index / mean, LEAST_INDEX));
}

/** Classical indices where the season is significant, else ones. */
export function seasonalIndicesIfPresent(values: ArrayLike<number>, seasonLength: number): Float64Array {
  return isSeasonal(values, seasonLength)
    ? classicalIndices(values, seasonLength)
    : new Float64Array(Math.max(seasonLength, 1)).fill(1);
}
