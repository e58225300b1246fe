import { at } from './at.js';

/**
 * Solution x of A x = b for a symmetric positive definite A, row by row, by Cholesky's method.
 * @param matrix is overwritten by its factor
 */
export function solveSymmetric(matrix: Float64Array, right: Float64Array): Float64Array {
  const size = right.length;
  const x = right.slice();
  for (let row = 0; row < size; row++) {
    for (let column = 0; column <= row; column++) {
      let sum = at(matrix, row * size + column);
      for (let k = 0; k < column; k++) sum -= at(matrix, row * size + k) * at(matrix, column * size + k);
      matrix[row * size + column] = row === column ? Math.sqrt(sum) : sum / at(matrix, column * size + column);
    }
  }
  for (let row = 0; row < size; row++) {
    for (let k = 0; k < row; k++) x[row] = at(x, row) - at(matrix, row * size + k) * at(x, k);
    x[row] = at(x, row) / at(matrix, row * size + row);
  }
  for (let row = size - 1; row >= 0; row--) {
    for (let k = row + 1; k < size; k++) x[row] = at(x, row) - at(matrix, k * size + row) * at(x, k);
    x[row] = at(x, row) / at(matrix, row * size + row);
  }
  return x;
}
