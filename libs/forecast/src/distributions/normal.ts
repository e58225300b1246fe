import { ForecastError } from '../forecast-error.js';
import { exp, log } from '../numeric/elementary.js';
import { regularizedGammaUpper } from './incomplete-gamma.js';

const A = [
  3.3871328727963665, 133.14166789178438, 1971.5909503065513, 13731.69376550946, 45921.95393154987, 67265.7709270087,
  33430.57558358813, 2509.0809287301227,
];
const B = [
  1, 42.31333070160091, 687.1870074920579, 5394.196021424751, 21213.794301586597, 39307.89580009271, 28729.085735721943,
  5226.495278852854,
];
const C = [
  1.4234371107496835, 4.630337846156546, 5.769497221460691, 3.6478483247632045, 1.2704582524523684, 0.2417807251774506,
  0.022723844989269184, 0.0007745450142783414,
];
const D = [
  1, 2.053191626637759, 1.6763848301838038, 0.6897673349851, 0.14810397642748008, 0.015198666563616457,
  0.0005475938084995345, 1.0507500716444169e-9,
];
const E = [
  6.657904643501103, 5.463784911164114, 1.7848265399172913, 0.29656057182850487, 0.026532189526576124,
  0.0012426609473880784, 2.7115555687434876e-5, 2.0103343992922881e-7,
];
const F = [
  1, 0.599832206555888, 0.1369298809227358, 0.014875361290850615, 0.0007868691311456133, 1.8463183175100548e-5,
  1.421511758316446e-7, 2.0442631033899397e-15,
];

const polynomial = (coefficients: readonly number[], x: number): number =>
  coefficients.reduceRight((sum, coefficient) => sum * x + coefficient, 0);

/** A probability strictly between 0 and 1. @throws ForecastError `probability-invalid` */
export function checkProbability(p: number): number {
  if (!(p > 0 && p < 1)) {
    throw new ForecastError('probability-invalid', `${p} is not a probability between 0 and 1`, { probability: p });
  }
  return p;
}

/**
 * Quantile of the standard normal distribution, relative error about 1e-15.
 * Source: Wichura, Algorithm AS 241 (PPND16), Applied Statistics 37 (1988) 477. @throws ForecastError `probability-invalid`
 */
export function normalQuantile(p: number): number {
  const q = checkProbability(p) - 0.5;
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q;
    return (q * polynomial(A, r)) / polynomial(B, r);
  }
  const tail = Math.sqrt(-log(q < 0 ? p : 1 - p));
  const near = tail <= 5;
  const r = tail - (near ? 1.6 : 5);
  const z = near ? polynomial(C, r) / polynomial(D, r) : polynomial(E, r) / polynomial(F, r);
  return q < 0 ? -z : z;
}

/** P(Z ≤ z) of the standard normal distribution, relative error below 1e-13 also in the lower tail: ½ Q(½, z²/2). */
export function normalCdf(z: number): number {
  const tail = 0.5 * regularizedGammaUpper(0.5, (z * z) / 2);
  return z < 0 ? tail : 1 - tail;
}

/** Density of the standard normal distribution. */
export function normalDensity(z: number): number {
  return exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);
}
