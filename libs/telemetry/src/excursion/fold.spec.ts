import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  carryOf,
  closeLeg,
  evaluateAt,
  foldReadings,
  legTotals,
  mergeReadings,
  presetProfile,
  startLeg,
} from '../index.js';
import type {
  BudgetCombination,
  Excursion,
  ExposureRange,
  Folded,
  FoldResult,
  LegState,
  Reading,
  ThermalProfile,
} from '../index.js';

const INTERVAL = 10;
const range = (name: string, comparator: ExposureRange['comparator'], limitMilliCelsius: number): ExposureRange => ({
  name,
  comparator,
  limitMilliCelsius,
  allowedMs: 1000,
});
const profileWith = (combine: BudgetCombination, version = 1): ThermalProfile => ({
  ...presetProfile('2-8').thermal,
  version,
  combine,
  ranges: [
    range('warm', '>', 8000),
    range('hot', '>=', 25_000),
    range('cool', '<', 2000),
    range('cold', '<=', -500),
    range('hot', '>', 25_000),
  ],
  freeze: { comparator: '<=', limitMilliCelsius: -500, consecutiveMs: 15 },
  humidity: { maxPermille: 600, consecutiveMs: 15 },
  openingMs: [0, 0, 0, 0, 0],
});
const PROFILES = [profileWith('nested', 1), profileWith('independent', 2), profileWith('sum', 3)];

const reading = (at: number, milliCelsius: number, humidityPermille: number | null = null): Reading => ({
  at,
  milliCelsius,
  humidityPermille,
});
const inOrder = (result: FoldResult): Folded => {
  if (result.late) throw new Error(`late at ${result.at}`);
  return result;
};
const fold = (readings: readonly Reading[], startedAt = 0): Folded =>
  inOrder(foldReadings(startLeg(PROFILES, { startedAt, intervalMs: INTERVAL }), mergeReadings(readings)));
const ended = (
  readings: readonly Reading[],
  endedAt: number,
  startedAt = 0,
): { state: LegState; excursions: Excursion[] } => {
  const folded = fold(readings, startedAt);
  const closed = inOrder(closeLeg(folded.state, endedAt));
  return { state: closed.state, excursions: [...folded.closed, ...closed.closed] };
};
const ofRule = (excursions: readonly Excursion[], rule: string): Partial<Excursion>[] =>
  excursions
    .filter((excursion) => excursion.rule === rule && excursion.profile.endsWith('/1'))
    .map(({ openedAt, closedAt, durationMs, extremeMilliCelsius }) => ({
      openedAt,
      closedAt,
      durationMs,
      extremeMilliCelsius,
    }));

const anyReading = fc.record<Reading>({
  at: fc.integer({ min: 0, max: 300 }),
  milliCelsius: fc.constantFrom(-8000, -500, -499, 1999, 2000, 5000, 8000, 8001, 24_999, 25_000, 25_001),
  humidityPermille: fc.constantFrom(null, 500, 600, 601, 900),
});
const anyReadings = fc.array(anyReading, { maxLength: 60 });

/** Each ms on its own: slow, and written without the engine's ideas of runs and holds. */
function oracle(
  readings: readonly Reading[],
  endedAt: number,
): { used: number[]; gapMs: number; covered: number; above: number } {
  const used = PROFILES[0]?.ranges.map(() => 0) ?? [];
  let gapMs = 0;
  let covered = 0;
  let above = 0;
  const first = Math.min(...readings.map(({ at }) => at));
  for (let ms = 0; ms < endedAt; ms++) {
    const newest = Math.max(...readings.map(({ at }) => at).filter((at) => at <= ms));
    const holdsFrom = Number.isFinite(newest) ? newest : first - INTERVAL <= ms ? first : -Infinity;
    if (ms >= holdsFrom + INTERVAL || !Number.isFinite(holdsFrom)) {
      gapMs++;
      continue;
    }
    covered++;
    const values = readings.filter(({ at }) => at === holdsFrom).map(({ milliCelsius }) => milliCelsius);
    const low = Math.min(...values);
    const high = Math.max(...values);
    if (high > 8000) above++;
    const hits = [high > 8000, high >= 25_000, low < 2000, low <= -500, high > 25_000];
    hits.forEach((hit, index) => (used[index] = (used[index] ?? 0) + Number(hit)));
  }
  return { used, gapMs, covered, above };
}

