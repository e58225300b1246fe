import { at } from './at.js';

/**
 * Solves A x = b for a symmetric positive definite A (row-major, overwritten) by Cholesky factors.
 * Null when a pivot shows that A is singular to working precision.
 */
export function solveSymmetric(a: Float64Array, b: ArrayLike<number>): Float64Array | null {
  const n = b.length;
  for (let j = 0; j < n; j++) {
    const diagonal = at(a, j * n + j);
    let pivot = diagonal;
    for (let k = 0; k < j; k++) pivot -= at(a, j * n + k) * at(a, j * n + k);
    if (!(pivot > 1e-13 * diagonal)) return null;
    const root = Math.sqrt(pivot);
    a[j * n + j] = root;
    for (let i = j + 1; i < n; i++) {
      let sum = at(a, i * n + j);
      for (let k = 0; k < j; k++) sum -= at(a, i * n + k) * at(a, j * n + k);
      a[i * n + j] = sum / root;
    }
  }
  const x = Float64Array.from(b);
  for (let i = 0; i < n; i++) {
    let sum = at(x, i);
    for (let k = 0; k < i; k++) sum -= at(a, i * n + k) * at(x, k);
    x[i] = sum / at(a, i * n + i);
  }
  for (let i = n - 1; i >= 0; i--) {
    let sum = at(x, i);
    for (let k = i + 1; k < n; k++) sum -= at(a, k * n + i) * at(x, k);
    x[i] = sum / at(a, i * n + i);
  }
  return x;
}
