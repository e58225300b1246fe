import { describe, expect, it } from '@jest/globals';
import { formatDay, type Frequency, parseDay } from '@coldchain/forecast';
import { coverageOf, startOfPeriod } from './list-coverage.js';

const day = (text: string): number => parseDay(text) ?? Number.NaN;

/** The covered days of a list with spans written as [first, last, rows]. */
const covered = (spans: readonly [string, string, number][], frequency: Frequency): string[] =>
  [
    ...coverageOf(
      spans.map(([first, last, rows]) => ({ firstDay: day(first), lastDay: day(last), rows })),
      frequency,
    ).values(),
  ].map(({ from, until }) => `${formatDay(from)} ${formatDay(until)}`);

describe('coverageOf', () => {
  it('is up to the last day of a list by days, and the whole month of one by months', () => {
    const days = covered(
      [
        ['2026-02-01', '2026-02-28', 28],
        ['2026-03-01', '2026-03-09', 9],
      ],
      'month',
    );
    expect(days).toEqual(['2026-02-01 2026-03-01', '2026-03-01 2026-03-10']);
    const months = covered(
      [
        ['2026-02-01', '2026-02-01', 1],
        ['2026-03-01', '2026-03-01', 1],
      ],
      'month',
    );
    expect(months).toEqual(['2026-02-01 2026-03-01', '2026-03-01 2026-04-01']);
  });

  it('is up to the end of the last week of a list by weeks', () => {
    const weeks = covered(
      [
        ['2026-02-02', '2026-02-23', 4],
        ['2026-03-02', '2026-03-09', 2],
      ],
      'month',
    );
    expect(weeks.at(-1)).toBe('2026-03-01 2026-03-16');
  });

  it('begins with the first row, and leaves periods without rows alone', () => {
    const gap = covered(
      [
        ['2026-01-10', '2026-01-30', 15],
        ['2026-04-05', '2026-04-06', 2],
      ],
      'month',
    );
    expect(gap).toEqual(['2026-01-10 2026-01-31', '2026-04-05 2026-04-07']);
  });

  it('of single rows of days that have no rhythm is those days; of one at the end of a month the month', () => {
    expect(
      covered(
        [
          ['2026-01-10', '2026-01-10', 1],
          ['2026-03-05', '2026-03-05', 1],
        ],
        'month',
      ),
    ).toEqual(['2026-01-10 2026-01-11', '2026-03-05 2026-03-06']);
    expect(covered([['2026-01-31', '2026-01-31', 1]], 'month')).toEqual(['2026-01-01 2026-02-01']);
    expect(covered([['2026-01-14', '2026-01-14', 1]], 'month')).toEqual(['2026-01-14 2026-01-15']);
  });
});

describe('startOfPeriod', () => {
  it('is the Monday, the first of the month or quarter', () => {
    const at = day('2026-05-20');
    expect([startOfPeriod(at, 'day'), startOfPeriod(at, 'week'), startOfPeriod(at, 'month')].map(formatDay)).toEqual([
      '2026-05-20',
      '2026-05-18',
      '2026-05-01',
    ]);
    expect(formatDay(startOfPeriod(at, 'quarter'))).toBe('2026-04-01');
  });
});