describe('foldReadings', () => {
  it('agrees with counting each ms by itself', () => {
    fc.assert(
      fc.property(anyReadings, fc.integer({ min: 301, max: 340 }), (readings, endedAt) => {
        const { state, excursions } = ended(readings, endedAt);
        const expected = oracle(readings, endedAt);
        const totals = legTotals(state);
        expect(totals.gapMs).toBe(expected.gapMs);
        expect(totals.durationMs).toBe(endedAt);
        expect(totals.exposures[0]?.usedMs).toEqual(expected.used);
        const above = ofRule(excursions, 'above-storage');
        expect(above.reduce((sum, { durationMs = 0 }) => sum + durationMs, 0)).toBe(expected.above);
      }),
      { numRuns: 120 },
    );
  });

  it('gives the same state for any order, repetition and grouping, folded at once or step by step', () => {
    const scene = fc.tuple(
      anyReadings,
      fc.array(fc.nat({ max: 59 })),
      fc.array(fc.integer({ min: 1, max: 9 })),
      fc.nat(),
    );
    fc.assert(
      fc.property(scene, ([readings, repeats, sizes, seed]) => {
        const atOnce = fold(readings);
        const again = repeats.flatMap((index) => readings[index] ?? []);
        const arrived = [...readings, ...again].sort((one, other) => order(one, seed) - order(other, seed));
        expect(arriving(arrived, sizes)).toEqual(plain(atOnce));
        const inTime = [...readings, ...again].sort((one, other) => one.at - other.at);
        expect(arriving(inTime, sizes)).toEqual(plain(atOnce));
      }),
      { numRuns: 120 },
    );
  });

  it('resumes from stored JSON', () => {
    fc.assert(
      fc.property(anyReadings, (readings) => {
        const samples = mergeReadings(readings);
        const half = Math.floor(samples.length / 2);
        const start = startLeg(PROFILES, { startedAt: 0, intervalMs: INTERVAL });
        const first = inOrder(foldReadings(start, samples.slice(0, half)));
        const stored = JSON.parse(JSON.stringify(first.state)) as LegState;
        const second = inOrder(foldReadings(stored, samples.slice(half)));
        expect(second.state).toEqual(fold(readings).state);
        expect([...first.closed, ...second.closed]).toEqual(fold(readings).closed);
      }),
    );
  });

  it('leaves the state it was given untouched', () => {
    const { state } = fold([reading(0, 9000)]);
    const before = JSON.stringify(state);
    foldReadings(state, [{ at: 5, low: 5000, high: 30_000 }]);
    evaluateAt(state, 100);
    closeLeg(state, 100);
    expect(JSON.stringify(state)).toBe(before);
  });

  it('reports what is late and drops what it has', () => {
    const { state } = fold([reading(0, 5000), reading(10, 5000, 500)]);
    expect(foldReadings(state, [{ at: 5, low: 5000, high: 5000 }])).toEqual({ late: true, at: 5 });
    expect(foldReadings(state, [{ at: 10, low: 5000, high: 5001 }])).toEqual({ late: true, at: 10 });
    expect(inOrder(foldReadings(state, [{ at: 10, low: 5000, high: 5000 }])).state).toEqual(state);
    expect(inOrder(foldReadings(state, [{ at: -1, low: 5000, high: 5000 }])).state).toEqual(state);
    const { state: closed } = inOrder(closeLeg(state, 20));
    expect(foldReadings(closed, [{ at: 25, low: 5000, high: 5000 }])).toEqual({ late: true, at: 25 });
    expect(closeLeg(state, 10)).toEqual({ late: true, at: 10 });
    expect(foldReadings(evaluateAt(state, 12).state, [{ at: 25, low: 5000, high: 5000 }]).late).toBe(true);
  });

  it('opens an excursion with the first breaking reading and closes it with the first inside one', () => {
    const { open, closed } = fold([
      reading(0, 5000),
      reading(10, 9000),
      reading(20, 9500),
      reading(30, 8000),
      reading(40, 8001),
    ]);
    expect(ofRule(closed, 'above-storage')).toEqual([
      { openedAt: 10, closedAt: 30, durationMs: 20, extremeMilliCelsius: 9500 },
    ]);
    expect(ofRule(open, 'above-storage')).toEqual([
      { openedAt: 40, closedAt: null, durationMs: 0, extremeMilliCelsius: 8001 },
    ]);
    expect(ofRule(closed, 'warm')).toHaveLength(1);
  });

  it('keeps an excursion open over a gap without counting the gap', () => {
    const { state, closed } = fold([reading(0, 9000), reading(50, 9000), reading(60, 5000)]);
    expect(ofRule(closed, 'above-storage')).toEqual([
      { openedAt: 0, closedAt: 60, durationMs: 20, extremeMilliCelsius: 9000 },
    ]);
    expect(state.gaps).toEqual([[10, 50]]);
  });

  it('looks at the higher of two conflicting values for heat and at the lower one for cold', () => {
    const { open, state } = fold([reading(0, 9000), reading(0, 1000)]);
    expect(open.filter(({ profile }) => profile.endsWith('/1')).map(({ rule }) => rule)).toEqual([
      'above-storage',
      'below-storage',
      'warm',
      'cool',
    ]);
    expect(legTotals(evaluateAt(state, 10).state).histogram).toEqual({ warm: [[90, 10, 0]], cold: [[10, 10, 0]] });
  });

  it('counts a moment in all broken ranges, or only in the most extreme of its side', () => {
    const { state } = ended([reading(0, 25_000), reading(10, 26_000), reading(20, -600)], 30);
    const used = legTotals(state).exposures.map(({ usedMs }) => usedMs);
    expect(used).toEqual([
      [20, 20, 10, 10, 10],
      [0, 10, 0, 10, 10],
      [0, 10, 0, 10, 10],
    ]);
  });

  it('names a repeated range by its number', () => {
    const { open } = fold([reading(0, 30_000)]);
    expect(open.map(({ rule }) => rule)).toContain('range-4:hot');
  });
});

