import { describe, expect, it } from '@jest/globals';
import { decimalOf } from './decimal.js';

describe('decimalOf', () => {
  it.each([
    ['0', 0],
    ['-2.5', -2.5],
    ['+3', 3],
    [' 7 ', 7],
    ['.5', 0.5],
    ['1.', 1],
    ['1e15', 1e15],
    ['2.5E-3', 0.0025],
    ['1e400', Infinity],
  ])('reads %j', (text, value) => expect(decimalOf(text)).toBe(value));

  it.each(['', ' ', '\t', '0x10', '0b1', '1,5', '1 000', 'NaN', 'Infinity', '-', 'e5', '1e', '--1'])(
    'takes %j for no number',
    (text) => expect(decimalOf(text)).toBeNaN(),
  );
});
