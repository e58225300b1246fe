import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { judgeBudget, presetProfile, shouldRecord } from './index.js';
import type { RecordedTotals, ThermalProfile } from './index.js';

const HOUR = 3_600_000;
const profile: ThermalProfile = {
  ...presetProfile('2-8').thermal,
  ranges: [
    { name: 'warm', comparator: '>', limitMilliCelsius: 8000, allowedMs: 10 * HOUR },
    { name: 'hot', comparator: '>', limitMilliCelsius: 25_000, allowedMs: HOUR },
  ],
  openingMs: [0, 0],
};
const sum: ThermalProfile = { ...profile, combine: 'sum' };
const used = (warm: number, hot: number, freezeRunMs = 0) => ({ usedMs: [warm, hot], freezeRunMs });

describe('judgeBudget', () => {
  it('is exceeded beyond the allowed time, not at it', () => {
    expect(judgeBudget(profile, used(10 * HOUR, HOUR))).toMatchObject({ exceeded: false, spentTenths: 10 });
    expect(judgeBudget(profile, used(10 * HOUR + 1, 0))).toMatchObject({ exceeded: true, spentTenths: 10 });
    expect(judgeBudget(profile, used(0, 2 * HOUR)).byRange[1]).toEqual({
      name: 'hot',
      activation: 'cumulative',
      usedMs: 2 * HOUR,
      allowedMs: HOUR,
      exceeded: true,
    });
  });

  it('adds the shares of all ranges exactly where they are to be summed', () => {
    expect(judgeBudget(sum, used(5 * HOUR, HOUR / 2))).toMatchObject({ exceeded: false, spentTenths: 10 });
    expect(judgeBudget(sum, used(5 * HOUR, HOUR / 2 + 1))).toMatchObject({ exceeded: true, spentTenths: 10 });
    expect(judgeBudget(profile, used(5 * HOUR, HOUR / 2 + 1)).exceeded).toBe(false);
  });

  it('trips the freeze rule at its consecutive time', () => {
    expect(judgeBudget(profile, used(0, 0, HOUR - 1)).freezeTripped).toBe(false);
    expect(judgeBudget(profile, used(0, 0, HOUR)).freezeTripped).toBe(true);
  });

  it('takes any time in a range that allows none as too much', () => {
    const strict = presetProfile('2-8').thermal;
    expect(judgeBudget(strict, used(0, 0))).toMatchObject({ exceeded: false, spentTenths: 0 });
    expect(judgeBudget({ ...strict, combine: 'sum' }, used(1, 0))).toMatchObject({ exceeded: true, spentTenths: 11 });
  });
});

describe('shouldRecord', () => {
  const totals = (warm: number, more: Partial<RecordedTotals> = {}): RecordedTotals => ({
    durationMs: warm,
    gapMs: 0,
    coldestMilliCelsius: 2000,
    hottestMilliCelsius: 9000,
    exposures: [{ profile: '00000000000000/1', usedMs: [warm, 0], freezeRunMs: 0 }],
    final: false,
    ...more,
  });

  it('records each tenth of a budget, and the moment it is exceeded', () => {
    let previous: RecordedTotals | null = null;
    const recorded: number[] = [];
    for (let minutes = 1; minutes <= 660; minutes++) {
      const now = totals(minutes * 60_000);
      if (!shouldRecord(previous, now, profile)) continue;
      recorded.push(minutes);
      previous = now;
    }
    expect(recorded).toEqual([60, 120, 180, 240, 300, 360, 420, 480, 540, 600, 601, 660]);
  });

  it('notices the limit where it really is when most was spent before', () => {
    const before = { profile: '00000000000000/1', usedMs: [9.95 * HOUR, 0], freezeRunMs: 0 };
    expect(shouldRecord(null, totals(0.06 * HOUR), profile)).toBe(false);
    expect(shouldRecord(null, totals(0.06 * HOUR), profile, before)).toBe(true);
  });

  it('records daily, at the end, and after the end what changed', () => {
    expect(shouldRecord(totals(0), totals(0, { durationMs: 24 * HOUR }), profile)).toBe(true);
    expect(shouldRecord(totals(0), totals(0, { durationMs: 24 * HOUR - 1 }), profile)).toBe(false);
    const ended = totals(0, { final: true });
    expect(shouldRecord(totals(0), ended, profile)).toBe(true);
    expect(shouldRecord(ended, ended, profile)).toBe(false);
    expect(shouldRecord(ended, totals(0, { final: true, gapMs: 1 }), profile)).toBe(true);
  });

  it('never lets a budget be exceeded unrecorded, however coarse the steps', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 5 * HOUR }), { minLength: 1 }), (steps) => {
        let spentMs = 0;
        let previous: RecordedTotals | null = null;
        for (const step of steps) {
          spentMs += step;
          const now = totals(spentMs, { durationMs: 0 });
          if (shouldRecord(previous, now, profile)) previous = now;
          const told = previous === null ? false : judgeBudget(profile, previous.exposures[0] ?? used(0, 0)).exceeded;
          expect(told).toBe(spentMs > 10 * HOUR);
        }
      }),
    );
  });
});