describe('the freeze rule', () => {
  it('trips at the consecutive time and not for a shorter run', () => {
    expect(ofRule(ended([reading(0, -600), reading(10, -500), reading(14, 5000)], 20).excursions, 'freeze')).toEqual(
      [],
    );
    expect(ofRule(ended([reading(0, -600), reading(10, -500), reading(15, 5000)], 20).excursions, 'freeze')).toEqual([
      { openedAt: 0, closedAt: 15, durationMs: 15, extremeMilliCelsius: -600 },
    ]);
  });

  it('takes frozen before and after a gap as frozen in between, and a thawed end as thawed after the hold', () => {
    expect(
      legTotals(ended([reading(0, -600), reading(40, -600), reading(41, 5000)], 50).state).exposures[0]?.freezeRunMs,
    ).toBe(41);
    expect(legTotals(ended([reading(0, -600), reading(40, 5000)], 50).state).exposures[0]?.freezeRunMs).toBe(10);
  });

  it('carries a run into the next leg, which trips when it reaches the limit', () => {
    const first = inOrder(closeLeg(fold([reading(0, -600)]).state, 8));
    expect(ofRule(first.closed, 'freeze')).toEqual([]);
    const start = startLeg(PROFILES, { startedAt: 8, intervalMs: INTERVAL, carry: carryOf(first.state) });
    const second = inOrder(
      foldReadings(start, [
        { at: 10, low: -700, high: -700 },
        { at: 16, low: -700, high: -700 },
      ]),
    );
    expect(ofRule(second.open, 'freeze')).toEqual([
      { openedAt: 0, closedAt: null, durationMs: 16, extremeMilliCelsius: -700 },
    ]);
    expect(legTotals(second.state).exposures[0]?.freezeRunMs).toBe(16);
  });

  it('does not charge a leg with a run that ended where it begins', () => {
    const first = inOrder(closeLeg(fold([reading(0, -600), reading(10, -600)]).state, 20));
    expect(ofRule(first.closed, 'freeze')).toHaveLength(1);
    const start = startLeg(PROFILES, { startedAt: 20, intervalMs: INTERVAL, carry: carryOf(first.state) });
    const second = inOrder(foldReadings(start, [{ at: 20, low: 5000, high: 5000 }]));
    expect(second.closed).toEqual([]);
    expect(legTotals(second.state).exposures[0]?.freezeRunMs).toBe(0);
  });
});

