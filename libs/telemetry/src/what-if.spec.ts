import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  addBounds,
  closeLeg,
  exposureBounds,
  foldReadings,
  legTotals,
  maximumOfBounds,
  mergeReadings,
  openingBounds,
  outcomeOf,
  presetProfile,
  startLeg,
} from './index.js';
import type { Exposure, FoldResult, Folded, LegEvidence, Reading, ThermalProfile } from './index.js';

const old: ThermalProfile = presetProfile('2-8').thermal;
const inOrder = (result: FoldResult): Folded => {
  if (result.late) throw new Error('late');
  return result;
};

/** What is kept of a leg that was folded with `profile`, and its exposure. */
function legOf(readings: readonly Reading[], profile: ThermalProfile): { evidence: LegEvidence; exposure: Exposure } {
  const start = startLeg([profile], { startedAt: 0, intervalMs: 10, leadMs: 0 });
  const { state } = inOrder(closeLeg(inOrder(foldReadings(start, mergeReadings(readings))).state, 400));
  const [exposure] = legTotals(state).exposures;
  if (exposure === undefined) throw new Error('no exposure');
  return { evidence: { ...state, known: { profile, exposure } }, exposure };
}

const celsius = fc.constantFrom(-600, -500, -450, 1900, 1950, 2000, 5000, 8000, 8001, 8050, 8100, 25_000);
const readings = fc.array(
  fc.record<Reading>({
    at: fc.integer({ min: 0, max: 390 }),
    milliCelsius: celsius,
    humidityPermille: fc.constant(null),
  }),
  { maxLength: 50 },
);
const limit = fc.constantFrom(-500, 1900, 2000, 8000, 8050, 8100);
const range = fc.record({
  comparator: fc.constantFrom('>' as const, '>=' as const, '<' as const, '<=' as const),
  limitMilliCelsius: limit,
  allowedMs: fc.integer({ min: 0, max: 120 }),
  activation: fc.constantFrom('cumulative' as const, 'consecutive' as const),
});
const another = fc
  .record({
    ranges: fc.array(range, { maxLength: 4 }),
    combine: fc.constantFrom('nested' as const, 'independent' as const, 'sum' as const),
    policy: fc.constantFrom('unknown' as const, 'last-value' as const, 'worst-plausible' as const),
    guardBandMilliCelsius: fc.constantFrom(0, 50, 100),
    freeze: fc.constantFrom(null, { comparator: '<=' as const, limitMilliCelsius: -500, consecutiveMs: 30 }),
  })
  .map(({ ranges, policy, ...more }): ThermalProfile => ({
    ...old,
    ...more,
    version: 2,
    ranges: ranges.map((one, index) => ({ ...one, name: `r${index}` })),
    gap: { allowedMs: 0, policy },
    openingMs: ranges.map(() => 0),
  }));

describe('exposureBounds', () => {
  it('holds what folding the readings with the other profile gives, and is exact on tenths', () => {
    fc.assert(
      fc.property(readings, another, (list, profile) => {
        const { evidence } = legOf(list, old);
        const { atLeast, atMost } = exposureBounds(evidence, profile);
        const { exposure } = legOf(list, profile);
        const onTenths =
          profile.ranges.every(({ limitMilliCelsius }) => limitMilliCelsius % 100 === 0) &&
          (profile.guardBandMilliCelsius ?? 0) % 100 === 0;
        exposure.usedMs.forEach((ms, index) => {
          expect(atLeast.usedMs[index]).toBeLessThanOrEqual(ms);
          expect(atMost.usedMs[index]).toBeGreaterThanOrEqual(ms);
          if (onTenths && profile.gap.policy !== 'worst-plausible') {
            expect([atLeast.usedMs[index], atMost.usedMs[index]]).toEqual([ms, ms]);
          }
        });
        expect(atLeast.freezeRunMs).toBeLessThanOrEqual(exposure.freezeRunMs);
        expect(atMost.freezeRunMs).toBeGreaterThanOrEqual(exposure.freezeRunMs);
        (exposure.longestMs ?? []).forEach((ms, index) => {
          expect(atLeast.longestMs?.[index]).toBeLessThanOrEqual(ms);
          expect(atMost.longestMs?.[index]).toBeGreaterThanOrEqual(ms);
        });
      }),
      { numRuns: 500 },
    );
  });

  it('is exact to the last ms for the profile that the leg was folded with', () => {
    fc.assert(
      fc.property(readings, (list) => {
        const { evidence, exposure } = legOf(list, old);
        expect(exposureBounds(evidence, old)).toEqual({ atLeast: exposure, atMost: exposure });
      }),
    );
  });
});

describe('outcomeOf', () => {
  const at = (milliCelsius: number): LegEvidence =>
    legOf([{ at: 0, milliCelsius, humidityPermille: null }], old).evidence;
  const strict = { ...old, gap: { allowedMs: 400, policy: 'unknown' as const }, freeze: null };

  it('says what holds at both ends, and that it cannot tell otherwise', () => {
    const between: ThermalProfile = {
      ...strict,
      ranges: [{ name: 'warm', comparator: '>', limitMilliCelsius: 8050, allowedMs: 0 }],
      openingMs: [0],
    };
    const outcome = (milliCelsius: number) => outcomeOf(between, exposureBounds(at(milliCelsius), between));
    expect([8000, 8040, 8060, 8100].map(outcome)).toEqual(['within', 'undetermined', 'undetermined', 'exceeded']);
  });

  it('adds legs and the opening balance, and takes the most of several sources', () => {
    const profile: ThermalProfile = {
      ...strict,
      ranges: [{ name: 'warm', comparator: '>', limitMilliCelsius: 8000, allowedMs: 24 }],
      openingMs: [5],
    };
    const leg = exposureBounds(at(9000), profile);
    const opening = openingBounds(profile);
    expect(addBounds(opening, leg).atMost.usedMs).toEqual([15]);
    expect(maximumOfBounds(profile, [leg, addBounds(leg, leg)]).atLeast.usedMs).toEqual([20]);
    expect(outcomeOf(profile, addBounds(leg, leg))).toBe('within');
    expect(outcomeOf(profile, addBounds(opening, addBounds(leg, leg)))).toBe('exceeded');
  });
});
