import { countsPieces, thermalProfileId } from '../thermal-profile.js';
import type { Exposure } from '../thermal-profile.js';
import type { DwellHistogram } from './dwell.js';
import type { LegState } from './leg-state.js';

/** Absolute totals of a leg: the fields of a ledger `LegRecord` that follow from readings. */
export interface LegTotals {
  /** Covered time, gap, and time in which packaging vouches. */
  readonly durationMs: number;
  readonly gapMs: number;
  /** Time without readings in which qualified packaging vouches for the goods. */
  readonly vouchedMs: number;
  readonly coldestMilliCelsius: number | null;
  readonly hottestMilliCelsius: number | null;
  readonly readings: number;
  readonly exposures: readonly Exposure[];
  /** Where the covered time was spent. */
  readonly histogram: DwellHistogram;
  /** The text whose salted digest commits to the histogram. */
  readonly histogramDigestInput: string;
  /** Whether the leg has ended, so that only late readings can still change it. */
  readonly final: boolean;
}

/** Totals at `state.evaluatedTo`. Take them of {@link evaluateAt}'s state to have the time up to now in them. */
export function legTotals(state: LegState): LegTotals {
  return {
    durationMs: state.coveredMs + state.gapMs + state.vouchedMs,
    gapMs: state.gapMs,
    vouchedMs: state.vouchedMs,
    coldestMilliCelsius: state.coldestMilliCelsius,
    hottestMilliCelsius: state.hottestMilliCelsius,
    readings: state.readings,
    exposures: state.profiles.map((profile, index) => {
      const track = state.tracks[index];
      return {
        profile: thermalProfileId(profile),
        usedMs: track?.usedMs ?? [],
        freezeRunMs: track?.freezeRunMs ?? 0,
        ...(countsPieces(profile) ? { longestMs: track?.longestMs ?? [] } : {}),
      };
    }),
    histogram: state.histogram,
    histogramDigestInput: histogramText(state),
    final: state.phase === 'closed',
  };
}

/** The histograms as one text: members and lists in a fixed order, integers only. */
function histogramText({ histogram, gapHistogram }: LegState): string {
  const parts = [histogram.warm, histogram.cold, gapHistogram.warm, gapHistogram.cold];
  return `coldchain-dwell-histogram-v2:${JSON.stringify(parts)}`;
}
