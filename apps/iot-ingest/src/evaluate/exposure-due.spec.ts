import { describe, expect, it } from '@jest/globals';
import type { LegRecord, ProductProfile, UnitState } from '@coldchain/chaincode/protocol';
import { DAY_MS, exposureDue, type ExposureQuestion } from './exposure-due.js';

const profile: ProductProfile = {
  gtin: '09520001100015',
  version: 1,
  storage: { minMilliCelsius: 2000, maxMilliCelsius: 8000 },
  ranges: [{ name: 'above 8', comparator: '>', limitMilliCelsius: 8000, allowedMs: 1000 }],
  combine: 'independent',
  freeze: { comparator: '<=', limitMilliCelsius: -500, consecutiveMs: 600 },
  humidity: null,
  evidence: 'logger',
  gap: { allowedMs: 0, policy: 'unknown' },
  longestTransitMs: null,
  openingMs: [0],
};
const exposure = (usedMs: number, freezeRunMs = 0) => ({ profile: '09520001100015/1', usedMs: [usedMs], freezeRunMs });
const record = (usedMs: number, freezeRunMs = 0): LegRecord => ({
  leg: 'a'.repeat(64),
  revision: 1,
  custodian: 'DistributorMSP:x',
  startedAt: 0,
  durationMs: 5000,
  gapMs: 0,
  coldestMilliCelsius: 4000,
  hottestMilliCelsius: 9000,
  exposures: [exposure(usedMs, freezeRunMs)],
  histogram: 'b'.repeat(64),
});

const unitWith = (used: number): UnitState => {
  const thermal = { exposures: [exposure(used)], gapMs: 0, coldestMilliCelsius: null, hottestMilliCelsius: null };
  return {
    unit: 'c'.repeat(64),
    status: 'held-by-custodian',
    custodian: 'DistributorMSP:x',
    previousCustodians: [],
    receiver: null,
    claimedBy: null,
    parent: null,
    children: [],
    batches: [],
    inherited: thermal,
    legs: [],
    heirs: [],
    heirTimes: [],
    loosePacks: true,
    total: thermal,
    holds: [],
    lastEventTime: 0,
  };
};

/** A unit whose total is `total`, of which the leg in question has told `told`, and now has `used`. */
function question(
  total: number,
  told: number | null,
  used: number,
  changes: Partial<ExposureQuestion> = {},
): ExposureQuestion {
  return {
    unit: unitWith(total),
    profiles: [profile],
    recorded: told === null ? null : record(told),
    recordedAt: told === null ? null : 0,
    now: 1000,
    current: record(used),
    ended: false,
    outside: false,
    ...changes,
  };
}

describe('exposureDue', () => {
  it('tells a leg for the first time, and then waits while no tenth is passed', () => {
    expect(exposureDue(question(0, null, 0))).toBe('day-passed');
    expect(exposureDue(question(10, 10, 50))).toBeNull();
  });

  it('tells each tenth of the unit’s budget, whoever spent the rest of it', () => {
    expect(exposureDue(question(10, 10, 100))).toBe('budget-passed');
    expect(exposureDue(question(990, 0, 9))).toBeNull();
    expect(exposureDue(question(990, 0, 11))).toBe('budget-passed');
  });

  it('tells at once what goes beyond an assessment whose hold was released', () => {
    const released = (used: number): UnitState => ({
      ...unitWith(used),
      releases: [
        {
          kind: 'thermal',
          reason: 'budget-exceeded',
          commitment: 'd'.repeat(64),
          releasedBy: 'DistributorMSP:x',
          releasedAt: 0,
          releasedWith: 'e'.repeat(64),
          exposures: [exposure(used)],
        },
      ],
    });
    expect(exposureDue(question(1110, 1110, 1111))).toBeNull();
    expect(exposureDue(question(1110, 1110, 1111, { unit: released(1110) }))).toBe('budget-passed');
    expect(exposureDue(question(1110, 1110, 1110, { unit: released(1110) }))).toBeNull();
    const held = { kind: 'thermal', reason: 'budget-exceeded', placedBy: 'x', commitment: 'f', placedAt: 0 } as const;
    const heldAgain = { ...released(1110), holds: [held] };
    expect(exposureDue(question(1110, 1110, 1111, { unit: heldAgain, outside: true }))).toBeNull();
  });

  it('tells all of it when a held unit is within its limits again, so that it can be assessed', () => {
    const held = { kind: 'thermal', reason: 'budget-exceeded', placedBy: 'x', commitment: 'f', placedAt: 0 } as const;
    const unit: UnitState = { ...unitWith(1110), holds: [held] };
    expect(exposureDue(question(1110, 1110, 1111, { unit, outside: true }))).toBeNull();
    expect(exposureDue(question(1110, 1110, 1111, { unit }))).toBe('budget-passed');
    const later = { ...record(1110), durationMs: 6000 };
    expect(exposureDue(question(1110, 1110, 1110, { unit, current: later }))).toBeNull();
    expect(exposureDue(question(1110, 1110, 1111, { unit: { ...unit, holds: [] } }))).toBeNull();
  });

  it('tells the freeze rule at once', () => {
    expect(exposureDue(question(0, 0, 1, { current: record(1, 600) }))).toBe('budget-passed');
    expect(exposureDue(question(0, 0, 1, { current: record(1, 599) }))).toBeNull();
  });

  it('tells once a day, at the end of the leg, and again when an ended leg changes', () => {
    expect(exposureDue(question(10, 10, 11, { now: DAY_MS }))).toBe('day-passed');
    expect(exposureDue(question(10, null, 10, { ended: true }))).toBe('leg-ended');
    expect(exposureDue(question(10, 10, 12, { ended: true }))).toBe('leg-revised');
    expect(exposureDue(question(10, 10, 10, { ended: true }))).toBeNull();
  });
});
