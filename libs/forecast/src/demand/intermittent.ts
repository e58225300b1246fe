import { at } from '../numeric/at.js';
import { square } from '../numeric/elementary.js';
import { fitSmoothing, smoothedLevels } from './exponential-smoothing.js';

/*
 * Methods for demand with many zeros. Each answers the rate (units per period) that it expects after every period: a
 * Float64Array as long as the series, whose last value is the forecast of every coming period.
 */

const GRID = [0.02, 0.05, 0.1, 0.15, 0.2, 0.3];

/** Croston's method (Operational Research Quarterly 23 (1972) 289): smoothed size over smoothed interval. */
export function crostonRates(values: Float64Array, alpha: number): Float64Array {
  const rates = new Float64Array(values.length);
  const first = values.findIndex((value) => value !== 0);
  if (first < 0) return rates;
  let size = at(values, first);
  let interval = meanInterval(values);
  let since = 1;
  let rate = size / interval;
  rates.fill(rate, 0, first + 1);
  for (let t = first + 1; t < values.length; t++) {
    const value = at(values, t);
    if (value === 0) since++;
    else {
      size += alpha * (value - size);
      interval += alpha * (since - interval);
      since = 1;
      rate = size / interval;
    }
    rates[t] = rate;
  }
  return rates;
}

/** Syntetos and Boylan's approximation (IJF 21 (2005) 303): Croston without its bias, × (1 − α/2). */
export function sbaRates(values: Float64Array, alpha: number): Float64Array {
  return crostonRates(values, alpha).map((rate) => rate * (1 - alpha / 2));
}

/** Teunter, Syntetos, Babai (EJOR 214 (2011) 606): probability and size smoothed apart, so that dead stock decays. */
export function tsbRates(values: Float64Array, alpha: number, beta: number): Float64Array {
  const n = values.length;
  const rates = new Float64Array(n);
  const demands = values.filter((value) => value !== 0);
  if (demands.length === 0) return rates;
  let probability = demands.length / n;
  let size = demands.reduce((a, b) => a + b, 0) / demands.length;
  for (let t = 0; t < n; t++) {
    const value = at(values, t);
    const hit = value === 0 ? 0 : 1;
    probability += beta * (hit - probability);
    if (hit === 1) size += alpha * (value - size);
    rates[t] = probability * size;
  }
  return rates;
}

/** Moving average over the last `width` periods. */
export function movingAverageRates(values: Float64Array, width: number): Float64Array {
  let sum = 0;
  return values.map((value, t) => {
    sum += value - (t >= width ? at(values, t - width) : 0);
    return sum / Math.min(t + 1, width);
  });
}

/** Simple smoothing with α by least squares. */
export function sesRates(values: Float64Array): Float64Array {
  const { alpha, start } = fitSmoothing(values);
  return smoothedLevels(values, alpha, start);
}

/**
 * Mean of SES forecasts of the series in blocks of 1 … `widest` periods, disaggregated evenly (IMAPA; Petropoulos and
 * Kourentzes, JORS 66 (2015) 914). Answers the forecast after the last period only.
 */
export function imapaRate(values: Float64Array, widest: number): number {
  const n = values.length;
  let sum = 0;
  let used = 0;
  for (let width = 1; width <= widest && Math.floor(n / width) >= 3; width++) {
    const blocks = Math.floor(n / width);
    const offset = n - blocks * width;
    const totals = new Float64Array(blocks);
    for (let t = offset; t < n; t++) {
      const block = Math.floor((t - offset) / width);
      totals[block] = at(totals, block) + at(values, t);
    }
    sum += at(sesRates(totals), blocks - 1) / width;
    used++;
  }
  return used === 0 ? values.reduce((a, b) => a + b, 0) / n : sum / used;
}

/** The α of a one-parameter method with the least sum of squared one-step errors. */
export function bestOnGrid(values: Float64Array, rates: (alpha: number) => Float64Array): Float64Array {
  let best = rates(at(GRID, 0));
  let least = squaredErrors(values, best);
  for (const alpha of GRID.slice(1)) {
    const candidate = rates(alpha);
    const squares = squaredErrors(values, candidate);
    if (squares < least) {
      best = candidate;
      least = squares;
    }
  }
  return best;
}

/** TSB with the pair on a 6 × 6 grid that has the least squared one-step errors: the strongest single method measured. */
export function optimizedTsbRates(values: Float64Array): Float64Array {
  let best = tsbRates(values, at(GRID, 0), at(GRID, 0));
  let least = squaredErrors(values, best);
  for (const alpha of GRID) {
    for (const beta of GRID) {
      const candidate = tsbRates(values, alpha, beta);
      const squares = squaredErrors(values, candidate);
      if (squares < least) {
        best = candidate;
        least = squares;
      }
    }
  }
  return best;
}

function squaredErrors(values: Float64Array, rates: Float64Array): number {
  let sum = 0;
  for (let t = 1; t < values.length; t++) sum += square(at(values, t) - at(rates, t - 1));
  return sum;
}

function meanInterval(values: Float64Array): number {
  const demands = values.filter((value) => value !== 0).length;
  return values.length / Math.max(demands, 1);
}
