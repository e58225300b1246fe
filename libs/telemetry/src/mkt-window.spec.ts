import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MktStream, presetProfile } from './index.js';
import type { MktResult, PresetName, ThermalProfile } from './index.js';

const HOUR = 3_600_000;

/** `[°C, hours]` one after the other; a temperature of null is a gap. */
function mkt(
  name: PresetName,
  times: readonly (readonly [celsius: number | null, hours: number])[],
  more: Partial<ThermalProfile> = {},
): MktResult {
  const profile = { ...presetProfile(name).thermal, ...more };
  if (profile.mkt === undefined) throw new Error('no rule');
  const stream = new MktStream(profile.mkt, profile, 83.144, 0);
  let at = 0;
  for (const [celsius, hours] of times) {
    at += hours * HOUR;
    if (celsius === null) stream.gap(at);
    else stream.hold(celsius * 1000, celsius * 1000, at);
  }
  return stream.result();
}
const reasonOf = (result: MktResult): string => (result.applicable ? 'applies' : result.reason);

describe('MktStream', () => {
  it.each([
    [
      '2-8',
      [
        [5, 18],
        [14, 6],
      ],
      8.2852,
      true,
      'applies',
    ],
    [
      '2-8',
      [
        [5, 23],
        [15, 1],
      ],
      5.7635,
      false,
      'applies',
    ],
    [
      '2-8',
      [
        [5, 22],
        [25, 2],
      ],
      9.8252,
      true,
      'above-ceiling',
    ],
    [
      'crt-15-25',
      [
        [22, 29 * 24],
        [40, 24],
      ],
      23.5996,
      false,
      'applies',
    ],
    [
      '2-8',
      [
        [2, 12],
        [8, 12],
      ],
      5.5364,
      false,
      'applies',
    ],
    ['2-8', [[5, 24]], 5, false, 'applies'],
  ] as const)('%s over %j is %d °C, exceeded %s, %s', (name, times, celsius, exceeded, says) => {
    const result = mkt(name, times);
    expect(result.highestCelsius).toBeCloseTo(celsius, 4);
    expect(result.exceeded).toBe(exceeded);
    expect(reasonOf(result)).toBe(says);
  });

  it.each([
    ['window-not-full', '2-8', [[5, 23.9]]],
    [
      'gaps',
      '2-8',
      [
        [5, 12],
        [null, 1],
        [5, 12],
      ],
    ],
    [
      'freezing',
      '2-8',
      [
        [5, 12],
        [-0.5, 0.5],
        [5, 12],
      ],
    ],
    [
      'repeated-excursions',
      '2-8',
      [
        [5, 6],
        [9, 1],
        [5, 6],
        [9, 1],
        [5, 12],
      ],
    ],
    [
      'above-ceiling',
      'crt-15-25',
      [
        [22, 24 * 30],
        [40.1, 1],
      ],
    ],
    [
      'applies',
      '2-8',
      [
        [5, 12],
        [null, 0.5],
        [5, 12],
      ],
    ],
    // The two excursions are never in one window.
    [
      'applies',
      '2-8',
      [
        [5, 6],
        [9, 1],
        [5, 24],
        [9, 1],
        [5, 12],
      ],
    ],
  ] as const)('says %s of %s over %j', (says, name, times) => {
    expect(reasonOf(mkt(name, times))).toBe(says);
  });

  it('does not apply to frozen storage', () => {
    const rule = { windowMs: 24 * HOUR, limitMilliCelsius: -15_000, ceilingMilliCelsius: null };
    expect(reasonOf(mkt('frozen-vaccine', [[-20, 48]], { mkt: rule }))).toBe('frozen-storage');
  });

  it('finds the warmest window wherever it lies, and says from when to when', () => {
    const result = mkt('2-8', [
      [5, 40],
      [9, 24],
      [5, 40],
    ]);
    expect(result).toMatchObject({ applicable: true, from: 40 * HOUR, to: 64 * HOUR });
  });

  it('gives the same to the bit however time is cut into pieces', () => {
    const pieces = fc.array(fc.tuple(fc.integer({ min: 2000, max: 14_000 }), fc.integer({ min: 1, max: 4000 })), {
      minLength: 1,
      maxLength: 40,
    });
    const { thermal } = presetProfile('2-8');
    const rule = { windowMs: 14_400, limitMilliCelsius: 8000, ceilingMilliCelsius: null };
    fc.assert(
      fc.property(pieces, (list) => {
        const run = (cut: boolean): MktResult => {
          const stream = new MktStream(rule, thermal, 83.144, 0);
          let at = 0;
          for (const [milli, durationMs] of list) {
            const end = at + durationMs;
            if (cut) for (at++; at < end; at++) stream.hold(milli, milli, at);
            at = end;
            stream.hold(milli, milli, end);
          }
          return stream.result();
        };
        expect(run(true)).toEqual(run(false));
      }),
    );
  });
});
