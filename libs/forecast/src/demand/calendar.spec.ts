import { describe, expect, it } from '@jest/globals';
import { byPeriod, dayAfter, endOfPeriod, formatDay, parseDay, periodOf } from './calendar.js';

const day = (text: string): number => parseDay(text) as number;
const rows = (...entries: [string, number | null][]) =>
  entries.map(([date, quantity]) => ({ day: day(date), quantity, available: 1 }));

describe('calendar', () => {
  it('knows days, and what is none', () => {
    expect(day('1970-01-02')).toBe(1);
    expect(formatDay(day('2024-02-29'))).toBe('2024-02-29');
    for (const text of ['2023-02-29', '2024-13-01', '1/26/2014', '2024-1-1', '2024-01-01T00:00', ''])
      expect(parseDay(text)).toBeNull();
  });

  it('weeks go from Monday to Sunday, over the end of a year too', () => {
    expect(periodOf(day('2026-11-23'), 'week')).toBe(periodOf(day('2026-11-29'), 'week'));
    expect(periodOf(day('2026-11-30'), 'week')).toBe(periodOf(day('2026-11-29'), 'week') + 1);
    expect(periodOf(day('2020-12-31'), 'week')).toBe(periodOf(day('2021-01-03'), 'week'));
    expect(formatDay(endOfPeriod(day('2026-11-25'), 'week'))).toBe('2026-11-30');
  });

  it('a later period is named as the last one was', () => {
    const later = (text: string, steps: number): string => formatDay(dayAfter(day(text), 'month', steps));
    expect([later('2024-01-31', 1), later('2024-02-29', 1), later('2024-01-30', 1), later('2024-11-01', 3)]).toEqual([
      '2024-02-29',
      '2024-03-31',
      '2024-02-29',
      '2025-02-01',
    ]);
    expect(formatDay(dayAfter(day('2024-10-01'), 'quarter', 2))).toBe('2025-04-01');
    expect(formatDay(endOfPeriod(day('2024-11-15'), 'quarter'))).toBe('2025-01-01');
  });
});

describe('rows by period', () => {
  it('add up within a period, in any order; a missing period is a hole, an unknown quantity too', () => {
    const { quantities, lastDay } = byPeriod(
      rows(['2024-04-02', 7], ['2024-01-05', 1], ['2024-01-20', 2], ['2024-02-01', null]),
      'month',
    );
    expect(quantities).toEqual([3, null, null, 7]);
    expect(formatDay(lastDay)).toBe('2024-04-02');
  });

  it('are not known where one row of the period is not', () => {
    const { quantities } = byPeriod(
      rows(['2024-01-05', 4], ['2024-01-20', null], ['2024-01-30', 2], ['2024-02-01', 3]),
      'month',
    );
    expect(quantities).toEqual([null, 3]);
  });

  it('of a list of demands: what is not in it was nothing', () => {
    expect(byPeriod(rows(['2024-01-05', 1], ['2024-04-01', 2], ['2024-08-01', 3]), 'month').quantities).toEqual([
      1, 0, 0, 2, 0, 0, 0, 3,
    ]);
    // A zero that is written shows that zeros are written here: then the rest are holes.
    expect(byPeriod(rows(['2024-01-05', 1], ['2024-04-01', 0], ['2024-08-01', 3]), 'month').quantities[1]).toBeNull();
  });

  it('refuse the same day twice, and a span that only a wrong date can have', () => {
    const invalid = expect.objectContaining({ code: 'calendar-invalid' });
    expect(() => byPeriod(rows(['2024-01-05', 1], ['2024-01-05', 1]), 'month')).toThrow(invalid);
    expect(() => byPeriod(rows(['1850-01-05', 1], ['2024-01-05', 1]), 'day')).toThrow(invalid);
    expect(() => byPeriod([], 'day')).toThrow(expect.objectContaining({ code: 'series-empty' }));
  });
});
