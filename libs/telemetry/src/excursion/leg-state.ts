import type { ThermalProfile } from '../thermal-profile.js';
import type { DwellHistogram } from './dwell.js';

/** Gaps that a state remembers one by one; the total is exact for all. */
export const LISTED_GAPS = 1000;

/**
 * The rule under which a leg's disagreeing loggers are told, of no profile ({@link NO_PROFILE}): a finding about the
 * evidence. It spends no budget, because the worst of them counts anyhow.
 */
export const LOGGERS_DISAGREE = 'loggers-disagree';
export const NO_PROFILE = '-';

/** A rule of a profile that was broken. Half-open in time: [openedAt, closedAt). */
export interface Excursion {
  /** `gtin/version`. */
  readonly profile: string;
  /** `above-storage`, `below-storage`, the name of an exposure range, `freeze` or `humidity`. */
  readonly rule: string;
  readonly openedAt: number;
  /** Time of the reading that ended it, or of the end of the leg; null while open. A gap alone does not close it. */
  readonly closedAt: number | null;
  /**
   * Time that readings cover while the rule was broken; gaps inside are not counted, unless the profile's gap policy
   * charges them. For `freeze` and `humidity`, which ask for consecutive time, a gap between two breaking readings counts.
   */
  readonly durationMs: number;
  /**
   * Highest temperature during it on hot rules and on `humidity`, lowest on cold rules and on `freeze`; of loggers that
   * disagree the largest difference.
   */
  readonly extremeMilliCelsius: number;
  /** Highest humidity during a `humidity` excursion, else null. */
  readonly extremePermille: number | null;
  /** Part of it was not measured: the gap policy took it to be so. */
  readonly assumed: boolean;
}

/** A stretch of breaking readings that has not been ended by an inside one. `until`: how far it is covered. */
export interface Run {
  readonly since: number;
  readonly until: number;
  readonly extremeMilliCelsius: number;
  readonly extremePermille: number | null;
  readonly assumed: boolean;
}

/** A broken storage bound or range. */
export interface OpenBreach {
  readonly openedAt: number;
  readonly durationMs: number;
  readonly extremeMilliCelsius: number;
  readonly assumed: boolean;
}

/** The running account of one profile. */
export interface ProfileTrack {
  readonly usedMs: readonly number[];
  /** Longest piece per range; of an `instant` range at least 1 when a reading broke it; 0 of a cumulative one. */
  readonly longestMs: readonly number[];
  readonly freezeRunMs: number;
  /** Time beyond a limit that was left out because a logger adapted after packing. */
  readonly ignoredMs: number;
  /** Above storage, below storage, then one per range; null where not broken. */
  readonly breaches: readonly (OpenBreach | null)[];
  readonly freezeRun: Run | null;
  readonly humidityRun: Run | null;
  /** One per range; null where it is not broken or is cumulative. */
  readonly rangeRuns: readonly (Run | null)[];
}

/**
 * Everything that the fold of a leg has to remember: plain JSON (integers, strings, null), bounded in size, to be stored
 * and resumed. `snapshot` is what {@link evaluateAt} made for showing and recording: nothing is folded onto it.
 */
export interface LegState {
  readonly version: 3;
  readonly phase: 'open' | 'snapshot' | 'closed';
  readonly startedAt: number;
  /** Declared interval of the logger: a reading holds until the next one, at most this long. */
  readonly intervalMs: number;
  /** How long before it the very first reading stands for. */
  readonly leadMs: number;
  readonly profiles: readonly ThermalProfile[];
  /** When the unit was packed, from which a profile's ignore period is counted; null: there is none. */
  readonly packedAt: number | null;
  /** Time of the newest reading folded in (of a snapshot or closed leg: the time it was drawn up for); null before. */
  readonly evaluatedTo: number | null;
  /** The reading that holds: the newest of this leg, or the last one of the leg before. */
  readonly last: {
    readonly at: number;
    readonly low: number;
    readonly high: number;
    readonly humidityPermille: number | null;
    readonly until: number | null;
  } | null;
  readonly readings: number;
  readonly coveredMs: number;
  readonly gapMs: number;
  /** Time without readings in which qualified packaging vouches for the goods, [from, to) each, ascending and apart. */
  readonly vouched: readonly (readonly [number, number])[];
  /** Time that went by so: neither covered nor gap. */
  readonly vouchedMs: number;
  /** Loggers of the unit disagree. */
  readonly disagreement: OpenBreach | null;
  /**
   * The newest gaps as [from, to]. Only those of at least a tenth of the interval: jitter of a clock makes gaps of a few
   * milliseconds, which count in `gapMs` and are of no use in a list.
   */
  readonly gaps: readonly (readonly [number, number])[];
  readonly coldestMilliCelsius: number | null;
  readonly hottestMilliCelsius: number | null;
  /** Where the covered time was spent. */
  readonly histogram: DwellHistogram;
  /** The value before it, for time without evidence that has one. */
  readonly gapHistogram: DwellHistogram;
  readonly tracks: readonly ProfileTrack[];
}

/** What a leg hands to the next one of the same unit and logger, so that splitting custody changes no total. */
export interface LegCarry {
  readonly last: LegState['last'];
  /** Open runs by profile (`gtin/version`). */
  readonly runs: readonly {
    readonly profile: string;
    readonly freeze: Run | null;
    readonly humidity: Run | null;
    readonly ranges: readonly (Run | null)[];
  }[];
}

/** Where and how a leg begins. */
export interface LegStart {
  readonly startedAt: number;
  readonly intervalMs: number;
  readonly carry?: LegCarry | null;
  /**
   * How long before it the very first reading stands for; default one interval, because a logger that is bound speaks
   * within one. 0 where it is known that there was no reading before.
   */
  readonly leadMs?: number;
  /** When the unit was packed; null or absent: no ignore period. */
  readonly packedAt?: number | null;
  /** Time in which qualified packaging vouches for the goods where nothing was measured; absent: none. */
  readonly vouched?: readonly (readonly [number, number])[];
}

/**
 * Result of a step. `late`: a sample (or the leg's end) lies before what was folded already; nothing was changed and the
 * caller folds the leg again from its start. Otherwise the new state, the excursions that this step closed (they are no
 * longer in the state) and those that are open now.
 */
export type FoldResult =
  | { readonly late: true; readonly at: number }
  | {
      readonly late: false;
      readonly state: LegState;
      readonly closed: readonly Excursion[];
      readonly open: readonly Excursion[];
    };

/** The other shape of {@link FoldResult}: what a step in order gives. */
export type Folded = Extract<FoldResult, { readonly late: false }>;
