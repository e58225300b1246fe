import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  attribute,
  forecastBudget,
  presetProfile,
  responsibilityFor,
  transitFinding,
  undeterminedOf,
} from './index.js';
import type { Exposure, ForecastQuestion, LegShare, ThermalProfile } from './index.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const exposure = (usedMs: readonly number[], freezeRunMs = 0): Exposure => ({ profile: 'p/1', usedMs, freezeRunMs });

describe('attribute', () => {
  it('adds up exactly: what was inherited and what each custodian spent is the total', () => {
    const share = fc.record<LegShare>({
      leg: fc.uuid(),
      custodian: fc.constantFrom('maker', 'carrier', 'pharmacy'),
      exposure: fc.tuple(fc.nat(1e12), fc.nat(1e12), fc.nat(1e9)).map(([one, two, run]) => exposure([one, two], run)),
      undeterminedMs: fc.array(fc.nat(1e12), { maxLength: 2 }),
    });
    fc.assert(
      fc.property(fc.array(share, { maxLength: 20 }), fc.nat(1e12), (legs, opening) => {
        const { total, inherited, undeterminedMs, custodians } = attribute(exposure([opening, 0]), legs);
        [0, 1].forEach((range) => {
          const parts = [inherited, ...custodians.map((custodian) => custodian.exposure)];
          const shared = parts.reduce((sum, part) => sum + (part.usedMs[range] ?? 0), undeterminedMs[range] ?? 0);
          expect(shared).toBe(total.usedMs[range]);
          expect(Math.min(...parts.map((part) => part.usedMs[range] ?? 0))).toBeGreaterThanOrEqual(0);
          expect(legs.reduce((sum, leg) => sum + (leg.exposure.usedMs[range] ?? 0), range === 0 ? opening : 0)).toBe(
            total.usedMs[range],
          );
        });
        expect(custodians.flatMap((custodian) => custodian.legs).toSorted()).toEqual(
          legs.map(({ leg }) => leg).toSorted(),
        );
      }),
    );
  });
});

describe('undeterminedOf', () => {
  const range = (name: string, limitMilliCelsius: number) =>
    ({ name, comparator: '>', limitMilliCelsius, allowedMs: HOUR }) as const;
  const profile: ThermalProfile = {
    ...presetProfile('2-8').thermal,
    ranges: [range('warm', 8000), range('hot', 15_000)],
    openingMs: [0, 0],
  };
  const warm = { rule: 'warm', openedAt: 0, closedAt: 100, durationMs: 100 };
  const hot = { rule: 'hot', openedAt: 20, closedAt: 50, durationMs: 30 };
  const elsewhere = { rule: 'hot', openedAt: 500, closedAt: 540, durationMs: 40 };

  it('counts a moment in the range in which the budget counted it', () => {
    expect(undeterminedOf(profile, [warm, hot, elsewhere])).toEqual([70, 70]);
    expect(undeterminedOf({ ...profile, combine: 'nested' }, [warm, hot])).toEqual([100, 30]);
    expect(undeterminedOf(profile, [])).toEqual([0, 0]);
  });
});

describe('responsibilityFor', () => {
  it.each([
    [90, 105, 'undetermined'],
    [90, 111, 'custodian'],
    [89, 100, 'custodian'],
    [110, 110, 'undetermined'],
    [95, null, 'custodian'],
  ] as const)('of an excursion from %d to %s around a change at 100 ± 10 is %s', (openedAt, closedAt, expected) => {
    expect(responsibilityFor({ openedAt, closedAt }, [100], 10, 200)).toBe(expected);
  });
});

describe('transitFinding', () => {
  it('is there beyond the longest transit, also while it lasts', () => {
    expect(transitFinding(10, 0, 10, 99)).toBeNull();
    expect(transitFinding(10, 0, 11, 99)).toEqual({ durationMs: 11, longestMs: 10 });
    expect(transitFinding(10, 0, null, 12)).toEqual({ durationMs: 12, longestMs: 10 });
    expect(transitFinding(null, 0, null, 12)).toBeNull();
  });
});

describe('forecastBudget', () => {
  const profile: ThermalProfile = {
    ...presetProfile('2-8').thermal,
    ranges: [{ name: 'warm', comparator: '>', limitMilliCelsius: 8000, allowedMs: 2 * HOUR }],
    openingMs: [0],
  };
  const ask = (celsius: (minute: number) => number, more: Partial<ForecastQuestion> = {}) =>
    forecastBudget({
      profile,
      spent: { profile: 'p/1', usedMs: [0], freezeRunMs: 0 },
      samples: Array.from({ length: 31 }, (_, minute) => {
        const milli = Math.round(celsius(minute) * 1000);
        return { at: minute * MINUTE, low: milli, high: milli };
      }),
      now: 30 * MINUTE,
      shippedAt: 0,
      laneHistoryMs: [3, 4, 5, 6, 10].map((hours) => hours * HOUR),
      ...more,
    });

  it('stays where it is without a slope', () => {
    expect(ask(() => 5)).toMatchObject({
      slopePerHour: 0,
      median: { arrivesAt: 5 * HOUR, exceeded: false, brokenAt: null, exposure: { usedMs: [0] } },
      late: { arrivesAt: 10 * HOUR },
    });
  });

  it('announces that a rise will spend the budget, and when, before it does', () => {
    const { slopePerHour, median, late } = ask((minute) => 5 + minute / 10);
    expect(slopePerHour).toBe(6000);
    expect(median).toMatchObject({ exceeded: true, freezeTripped: false });
    // 8.0 °C is there already, so two hours of it are over two hours from now.
    expect(median?.brokenAt).toBe(30 * MINUTE + 2 * HOUR + MINUTE);
    expect(late?.brokenAt).toBe(median?.brokenAt);
  });

  it('lets a rise die away instead of carrying it on for ever', () => {
    expect(ask((minute) => 5 + minute / 60)).toMatchObject({ late: { exceeded: false } });
  });

  it('announces freezing', () => {
    expect(ask((minute) => 2 - minute / 15)).toMatchObject({ late: { freezeTripped: true } });
  });

  it('counts from now for what is late already, and says nothing without history or samples', () => {
    expect(ask(() => 9, { laneHistoryMs: [1] }).median).toMatchObject({ arrivesAt: 30 * MINUTE, brokenAt: null });
    expect(ask(() => 9, { laneHistoryMs: [] })).toMatchObject({ median: null, late: null });
    expect(ask(() => 9, { samples: [] })).toMatchObject({ slopePerHour: 0, median: null });
  });
});
