import { ForecastError } from '../forecast-error.js';
import { exp, log, power } from '../numeric/elementary.js';
import { logGamma, regularizedGammaLower } from './incomplete-gamma.js';
import { checkProbability, normalCdf, normalQuantile } from './normal.js';

/** P(X ≤ x) of the gamma distribution with this shape and scale (mean shape · scale); relative error below 1e-12
 * (1e-6 for shapes above a million). */
export function gammaCdf(x: number, shape: number, scale: number): number {
  checkPositive('shape', shape);
  const y = x / checkPositive('scale', scale);
  if (shape <= LARGE_SHAPE) return regularizedGammaLower(shape, y);
  return normalCdf((power(Math.max(y, 0) / shape, 1 / 3) - 1 + 1 / (9 * shape)) * 3 * Math.sqrt(shape));
}

/**
 * Quantile of the gamma distribution; relative error below 1e-10. Wilson and Hilferty's cube starts Newton's method,
 * which is kept inside a bracket. @throws ForecastError `probability-invalid`, `parameter-invalid`
 */
export function gammaQuantile(p: number, shape: number, scale: number): number {
  checkProbability(p);
  checkPositive('shape', shape);
  checkPositive('scale', scale);
  if (shape > LARGE_SHAPE) return scale * startOf(p, shape);
  let low = 0;
  let high = Infinity;
  let x = startOf(p, shape);
  for (let step = 0; step < 200; step++) {
    const error = regularizedGammaLower(shape, x) - p;
    if (error > 0) high = x;
    else low = x;
    const density = exp((shape - 1) * log(x) - x - logGamma(shape));
    let next = x - error / density;
    if (!(next > low && next < high)) next = high === Infinity ? 2 * x : (low + high) / 2;
    if (Math.abs(next - x) <= 1e-13 * x || next <= Number.MIN_VALUE) return next * scale;
    x = next;
  }
  return x * scale;
}

/** From here on Wilson and Hilferty's cube is good to 1e-8, and series would take thousands of terms. */
const LARGE_SHAPE = 1e6;

function startOf(p: number, shape: number): number {
  const cube = 1 - 1 / (9 * shape) + normalQuantile(p) / (3 * Math.sqrt(shape));
  const start = shape * cube * cube * cube;
  // For small shapes the distribution is x^shape / Γ(shape + 1) near zero.
  return shape > 0.5 && start > 0 ? start : Math.max(power(p, 1 / shape) * exp(logGamma(shape + 1) / shape), 1e-300);
}

/** A positive finite number. @throws ForecastError `parameter-invalid` */
export function checkPositive(name: string, value: number): number {
  if (!(value > 0 && value < Infinity)) {
    throw new ForecastError('parameter-invalid', `${name} is ${value}, not a positive number`, { name, value });
  }
  return value;
}
