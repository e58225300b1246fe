import { describe, expect, it } from '@jest/globals';
import {
  carryOf,
  closeLeg,
  evaluateAt,
  foldReadings,
  judgeBudget,
  legTotals,
  presetProfile,
  startLeg,
} from '../index.js';
import type { Excursion, Exposure, ExposureRange, FoldResult, Folded, LegStart, ThermalProfile } from '../index.js';

const INTERVAL = 10;
const base: ThermalProfile = { ...presetProfile('2-8').thermal, ranges: [], openingMs: [] };
const profileOf = (range: Partial<ExposureRange>, more: Partial<ThermalProfile> = {}): ThermalProfile => ({
  ...base,
  ranges: [{ name: 'warm', comparator: '>', limitMilliCelsius: 8000, allowedMs: 20, ...range }],
  openingMs: [0],
  ...more,
});
const inOrder = (result: FoldResult): Folded => {
  if (result.late) throw new Error(`late at ${result.at}`);
  return result;
};

/** A closed leg of `[at, °C]` (or `[at, low, high]`) over [0, endedAt). */
function leg(
  profile: ThermalProfile,
  readings: readonly (readonly number[])[],
  endedAt: number,
  more: Partial<LegStart> = {},
) {
  const samples = readings.map(([at = 0, low = 0, high = low]) => ({
    at,
    low: Math.round(low * 1000),
    high: Math.round(high * 1000),
  }));
  const start = startLeg([profile], { startedAt: 0, intervalMs: INTERVAL, leadMs: 0, ...more });
  const folded = inOrder(foldReadings(start, samples));
  const closed = inOrder(closeLeg(folded.state, endedAt));
  const totals = legTotals(closed.state);
  const exposure: Exposure = totals.exposures[0] ?? { profile: '', usedMs: [], freezeRunMs: 0 };
  const excursions: readonly Excursion[] = [...folded.closed, ...closed.closed];
  return { ...closed, totals, exposure, excursions, judged: judgeBudget(profile, exposure) };
}

describe('activation of a range', () => {
  it('cumulative: pieces add up', () => {
    const twice = [
      [0, 9],
      [15, 5],
      [20, 9],
      [26, 5],
    ];
    expect(leg(profileOf({}), twice, 30)).toMatchObject({ exposure: { usedMs: [16] }, judged: { exceeded: false } });
    expect(leg(profileOf({ allowedMs: 15 }), twice, 30).judged.exceeded).toBe(true);
    expect(leg(profileOf({}), twice, 30).exposure.longestMs).toBeUndefined();
  });

  it('consecutive: the longest piece counts, over a gap whose ends are both beyond the limit', () => {
    const profile = profileOf({ activation: 'consecutive' });
    const twice = leg(
      profile,
      [
        [0, 9],
        [10, 9],
        [15, 5],
        [20, 9],
        [30, 9],
        [35, 5],
      ],
      40,
    );
    expect(twice).toMatchObject({ exposure: { usedMs: [30], longestMs: [15] }, judged: { exceeded: false } });
    const gap = leg(
      profile,
      [
        [0, 9],
        [21, 9],
        [22, 5],
      ],
      30,
    );
    expect(gap).toMatchObject({ exposure: { usedMs: [11], longestMs: [22] }, judged: { exceeded: true } });
  });

  it('consecutive: a piece goes on in the next leg', () => {
    const profile = profileOf({ activation: 'consecutive' });
    const first = leg(
      profile,
      [
        [0, 9],
        [10, 9],
      ],
      15,
    );
    const second = leg(
      profile,
      [
        [20, 9],
        [26, 5],
      ],
      30,
      { startedAt: 15, carry: carryOf(first.state) },
    );
    expect(first).toMatchObject({ exposure: { longestMs: [15] }, judged: { exceeded: false } });
    expect(second).toMatchObject({ exposure: { usedMs: [11], longestMs: [26] }, judged: { exceeded: true } });
  });

  it('instant: one reading is too much although no time has passed', () => {
    const profile = profileOf({ activation: 'instant', allowedMs: 0 });
    const start = startLeg([profile], { startedAt: 0, intervalMs: INTERVAL, leadMs: 0 });
    const { state } = inOrder(foldReadings(start, [{ at: 5, low: 8001, high: 8001 }]));
    const exposure = legTotals(state).exposures[0];
    expect(exposure).toMatchObject({ usedMs: [0], longestMs: [1] });
    expect(judgeBudget(profile, exposure ?? { usedMs: [], freezeRunMs: 0 }).exceeded).toBe(true);
    expect(leg(profile, [[0, 8]], 10).judged.exceeded).toBe(false);
  });

  it.each([
    ['>', 8, 0],
    ['>', 8.001, 10],
    ['>=', 8, 10],
    ['>=', 7.999, 0],
    ['<', 8, 0],
    ['<', 7.999, 10],
    ['<=', 8, 10],
    ['<=', 8.001, 0],
  ] as const)('%s 8 °C counts %d °C for %d ms', (comparator, celsius, usedMs) => {
    expect(leg(profileOf({ comparator }), [[0, celsius]], 10).exposure.usedMs).toEqual([usedMs]);
  });

  it('is too much at the allowed time or only beyond it, as the range says', () => {
    const exactly = [
      [0, 9],
      [10, 9],
      [20, 5],
    ];
    expect(leg(profileOf({}), exactly, 30).judged.exceeded).toBe(false);
    expect(leg(profileOf({ tripsAtAllowed: true }), exactly, 30).judged.exceeded).toBe(true);
    expect(leg(profileOf({ tripsAtAllowed: true, activation: 'consecutive' }), exactly, 30).judged.exceeded).toBe(true);
    expect(
      leg(
        profileOf({ tripsAtAllowed: true }),
        [
          [0, 9],
          [10, 9],
          [19, 5],
        ],
        30,
      ).judged.exceeded,
    ).toBe(false);
  });
});

