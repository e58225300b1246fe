import { expect, it } from '@jest/globals';
import { solveSymmetric } from './solve-symmetric.js';

it('solves a symmetric system: 4, 2, 2 / 2, 5, 3 / 2, 3, 6 times 1, −2, 3', () => {
  const x = solveSymmetric(Float64Array.of(4, 2, 2, 2, 5, 3, 2, 3, 6), Float64Array.of(6, 1, 14));
  expect([...x]).toEqual([1, -2, 3].map((value) => expect.closeTo(value, 12)));
});
