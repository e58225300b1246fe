import { thermalProfileId } from '../thermal-profile.js';
import type { Exposure } from '../thermal-profile.js';
import type { LegState } from './leg-state.js';

/** ms that a leg spent in the tenth of a degree [bucket/10, (bucket+1)/10) °C. */
export type HistogramEntry = readonly [bucket: number, durationMs: number];

/** Absolute totals of a leg: the fields of a ledger `LegRecord` that follow from readings. */
export interface LegTotals {
  /** Covered time plus gap. */
  readonly durationMs: number;
  readonly gapMs: number;
  readonly coldestMilliCelsius: number | null;
  readonly hottestMilliCelsius: number | null;
  readonly readings: number;
  readonly exposures: readonly Exposure[];
  /** Ascending by bucket. */
  readonly histogram: readonly HistogramEntry[];
  /** The text whose salted digest commits to the histogram. */
  readonly histogramDigestInput: string;
  /** Whether the leg has ended, so that only late readings can still change it. */
  readonly final: boolean;
}

/** Totals at `state.evaluatedTo`. Take them of {@link evaluateAt}'s state to have the time up to now in them. */
export function legTotals(state: LegState): LegTotals {
  const histogram = Object.entries(state.histogram)
    .map(([bucket, durationMs]): HistogramEntry => [Number(bucket), durationMs])
    .sort(([one], [other]) => one - other);
  return {
    durationMs: state.coveredMs + state.gapMs,
    gapMs: state.gapMs,
    coldestMilliCelsius: state.coldestMilliCelsius,
    hottestMilliCelsius: state.hottestMilliCelsius,
    readings: state.readings,
    exposures: state.profiles.map((profile, index) => ({
      profile: thermalProfileId(profile),
      usedMs: state.tracks[index]?.usedMs ?? [],
      freezeRunMs: state.tracks[index]?.freezeRunMs ?? 0,
    })),
    histogram,
    histogramDigestInput: `coldchain-dwell-histogram-v1:${JSON.stringify(histogram)}`,
    final: state.phase === 'closed',
  };
}
