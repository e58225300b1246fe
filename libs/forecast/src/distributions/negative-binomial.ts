import { exp, log, log1p } from '../numeric/elementary.js';
import { checkPositive, gammaCdf, gammaQuantile } from './gamma.js';
import { logGamma, regularizedBeta, regularizedGammaUpper } from './incomplete-gamma.js';
import { checkProbability, normalQuantile } from './normal.js';

/**
 * A count with this mean and variance: negative binomial where the variance is greater than the mean, else Poisson
 * (a count cannot be less dispersed in either). Mean and variance in units and units².
 */
export interface CountMoments {
  readonly mean: number;
  readonly variance: number;
}

/** Above this mean, counts are taken from the gamma distribution of their moments: fractions lose the digits that matter. */
const GREAT_MEAN = 1e6;

/** P(X ≤ count), error below 1e-11 (1e-5 for means above 1e6): I_p(r, k + 1) with r = mean²/(variance − mean), p = mean/variance (DLMF 8.17.24). */
export function countCdf(count: number, { mean, variance }: CountMoments): number {
  if (count < 0) return 0;
  const k = Math.floor(count);
  if (mean <= 0) return 1;
  if (mean > GREAT_MEAN) return gammaCdf(k, ...gammaOf(mean, variance));
  if (!isOverdispersed(mean, variance)) return regularizedGammaUpper(k + 1, mean);
  return regularizedBeta((mean * mean) / (variance - mean), k + 1, mean / variance);
}

/** P(X = count). */
export function countProbability(count: number, { mean, variance }: CountMoments): number {
  if (mean <= 0) return count === 0 ? 1 : 0;
  if (!isOverdispersed(mean, variance)) return exp(count * log(mean) - mean - logGamma(count + 1));
  const r = (mean * mean) / (variance - mean);
  const p = mean / variance;
  return exp(logGamma(count + r) - logGamma(r) - logGamma(count + 1) + r * log(p) + count * log1p(-p));
}

/**
 * The least count k with P(X ≤ k) ≥ p, exact up to rounding of the cdf. Means above 1e6 are answered by the gamma
 * distribution of the same moments (relative error below 1e-6 there). @throws ForecastError `probability-invalid`
 */
export function countQuantile(p: number, moments: CountMoments): number {
  checkProbability(p);
  const { mean, variance } = moments;
  if (mean <= 0) return 0;
  checkPositive('variance', variance);
  if (mean > GREAT_MEAN) return Math.ceil(gammaQuantile(p, ...gammaOf(mean, variance)));
  const guess = mean + normalQuantile(p) * Math.sqrt(Math.max(variance, mean));
  let high = Math.max(1, Math.ceil(guess));
  while (countCdf(high, moments) < p) high *= 2;
  let low = -1;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (countCdf(middle, moments) >= p) high = middle;
    else low = middle;
  }
  return high;
}

/** Below this excess the two differ by less than the rounding of ln Γ(r) for a huge r. */
const isOverdispersed = (mean: number, variance: number): boolean => variance > mean * (1 + 1e-5);

/** Shape and scale of the gamma distribution with the moments of a count. */
function gammaOf(mean: number, variance: number): readonly [shape: number, scale: number] {
  const spread = Math.max(variance, mean);
  return [(mean * mean) / spread, spread / mean];
}