describe('the presets of devices', () => {
  const HOUR = 3_600_000;
  const steady = (name: Parameters<typeof presetProfile>[0], celsius: number, hours: number) => {
    const { thermal } = presetProfile(name);
    const milli = celsius * 1000;
    const samples = Array.from({ length: hours + 1 }, (_, hour) => ({
      at: hour * HOUR,
      low: hour === hours ? 5000 : milli,
      high: hour === hours ? 5000 : milli,
    }));
    const start = startLeg([thermal], { startedAt: 0, intervalMs: HOUR, leadMs: 0 });
    const exposure = legTotals(inOrder(foldReadings(start, samples)).state).exposures[0];
    const judged = judgeBudget(thermal, exposure ?? { usedMs: [], freezeRunMs: 0 });
    return judged.exceeded || judged.freezeTripped;
  };

  it.each([
    ['who-shipping-1', 45, 1, true],
    ['who-shipping-1', 44.9, 1, false],
    ['who-shipping-1', 30, 10, true],
    ['who-shipping-1', 30, 9, false],
    ['who-shipping-1', 29.9, 10, false],
    ['who-shipping-1', 10, 20, false],
    ['who-shipping-1', -0.5, 1, true],
    ['who-shipping-1', -0.4, 1, false],
    ['who-shipping-2', 10, 20, true],
    ['who-shipping-2', 10, 19, false],
    ['refrigerator-30-day', 8, 100, false],
    ['refrigerator-30-day', 8.1, 10, true],
    ['refrigerator-30-day', 8.1, 9, false],
    ['refrigerator-30-day', -0.5, 1, true],
    ['crt-15-25', 30.1, 24, false],
    ['crt-15-25', 30.1, 25, true],
    ['crt-15-25', 40.1, 1, true],
    ['-20', -10, 10, false],
    ['-20', -9.9, 1, true],
    ['frozen-vaccine', -15, 10, false],
    ['frozen-vaccine', -14.9, 1, true],
  ] as const)('%s at %d °C for %d h: alarm %s', (name, celsius, hours, rings) => {
    expect(steady(name, celsius, hours)).toBe(rings);
  });
});

describe('the guard band', () => {
  it('tightens every limit by the uncertainty of the sensor', () => {
    const guarded = profileOf({}, { guardBandMilliCelsius: 500 });
    const rules = (celsius: number): string[] => leg(guarded, [[0, celsius]], 10).excursions.map(({ rule }) => rule);
    expect(rules(7.5)).toEqual([]);
    expect(rules(7.501)).toEqual(['above-storage', 'warm']);
    expect(rules(2.5)).toEqual([]);
    expect(rules(2.499)).toEqual(['below-storage']);
    const freezing = { ...guarded, freeze: { comparator: '<=', limitMilliCelsius: -500, consecutiveMs: 10 } } as const;
    expect(leg(freezing, [[0, 0]], 10).judged.freezeTripped).toBe(true);
    expect(leg(freezing, [[0, 0.001]], 10).judged.freezeTripped).toBe(false);
  });
});

