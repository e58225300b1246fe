import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  closeLeg,
  combineSources,
  foldWithCheckpoints,
  type LegState,
  legTotals,
  LOGGERS_DISAGREE,
  mergeReadings,
  presetProfile,
  resumeFrom,
  type Sample,
  type Source,
  SourceInvalid,
  startLeg,
  vouchedAfter,
  type ThermalProfile,
} from '../index.js';

const END = 60;
const profile: ThermalProfile = {
  ...presetProfile('2-8').thermal,
  ranges: [
    { name: 'warm', comparator: '>', limitMilliCelsius: 8000, allowedMs: 10 },
    { name: 'cool', comparator: '<', limitMilliCelsius: 2000, allowedMs: 10 },
  ],
  openingMs: [0, 0],
  freeze: null,
};

/** One logger of a generated leg: its window and its readings in the order of their arrival. */
interface Drawn {
  readonly intervalMs: number;
  readonly from: number;
  readonly to: number | null;
  readonly readings: readonly { readonly at: number; readonly milliCelsius: number }[];
}

const drawn: fc.Arbitrary<Drawn> = fc
  .record({
    intervalMs: fc.integer({ min: 1, max: 12 }),
    from: fc.integer({ min: -10, max: END - 1 }),
    lasts: fc.option(fc.integer({ min: 1, max: END }), { freq: 2 }),
    readings: fc.array(
      fc.record({ at: fc.integer({ min: -15, max: END + 10 }), milliCelsius: fc.integer({ min: -1, max: 11 }) }),
      { maxLength: 12 },
    ),
  })
  .map(({ intervalMs, from, lasts, readings }) => ({
    intervalMs,
    from,
    to: lasts === null ? null : from + lasts,
    readings: readings.map(({ at, milliCelsius }) => ({ at, milliCelsius: milliCelsius * 1000 })),
  }));
const drawnLegs = fc.array(drawn, { minLength: 1, maxLength: 3 });

const samplesOf = (readings: Drawn['readings']): readonly Sample[] =>
  mergeReadings(readings.map((reading) => ({ ...reading, humidityPermille: null })));
const sourcesOf = (loggers: readonly Drawn[]): Source[] =>
  loggers.map(({ readings, ...window }) => ({ ...window, samples: samplesOf(readings), accuracyMilliCelsius: 500 }));
const intervalOf = (loggers: readonly Drawn[]): number => Math.max(...loggers.map(({ intervalMs }) => intervalMs));

function combined(loggers: readonly Drawn[]) {
  const intervalMs = intervalOf(loggers);
  const { samples, tail, carried, holdsUntil } = combineSources(sourcesOf(loggers), { startedAt: 0, intervalMs });
  const start = startLeg([profile], { startedAt: 0, intervalMs, leadMs: 0, carry: { last: carried, runs: [] } });
  return { samples, tail, start, holdsUntil };
}

function closed(state: LegState, samples: readonly Sample[]): LegState {
  const folded = foldWithCheckpoints(
    state,
    samples.filter(({ at }) => at < END),
  );
  if (folded.late) throw new Error(`late at ${folded.at}`);
  const ended = closeLeg(folded.state, END);
  if (ended.late) throw new Error(`late end at ${ended.at}`);
  return ended.state;
}

/** What every logger says at every ms, asked one by one. */
function asked(loggers: readonly Drawn[]) {
  const totals = { coveredMs: 0, warmMs: 0, coolMs: 0 };
  for (let at = 0; at < END; at++) {
    const values = loggers.flatMap(({ readings, intervalMs, from, to }) => {
      const inside = readings.filter((reading) => reading.at >= from && reading.at < (to ?? Infinity));
      const newest = Math.max(...inside.filter((reading) => reading.at <= at).map((reading) => reading.at));
      if (newest + intervalMs <= at || at >= (to ?? Infinity)) return [];
      return inside.filter((reading) => reading.at === newest).map((reading) => reading.milliCelsius);
    });
    if (values.length === 0) continue;
    totals.coveredMs++;
    if (Math.max(...values) > 8000) totals.warmMs++;
    if (Math.min(...values) < 2000) totals.coolMs++;
  }
  return totals;
}

