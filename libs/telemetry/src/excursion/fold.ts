import { DomainError } from '@coldchain/kernel';
import { thermalProfileId } from '../thermal-profile.js';
import type { ThermalProfile } from '../thermal-profile.js';
import { LegDraft } from './draft.js';
import { EMPTY_HISTOGRAM } from './dwell.js';
import type { FoldResult, Folded, LegCarry, LegStart, LegState } from './leg-state.js';
import { ascendingSamples } from './sample.js';
import type { Sample } from './sample.js';

/** A leg that cannot be begun: its interval or start is not a whole number of ms, or the interval is not positive. */
export class LegInvalid extends DomainError<'leg-invalid'> {
  readonly code = 'leg-invalid';
}

/**
 * The state of a leg before its first reading, judged by each of the profiles.
 * @throws LegInvalid
 */
export function startLeg(profiles: readonly ThermalProfile[], leg: LegStart): LegState {
  const { startedAt, intervalMs, carry = null, leadMs = intervalMs, packedAt = null, vouched = [] } = leg;
  if (!Number.isSafeInteger(startedAt) || !Number.isSafeInteger(intervalMs) || intervalMs <= 0) {
    throw new LegInvalid('a leg needs a start and a positive interval in whole ms', { startedAt, intervalMs });
  }
  return {
    version: 3,
    phase: 'open',
    startedAt,
    intervalMs,
    leadMs,
    profiles,
    packedAt,
    evaluatedTo: null,
    // A carried reading is one of before: at the start itself this leg has readings of its own.
    last: carry?.last !== undefined && carry.last !== null && carry.last.at < startedAt ? carry.last : null,
    readings: 0,
    coveredMs: 0,
    gapMs: 0,
    vouched,
    vouchedMs: 0,
    disagreement: null,
    gaps: [],
    coldestMilliCelsius: null,
    hottestMilliCelsius: null,
    histogram: EMPTY_HISTOGRAM,
    gapHistogram: EMPTY_HISTOGRAM,
    tracks: profiles.map((profile) => {
      const runs = carry?.runs.find((run) => run.profile === thermalProfileId(profile));
      return {
        usedMs: profile.ranges.map(() => 0),
        longestMs: profile.ranges.map(() => 0),
        freezeRunMs: 0,
        ignoredMs: 0,
        breaches: [null, null, ...profile.ranges.map(() => null)],
        freezeRun: runs?.freeze ?? null,
        humidityRun: runs?.humidity ?? null,
        rangeRuns: profile.ranges.map((_, range) => runs?.ranges[range] ?? null),
      };
    }),
  };
}

/**
 * Folds samples into an open leg. Their order in the list does not matter; samples before the leg's start are left out;
 * one that repeats the newest instant with nothing new is dropped. Any other that is not newer than `evaluatedTo`, or a
 * state that is not open, gives `late`.
 */
export function foldReadings(state: LegState, samples: readonly Sample[]): FoldResult {
  const ascending = ascendingSamples(samples);
  let next = 0;
  for (; next < ascending.length; next++) {
    const sample = ascending[next] as Sample;
    if (sample.at >= state.startedAt && !repeatsLast(state, sample)) break;
  }
  const first = ascending[next];
  if (first !== undefined) {
    const isLate = state.phase !== 'open' || (state.evaluatedTo !== null && first.at <= state.evaluatedTo);
    if (isLate) return { late: true, at: first.at };
  }
  const draft = new LegDraft(state);
  const { phase, evaluatedTo } = state;
  for (let index = next; index < ascending.length; index++) draft.take(ascending[index] as Sample);
  return { late: false, ...draft.done(phase, first === undefined ? evaluatedTo : (ascending.at(-1)?.at ?? null)) };
}

function repeatsLast({ evaluatedTo, last }: LegState, sample: Sample): boolean {
  if (last === null || sample.at !== evaluatedTo || sample.at !== last.at) return false;
  const humidity = sample.humidityPermille ?? null;
  if ((sample.until ?? null) !== last.until) return false;
  return (
    sample.low >= last.low &&
    sample.high <= last.high &&
    (humidity === null || (last.humidityPermille !== null && humidity <= last.humidityPermille))
  );
}

/**
 * The leg as it stands at `now`: the newest reading holds on, what is beyond is gap. The result is for showing and
 * recording; the stored state stays the one that readings were folded into. Before the first reading, `leadMs` is
 * left open, because that reading will stand for it. A `now` before the newest reading counts as that reading's time.
 */
export function evaluateAt(state: LegState, now: number): Folded {
  if (state.phase !== 'open') return { late: false, ...new LegDraft(state).done(state.phase, state.evaluatedTo) };
  const draft = new LegDraft(state);
  const to = Math.max(now, state.evaluatedTo ?? state.startedAt);
  draft.settle(state.last === null ? to - state.leadMs : to);
  return { late: false, ...draft.done('snapshot', to) };
}

/**
 * Ends a leg. Its interval is half-open: a reading at `endedAt` belongs to the next leg, so a newer or equal one that was
 * folded already gives `late`. Open excursions close at `endedAt`; a leg without any reading is gap throughout.
 */
export function closeLeg(state: LegState, endedAt: number): FoldResult {
  if (
    state.phase !== 'open' ||
    endedAt < state.startedAt ||
    (state.evaluatedTo !== null && state.evaluatedTo >= endedAt)
  ) {
    return { late: true, at: endedAt };
  }
  const draft = new LegDraft(state);
  draft.settle(endedAt);
  draft.close(endedAt);
  return { late: false, ...draft.done('closed', endedAt) };
}

/**
 * Time in which packaging vouches for what is not read after the newest reading, [from, to) each: none while that reading
 * breaks a rule or a run goes on, because then it was measured that the packaging does not keep its range.
 */
export const vouchedAfter = (state: LegState): LegState['vouched'] => new LegDraft(state).vouchedAfter();

/** What the next leg of the same unit and logger takes over from a closed (or still open) one. */
export function carryOf(state: LegState): LegCarry {
  return {
    last: state.last,
    runs: state.profiles.map((profile, index) => ({
      profile: thermalProfileId(profile),
      freeze: state.tracks[index]?.freezeRun ?? null,
      humidity: state.tracks[index]?.humidityRun ?? null,
      ranges: state.tracks[index]?.rangeRuns ?? [],
    })),
  };
}
