import { describe, expect, it } from '@jest/globals';
import { columnsOf, type Columns, readDemandLine } from './demand-line.js';

const HEADER = ['Product', 'date', 'quantity', 'site', 'source', 'available'];
const COLUMNS = columnsOf(HEADER) as Columns;
const DEFAULTS = { site: '9520003000018', source: 'dispensed' } as const;
const read = (...fields: readonly string[]) => readDemandLine(2, fields, COLUMNS, DEFAULTS);

/** The code of the problem, or nothing. */
function problemOf(...fields: readonly string[]): string | null {
  const line = read(...fields);
  return 'problem' in line ? line.problem.code : null;
}

describe('columnsOf', () => {
  it('names what a header lacks', () => {
    expect(columnsOf(['date', 'site'])).toEqual(['product', 'quantity']);
    expect(columnsOf(['quantity', 'PRODUCT', 'date'])).toMatchObject({ product: 1, quantity: 0, site: -1 });
  });
});

describe('readDemandLine', () => {
  it('takes what is not said from the defaults', () => {
    expect(read('tablet', '2026-01-05', '3')).toEqual({
      line: 2,
      product: 'tablet',
      site: '9520003000018',
      source: 'dispensed',
      day: '2026-01-05',
      quantity: 3,
      available: 1,
    });
    expect(read('tablet', '2026-01-05', '-2.5', 'Ward 3', 'issued', '0.25')).toMatchObject({
      site: 'Ward 3',
      source: 'issued',
      quantity: -2.5,
      available: 0.25,
    });
  });

  it('writes a GTIN in its fourteen digits, and knows a wrong one', () => {
    expect(read('9520001100017', '2026-01-05', '1')).toMatchObject({ product: '09520001100017' });
    expect(problemOf('9520001100018', '2026-01-05', '1')).toBe('product-invalid');
    // Seven digits are no GTIN and may be the code of an article.
    expect(problemOf('1234567', '2026-01-05', '1')).toBeNull();
  });

  it.each(['', '  ', 'NA', 'null', 'NaN'])('takes %j for a quantity that is not known', (text) => {
    expect(read('tablet', '2026-01-05', text)).toMatchObject({ quantity: null });
  });

  it.each([
    ['product-invalid', ['', '2026-01-05', '1']],
    ['product-invalid', ['a b', '2026-01-05', '1']],
    ['date-invalid', ['a', '2026-02-29', '1']],
    ['date-invalid', ['a', '05.01.2026', '1']],
    ['date-invalid', ['a', '1969-12-31', '1']],
    ['date-invalid', ['a', '2200-01-01', '1']],
    ['quantity-invalid', ['a', '2026-01-05', '1,5']],
    ['quantity-invalid', ['a', '2026-01-05', '0x10']],
    ['quantity-invalid', ['a', '2026-01-05', 'Infinity']],
    ['quantity-invalid', ['a', '2026-01-05', '1e16']],
    ['source-unknown', ['a', '2026-01-05', '1', '', 'sold']],
    ['available-invalid', ['a', '2026-01-05', '1', '', '', '-0.1']],
    ['site-invalid', ['a', '2026-01-05', '1', 'x'.repeat(64)]],
    ['site-invalid', ['a', '2026-01-05', '1', 'a\u0007']],
  ])('tells %s of %j', (code, fields) => {
    expect(problemOf(...fields)).toBe(code);
  });

  it('names the series of a bad row, so that nothing is taken of it', () => {
    expect(read('tablet', 'never', '1', 'Ward 3', 'issued')).toMatchObject({
      product: 'tablet',
      site: 'Ward 3',
      source: 'issued',
    });
  });
});
