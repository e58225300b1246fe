import { describe, expect, it } from '@jest/globals';
import { judgeBudget, presetProfile } from './index.js';
import type { ThermalProfile } from './index.js';

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