describe('the humidity rule', () => {
  it('asks for consecutive time above its limit; readings without humidity say nothing', () => {
    const { excursions } = ended(
      [
        reading(0, 5000, 700),
        reading(10, 5000),
        reading(20, 5000, 650),
        reading(30, 5000, 600),
        reading(40, 5000, 601),
      ],
      50,
    );
    expect(ofRule(excursions, 'humidity')).toEqual([
      { openedAt: 0, closedAt: 30, durationMs: 30, extremeMilliCelsius: 5000 },
    ]);
    expect(excursions.find(({ rule }) => rule === 'humidity')?.extremePermille).toBe(700);
  });
});

describe('time without evidence', () => {
  it('lets the first reading stand for one interval before it and no more', () => {
    expect(evaluateAt(fold([reading(10, 5000)]).state, 10).state.gapMs).toBe(0);
    expect(evaluateAt(fold([reading(12, 5000)]).state, 12).state.gapMs).toBe(2);
    const strict = startLeg(PROFILES, { startedAt: 0, intervalMs: INTERVAL, leadMs: 0 });
    expect(inOrder(foldReadings(strict, mergeReadings([reading(10, 5000)]))).state.gapMs).toBe(10);
  });

  it('is gap from one interval after the newest reading on, and all of a leg without readings', () => {
    const { state } = fold([reading(0, 5000)]);
    expect([5, 10, 25].map((now) => evaluateAt(state, now).state.gapMs)).toEqual([0, 0, 15]);
    const silent = startLeg(PROFILES, { startedAt: 0, intervalMs: INTERVAL });
    expect([5, 10, 25].map((now) => evaluateAt(silent, now).state.gapMs)).toEqual([0, 0, 15]);
    expect(inOrder(closeLeg(silent, 5)).state.gapMs).toBe(5);
  });

  it('counts all and lists the newest thousand, without jitter', () => {
    const readings = Array.from({ length: 1200 }, (_, index) => reading(index * 20, 5000));
    const { state } = fold(readings);
    expect(state.gaps).toHaveLength(1000);
    expect(state.gapMs).toBe(1199 * 10);
    const jitter = inOrder(
      foldReadings(
        startLeg(PROFILES, { startedAt: 0, intervalMs: 1000 }),
        mergeReadings([reading(0, 1), reading(1020, 1)]),
      ),
    );
    expect(jitter.state).toMatchObject({ gapMs: 20, gaps: [] });
  });

  it('shows a leg as it is now without touching the stored state', () => {
    const { state } = fold([reading(0, 9000)]);
    const { state: shown, open } = evaluateAt(state, 25);
    expect(shown).toMatchObject({ phase: 'snapshot', evaluatedTo: 25, coveredMs: 10, gapMs: 15 });
    expect(ofRule(open, 'above-storage')).toEqual([
      { openedAt: 0, closedAt: null, durationMs: 10, extremeMilliCelsius: 9000 },
    ]);
  });
});

