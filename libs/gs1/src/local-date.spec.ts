import { describe, expect, it } from '@jest/globals';
import { dayOfYymmdd, fullYear, parseLocalDate, yymmddOf } from './index.js';

describe('two-digit years', () => {
  it.each([
    [26, 2026, 2026],
    [76, 2026, 2076],
    [77, 2026, 1977],
    [99, 2026, 1999],
    [0, 2026, 2000],
    [10, 2060, 2110],
    [11, 2060, 2011],
    [49, 1999, 2049],
    [50, 1999, 1950],
  ])('%i seen in %i is %i', (year, reference, expected) => {
    expect(fullYear(year, reference)).toBe(expected);
  });
});

describe('days', () => {
  it('take day 00 for the end of the month', () => {
    expect(dayOfYymmdd('280200', 2026)).toBe('2028-02-29');
    expect(dayOfYymmdd('270200', 2026)).toBe('2027-02-28');
    expect(yymmddOf(dayOfYymmdd('281231', 2026))).toBe('281231');
  });

  it.each(['260230', '261301', '260001', '270229', '260431', '2612'])('refuses %s', (digits) => {
    expect(() => dayOfYymmdd(digits, 2026)).toThrow(expect.objectContaining({ code: 'date-invalid' }));
  });

  it('refuses day 00 where it has no meaning', () => {
    expect(() => dayOfYymmdd('260200', 2026, false)).toThrow(expect.objectContaining({ code: 'date-invalid' }));
  });

  it('reads only days that exist', () => {
    expect(parseLocalDate('2026-12-31')).toBe('2026-12-31');
    for (const text of ['2026-02-29', '2026-1-1', '26-01-01', '2026-13-01', '2026-04-31 ', '2026-00-10']) {
      expect(() => parseLocalDate(text)).toThrow(expect.objectContaining({ code: 'date-invalid' }));
    }
  });
});