describe('the ignore period after packing', () => {
  const profile = profileOf({}, { ignoreAfterPackingMs: 25 });

  it('leaves out what lies in it, and says how much that was', () => {
    const { state, exposure, excursions } = leg(
      profile,
      [
        [0, 20],
        [10, 9],
        [20, 9],
        [30, 5],
      ],
      40,
      { packedAt: 0 },
    );
    expect(exposure.usedMs).toEqual([5]);
    expect(state.tracks[0]?.ignoredMs).toBe(25);
    expect(excursions.map(({ rule, openedAt, durationMs }) => [rule, openedAt, durationMs])).toEqual([
      ['above-storage', 25, 5],
      ['warm', 25, 5],
    ]);
    expect(state).toMatchObject({ hottestMilliCelsius: 20_000, coveredMs: 40 });
  });

  it('is nothing without a packing, and never excuses freezing', () => {
    expect(leg(profile, [[0, 20]], 10).exposure.usedMs).toEqual([10]);
    const freezing = { ...profile, freeze: { comparator: '<=', limitMilliCelsius: -500, consecutiveMs: 15 } } as const;
    const frozen = leg(
      freezing,
      [
        [0, -1],
        [10, -1],
      ],
      20,
      { packedAt: 0 },
    );
    expect(frozen).toMatchObject({ judged: { freezeTripped: true }, exposure: { freezeRunMs: 20 } });
  });
});

describe('the gap policy', () => {
  const gap = (policy: ThermalProfile['gap']['policy'], plausible?: ThermalProfile['storage']): ThermalProfile =>
    profileOf({}, { gap: { allowedMs: 5, policy, ...(plausible === undefined ? {} : { plausible }) } });
  const warmBefore = [
    [0, 9],
    [30, 5],
  ];

  it('charges nothing, the value before, or the worst that is plausible', () => {
    expect(leg(gap('unknown'), warmBefore, 40)).toMatchObject({ exposure: { usedMs: [10] }, totals: { gapMs: 20 } });
    expect(leg(gap('last-value'), warmBefore, 40)).toMatchObject({ exposure: { usedMs: [30] }, totals: { gapMs: 20 } });
    expect(
      leg(
        gap('last-value'),
        [
          [0, 5],
          [30, 9],
        ],
        40,
      ).exposure.usedMs,
    ).toEqual([10]);
    expect(
      leg(
        gap('worst-plausible'),
        [
          [0, 5],
          [30, 9],
        ],
        40,
      ).exposure.usedMs,
    ).toEqual([30]);
    const hot = gap('worst-plausible', { minMilliCelsius: 0, maxMilliCelsius: 30_000 });
    const { excursions, exposure } = leg(
      hot,
      [
        [0, 5],
        [30, 5],
      ],
      40,
    );
    expect(exposure.usedMs).toEqual([20]);
    expect(excursions.map(({ rule, openedAt, closedAt, assumed }) => [rule, openedAt, closedAt, assumed])).toEqual([
      ['above-storage', 10, 30, true],
      ['below-storage', 10, 30, true],
      ['warm', 10, 30, true],
    ]);
  });

  it('charges the time before the first reading only where a worst value is declared', () => {
    expect(leg(gap('last-value'), [[20, 9]], 30).exposure.usedMs).toEqual([10]);
    const declared = gap('worst-plausible', { minMilliCelsius: 2000, maxMilliCelsius: 9000 });
    expect(leg(declared, [[20, 5]], 30).exposure.usedMs).toEqual([20]);
    expect(leg(declared, [], 30).exposure.usedMs).toEqual([30]);
  });

  it('charges a silent end, in a snapshot too, and says that it was assumed', () => {
    const start = startLeg([gap('last-value')], { startedAt: 0, intervalMs: INTERVAL, leadMs: 0 });
    const { state } = inOrder(foldReadings(start, [{ at: 0, low: 9000, high: 9000 }]));
    const shown = evaluateAt(state, 50);
    expect(legTotals(shown.state).exposures[0]?.usedMs).toEqual([50]);
    expect(shown.open[0]).toMatchObject({ assumed: true, durationMs: 50 });
    expect(leg(gap('last-value'), [[0, 9]], 50).exposure.usedMs).toEqual([50]);
  });

  it('goes on in the next leg with the value before', () => {
    const first = leg(gap('last-value'), [[0, 9]], 20);
    const second = leg(gap('last-value'), [[35, 5]], 40, { startedAt: 20, carry: carryOf(first.state) });
    expect([first.exposure.usedMs, second.exposure.usedMs]).toEqual([[20], [15]]);
  });
});

describe('the dwell histogram', () => {
  it('keeps a tenth apart from what lies above it, and both sides where values disagree', () => {
    const { totals, state } = leg(
      base,
      [
        [0, 8],
        [10, 8.05],
        [20, -0.05, 9],
        [45, 8],
      ],
      50,
    );
    expect(totals.histogram).toEqual({
      warm: [
        [80, 15, 10],
        [90, 10, 0],
      ],
      cold: [
        [-1, 0, 10],
        [80, 15, 10],
      ],
    });
    expect(state.gapHistogram).toEqual({ warm: [[90, 15, 0]], cold: [[-1, 0, 15]] });
    const sum = totals.histogram.warm.reduce((all, [, exactlyMs, aboveMs]) => all + exactlyMs + aboveMs, 0);
    expect(sum).toBe(state.coveredMs);
  });
});
