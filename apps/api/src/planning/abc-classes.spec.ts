import { describe, expect, it } from '@jest/globals';
import { productClasses } from './abc-classes.js';

const year = (product: string, quantity: number, unitPrice: number | null = null) => ({ product, quantity, unitPrice });

describe('classes of products', () => {
  it('go by what a year costs, not by how many units it is', () => {
    const classes = productClasses([
      year('antibody', 10, 900),
      year('insulin', 300, 4),
      year('paracetamol', 9_000, 0.02),
    ]);
    expect(Object.fromEntries(classes)).toEqual({
      antibody: { abc: 'A', basis: 'value' },
      insulin: { abc: 'B', basis: 'value' },
      paracetamol: { abc: 'C', basis: 'value' },
    });
  });

  it('go by volume where no price is known, and say so', () => {
    const classes = productClasses([year('a', 850), year('b', 120), year('c', 30)]);
    expect(Object.fromEntries(classes)).toEqual({
      a: { abc: 'A', basis: 'volume' },
      b: { abc: 'B', basis: 'volume' },
      c: { abc: 'C', basis: 'volume' },
    });
  });

  it('compare a product without a price by volume only, and those with one among themselves', () => {
    const classes = productClasses([year('cheap', 10, 1), year('dear', 10, 99), year('unknown', 20)]);
    expect(Object.fromEntries(classes)).toEqual({
      cheap: { abc: 'C', basis: 'value' },
      dear: { abc: 'A', basis: 'value' },
      unknown: { abc: 'A', basis: 'volume' },
    });
  });

  it('give the least class to what nobody asks for, and to what came back', () => {
    expect(productClasses([year('none', 0), year('returned', -5), year('one', 1)]).get('returned')?.abc).toBe('C');
    expect(productClasses([]).size).toBe(0);
  });
});