describe('splitting custody', () => {
  it('goes on with what the carried reading breaks, from the start of the new leg and while it holds', () => {
    const first = inOrder(closeLeg(fold([reading(0, 9000)]).state, 4));
    expect(ofRule(first.closed, 'above-storage')).toEqual([
      { openedAt: 0, closedAt: 4, durationMs: 4, extremeMilliCelsius: 9000 },
    ]);
    const start = startLeg(PROFILES, { startedAt: 4, intervalMs: INTERVAL, carry: carryOf(first.state) });
    const second = inOrder(foldReadings(start, mergeReadings([reading(12, 5000)])));
    expect(ofRule(second.closed, 'above-storage')).toEqual([
      { openedAt: 4, closedAt: 12, durationMs: 6, extremeMilliCelsius: 9000 },
    ]);
    expect(second.state).toMatchObject({ gapMs: 2, hottestMilliCelsius: 9000, readings: 1 });
    const atOnce = inOrder(foldReadings(start, mergeReadings([reading(4, 5000)])));
    expect(atOnce.closed).toEqual([]);
    expect(atOnce.state.hottestMilliCelsius).toBe(5000);
  });

  it('charges a carried freezing run to the new leg once time of it has passed there', () => {
    const first = inOrder(closeLeg(fold([reading(0, -600), reading(10, -600)]).state, 20));
    const start = startLeg(PROFILES, { startedAt: 20, intervalMs: INTERVAL, carry: carryOf(first.state) });
    const { state } = inOrder(foldReadings(start, mergeReadings([reading(20, -600)])));
    expect(legTotals(state).exposures[0]?.freezeRunMs).toBe(0);
    expect(legTotals(evaluateAt(state, 21).state).exposures[0]?.freezeRunMs).toBe(21);
  });

  it('changes no total: the legs of a split add up to the whole', () => {
    fc.assert(
      fc.property(
        fc.array(anyReading, { minLength: 1, maxLength: 40 }),
        fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 4 }),
        (readings, cuts) => {
          const endedAt = 320;
          const whole = legTotals(ended(readings, endedAt).state);
          const bounds = [
            ...new Set([...cuts.filter((cut) => cut > Math.min(...readings.map(({ at }) => at))), endedAt]),
          ];
          bounds.sort((one, other) => one - other);
          const parts = legsOf(readings, bounds);
          expect(parts.reduce((sum, { durationMs }) => sum + durationMs, 0)).toBe(whole.durationMs);
          expect(parts.reduce((sum, { gapMs }) => sum + gapMs, 0)).toBe(whole.gapMs);
          whole.exposures.forEach(({ usedMs, freezeRunMs }, profile) => {
            const exposures = parts.map((part) => part.exposures[profile]);
            expect(
              usedMs.map((_, index) => exposures.reduce((sum, exposure) => sum + (exposure?.usedMs[index] ?? 0), 0)),
            ).toEqual(usedMs);
            expect(Math.max(...exposures.map((exposure) => exposure?.freezeRunMs ?? 0))).toBe(freezeRunMs);
          });
          const extremes = parts.flatMap(({ hottestMilliCelsius }) => hottestMilliCelsius ?? []);
          expect(Math.max(...extremes)).toBe(whole.hottestMilliCelsius);
        },
      ),
      { numRuns: 120 },
    );
  });
});

/** Legs from 0 over the bounds, each beginning with what the one before carries. */
function legsOf(readings: readonly Reading[], bounds: readonly number[]): ReturnType<typeof legTotals>[] {
  let startedAt = 0;
  let carry: ReturnType<typeof carryOf> | null = null;
  return bounds.map((endedAt) => {
    const start: LegState = startLeg(PROFILES, { startedAt, intervalMs: INTERVAL, carry });
    const own = readings.filter(({ at }) => at >= startedAt && at < endedAt);
    const { state } = inOrder(closeLeg(inOrder(foldReadings(start, mergeReadings(own))).state, endedAt));
    carry = carryOf(state);
    startedAt = endedAt;
    return legTotals(state);
  });
}

/** Folds readings as they arrive in groups of the given sizes; what is late folds the leg again from its start. */
function arriving(readings: readonly Reading[], sizes: readonly number[]): unknown {
  let result = fold([]);
  let closed: readonly Excursion[] = [];
  const known: Reading[] = [];
  for (let at = 0, turn = 0; at < readings.length; turn++) {
    const group = readings.slice(at, at + (sizes[turn % Math.max(1, sizes.length)] ?? 5));
    at += group.length;
    known.push(...group);
    const next = foldReadings(result.state, mergeReadings(group));
    result = next.late ? fold(known) : next;
    closed = next.late ? result.closed : [...closed, ...result.closed];
  }
  return plain({ ...result, closed });
}

function plain({ state, closed, open }: Folded): unknown {
  return JSON.parse(JSON.stringify({ state, closed, open })) as unknown;
}

function order({ at, milliCelsius }: Reading, seed: number): number {
  return Math.imul(at * 31 + milliCelsius, seed | 1) >>> 0;
}
