import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { judgeBudget } from '../budget.js';
import { presetProfile } from '../profiles.js';
import { type ThermalProfile, thermalProfileId } from '../thermal-profile.js';
import { triage, type TriageQuestion } from './triage.js';

const HOUR_MS = 3_600_000;
const PROFILE: ThermalProfile = {
  ...presetProfile('2-8').thermal,
  ranges: [
    { name: 'up to 25', comparator: '>', limitMilliCelsius: 8_000, allowedMs: 48 * HOUR_MS },
    { name: 'up to 40', comparator: '>', limitMilliCelsius: 25_000, allowedMs: 2 * HOUR_MS },
  ],
  combine: 'independent',
  openingMs: [0, 0],
  freeze: { comparator: '<=', limitMilliCelsius: -500, consecutiveMs: HOUR_MS },
};
/** Its first range counts pieces of time. */
const PIECES: ThermalProfile = {
  ...PROFILE,
  ranges: [
    { name: 'up to 25', comparator: '>', limitMilliCelsius: 8_000, allowedMs: 48 * HOUR_MS, activation: 'consecutive' },
  ],
  openingMs: [0],
};
const question = (change: Partial<TriageQuestion> = {}): TriageQuestion => ({
  profile: PROFILE,
  spent: { profile: thermalProfileId(PROFILE), usedMs: [8 * HOUR_MS, 0], freezeRunMs: 0 },
  objection: null,
  failedAt: 0,
  ambientMilliCelsius: 22_000,
  now: HOUR_MS,
  ...change,
});

describe('triage', () => {
  it.each([
    ['usable where the place is within storage', { ambientMilliCelsius: 7_000 }, { answer: 'usable' }],
    ['usable until the published budget is spent', {}, { answer: 'usable-until', until: 40 * HOUR_MS }],
    ['sooner where it is hotter', { ambientMilliCelsius: 30_000 }, { answer: 'usable-until', until: 2 * HOUR_MS }],
    ['held when that time has passed', { now: 41 * HOUR_MS }, { answer: 'hold', reason: 'budget-spent' }],
    ['held where nothing is published for cold', { ambientMilliCelsius: 1_000 }, { reason: 'no-published-budget' }],
    ['held at once where it freezes', { ambientMilliCelsius: -1_000 }, { reason: 'freezing' }],
    ['held where nothing is known', { spent: null }, { reason: 'not-known' }],
    ['held what is in quarantine', { objection: 'quarantined', ambientMilliCelsius: 5_000 }, { reason: 'quarantined' }],
    ['held what is recalled', { objection: 'recalled', ambientMilliCelsius: 5_000 }, { reason: 'recalled' }],
    [
      'held within the guard band of freezing',
      { profile: { ...PROFILE, guardBandMilliCelsius: 500 }, ambientMilliCelsius: 0 },
      { answer: 'hold', reason: 'freezing' },
    ],
    [
      'usable no longer than the longest piece leaves',
      { profile: PIECES, spent: { profile: 'x', usedMs: [9 * HOUR_MS], freezeRunMs: 0, longestMs: [3 * HOUR_MS] } },
      { answer: 'usable-until', until: HOUR_MS * 45 },
    ],
    ['no longer for a failure that is told ahead', { failedAt: 9 * HOUR_MS }, { until: 41 * HOUR_MS }],
  ] as const)('%s', (_name, change, answer) => {
    expect(triage(question(change))).toMatchObject(answer);
  });

  it('never calls usable longer than the budget itself would', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 60 }),
        fc.nat({ max: 3 }),
        fc.integer({ min: 8_001, max: 45_000 }),
        fc.constantFrom('independent' as const, 'nested' as const, 'sum' as const),
        (firstHours, secondHours, ambientMilliCelsius, combine) => {
          const profile = { ...PROFILE, combine };
          const spent = {
            profile: thermalProfileId(profile),
            usedMs: [firstHours * HOUR_MS, secondHours * HOUR_MS],
            freezeRunMs: 0,
          };
          const answer = triage(question({ profile, spent, ambientMilliCelsius }));
          if (answer.answer !== 'usable-until') return true;
          const isHot = ambientMilliCelsius > 25_000;
          const used = [...spent.usedMs];
          if (!isHot || combine === 'nested') used[0] = (used[0] ?? 0) + answer.until;
          if (isHot) used[1] = (used[1] ?? 0) + answer.until;
          return !judgeBudget(profile, { usedMs: used, freezeRunMs: 0 }).exceeded;
        },
      ),
    );
  });
});
