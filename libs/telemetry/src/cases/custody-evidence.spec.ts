import { describe, expect, it } from '@jest/globals';
import { type EvidencedLeg, missingEvidenceMs } from './custody-evidence.js';

const leg = (startedAt: number, endedAt: number | null, change: Partial<EvidencedLeg> = {}): EvidencedLeg => ({
  startedAt,
  endedAt,
  holdsUntil: endedAt,
  gapMs: 0,
  gaps: [],
  vouched: [],
  ...change,
});

describe('missingEvidenceMs', () => {
  it.each([
    ['nothing is missing from a whole leg', [leg(0, 100)], 0],
    ['all is missing without a leg', [], 100],
    ['the time before, between and after legs is missing', [leg(10, 40), leg(50, 90)], 30],
    ['gaps inside a leg are missing', [leg(0, 100, { gapMs: 7 })], 7],
    [
      'what was not read at the end is missing, beyond the interval of the last reading',
      [leg(0, 100, { holdsUntil: 70 })],
      30,
    ],
    ['a leg without any reading is missing as a whole', [leg(0, 100, { holdsUntil: null })], 100],
    [
      'packaging vouches for the end of a leg, for its hours',
      [
        leg(0, 100, {
          holdsUntil: 20,
          vouched: [
            [10, 50],
            [60, 200],
          ],
        }),
      ],
      10,
    ],
    [
      'what is known to be missing before or after does not count',
      [
        leg(-50, null, {
          holdsUntil: 100,
          gapMs: 37,
          gaps: [
            [-40, -10],
            [-3, 2],
          ],
        }),
      ],
      4,
    ],
    ['of two loggers the better one counts', [leg(0, 100, { gapMs: 50 }), leg(0, 100)], 0],
    ['legs of another time do not help', [leg(-50, -10), leg(100, 200)], 100],
  ])('%s', (_name, legs, missing) => {
    expect(missingEvidenceMs(legs, 0, 100)).toBe(missing);
  });
});