describe('combineSources', () => {
  it('is at every instant the worst of what the sources say, and has gaps only where none speaks', () => {
    fc.assert(
      fc.property(drawnLegs, (loggers) => {
        const { samples, tail, start } = combined(loggers);
        const state = closed(start, [...samples, ...tail]);
        const [warmMs, coolMs] = state.tracks[0]?.usedMs ?? [];
        expect({ coveredMs: state.coveredMs, warmMs, coolMs }).toEqual(asked(loggers));
        expect(state.coveredMs + state.gapMs).toBe(END);
      }),
      { numRuns: 500 },
    );
  });

  it('ends in one state in whatever order and groups the readings of all sources come', () => {
    fc.assert(
      fc.property(
        drawnLegs,
        fc.array(fc.tuple(fc.nat(2), fc.nat(11)), { minLength: 36, maxLength: 60 }),
        fc.integer({ min: 1, max: 6 }),
        (loggers, draw, group) => {
          const whole = combined(loggers);
          const expected = closed(whole.start, [...whole.samples, ...whole.tail]);
          // Arrival: drawn readings first, then all that were not drawn.
          const order = new Map<string, readonly [number, number]>();
          for (const [logger, reading] of draw) order.set(`${logger}/${reading}`, [logger, reading]);
          loggers.forEach(({ readings }, logger) =>
            readings.forEach((_, reading) => order.set(`${logger}/${reading}`, [logger, reading])),
          );
          const arriving = [...order.values()].filter(
            ([logger, reading]) => loggers[logger]?.readings[reading] !== undefined,
          );
          let [state, arrived]: [LegState | null, Drawn['readings'][]] = [null, loggers.map(() => [])];
          const checkpoints: LegState[] = [];
          for (let from = 0; from < arriving.length; from += group) {
            const news = arriving.slice(from, from + group);
            arrived = arrived.map((known, logger) => [
              ...known,
              ...news.flatMap(([of, at]) => (of === logger ? (loggers[logger]?.readings[at] ?? []) : [])),
            ]);
            const now = combined(loggers.map((logger, index) => ({ ...logger, readings: arrived[index] ?? [] })));
            const earliest = Math.min(...news.map(([of, at]) => loggers[of]?.readings[at]?.at ?? 0));
            const goOn: LegState =
              resumeFrom([...(state === null ? [] : [state]), ...checkpoints], earliest) ?? now.start;
            const folded = foldWithCheckpoints(
              goOn,
              now.samples.filter(({ at }) => at > (goOn.evaluatedTo ?? -1) && at < END),
              10,
            );
            if (folded.late) throw new Error(`late at ${folded.at}`);
            state = folded.state;
            const kept = checkpoints.filter(({ evaluatedTo }) => (evaluatedTo ?? 0) < earliest);
            checkpoints.splice(0, checkpoints.length, ...kept, ...folded.checkpoints);
          }
          const rest = [...whole.samples, ...whole.tail].filter(({ at }) => at > (state?.evaluatedTo ?? -1));
          expect(closed(state ?? whole.start, rest)).toEqual(expected);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('of one source that goes on is that source', () => {
    fc.assert(
      fc.property(drawn, (logger) => {
        const alone: Drawn = { ...logger, from: 0, to: null };
        const { samples, start } = combined([alone]);
        const plain = samplesOf(alone.readings).filter(({ at }) => at >= 0);
        const fold = (list: readonly Sample[]) => foldWithCheckpoints(start, list);
        // A derived sample never stands between the readings of one source.
        expect(samples.map(({ at }) => at)).toEqual(plain.map(({ at }) => at));
        expect(fold(samples)).toEqual(fold(plain));
      }),
    );
  });

  const steady = (milliCelsius: number, from: number, to: number): Drawn['readings'] =>
    Array.from({ length: to - from }, (_, index) => ({ at: from + index, milliCelsius }));

  it('lets a logger that lives cover for one that died', () => {
    const dying: Drawn = { intervalMs: 2, from: 0, to: null, readings: steady(5000, 0, 20) };
    const living: Drawn = { ...dying, readings: steady(5500, 0, END) };
    const { samples, tail, start } = combined([dying, living]);
    expect(closed(start, [...samples, ...tail])).toMatchObject({ gapMs: 0, coveredMs: END });
    const alone = combined([dying]);
    expect(closed(alone.start, [...alone.samples, ...alone.tail])).toMatchObject({ gapMs: END - 21 });
  });

  it('tells loggers that disagree by more than both may be off, until they agree', () => {
    const one: Drawn = { intervalMs: 2, from: 0, to: null, readings: steady(5000, 0, END) };
    const other: Drawn = {
      ...one,
      readings: [...steady(5900, 0, 10), ...steady(6100, 10, 20), ...steady(5900, 20, END)],
    };
    const { samples, start } = combined([one, other]);
    const folded = foldWithCheckpoints(start, samples);
    if (folded.late) throw new Error('late');
    expect(folded.closed).toEqual([
      {
        profile: '-',
        rule: LOGGERS_DISAGREE,
        openedAt: 10,
        closedAt: 20,
        durationMs: 10,
        extremeMilliCelsius: 1100,
        extremePermille: null,
        assumed: false,
      },
    ]);
    const uncompared = sourcesOf([one, other]).map((source) => ({ ...source, accuracyMilliCelsius: null }));
    const silent = foldWithCheckpoints(start, combineSources(uncompared, { startedAt: 0, intervalMs: 2 }).samples);
    expect(silent).toMatchObject({ closed: [], open: [] });
  });

  it('takes nothing from before a source came or after it went', () => {
    const hot = steady(20_000, -10, END);
    const { samples, tail, start } = combined([{ intervalMs: 5, from: 20, to: 30, readings: hot }]);
    const state = closed(start, [...samples, ...tail]);
    expect(state).toMatchObject({ coveredMs: 10, gapMs: 50 });
    expect(state.tracks[0]?.usedMs).toEqual([10, 0]);
  });

  it('refuses an interval that is none', () => {
    const [source] = sourcesOf([{ intervalMs: 1, from: 0, to: null, readings: [] }]);
    expect(() => combineSources([{ ...(source as Source), intervalMs: 0 }], { startedAt: 0, intervalMs: 1 })).toThrow(
      SourceInvalid,
    );
  });
});

describe('qualified packaging', () => {
  it('vouches for its hours and no longer, and only where nothing was measured', () => {
    const start = startLeg([profile], { startedAt: 0, intervalMs: 5, leadMs: 0, vouched: [[10, 40]] });
    const unmeasured = closeLeg(start, END);
    if (unmeasured.late) throw new Error('late');
    expect(legTotals(unmeasured.state)).toMatchObject({ durationMs: END, vouchedMs: 30, gapMs: 30 });
    const cool = foldWithCheckpoints(start, [{ at: 20, low: 5000, high: 5000 }]);
    if (cool.late) throw new Error('late');
    expect(vouchedAfter(cool.state)).toEqual([[10, 40]]);
    const measured = closeLeg(cool.state, END);
    expect(measured).toMatchObject({ state: { coveredMs: 5, vouchedMs: 25, gapMs: 30 } });
  });

  it('vouches for nothing after a reading that breaks a rule, also one of the leg before, until one that does not', () => {
    const start = startLeg([profile], { startedAt: 0, intervalMs: 5, leadMs: 0, vouched: [[10, 40]] });
    const hot = foldWithCheckpoints(start, [{ at: 20, low: 9000, high: 9000 }]);
    if (hot.late) throw new Error('late');
    expect(vouchedAfter(hot.state)).toEqual([]);
    const measured = closeLeg(hot.state, END);
    expect(measured).toMatchObject({ state: { coveredMs: 5, vouchedMs: 10, gapMs: 45, tracks: [{ usedMs: [5, 0] }] } });
    const last = { at: -20, low: 9000, high: 9000, humidityPermille: null, until: null };
    const carried = startLeg([profile], { ...start, carry: { last, runs: [] } });
    expect(closeLeg(carried, END)).toMatchObject({ state: { vouchedMs: 0, gapMs: END } });
    const again = foldWithCheckpoints(hot.state, [{ at: 30, low: 5000, high: 5000 }]);
    if (again.late) throw new Error('late');
    expect(closeLeg(again.state, END)).toMatchObject({ state: { vouchedMs: 15 } });
  });
});
