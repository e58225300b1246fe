import type { DeviceContradiction } from './logger-files/device-check.js';
import type { DeviceCertificate, FileProblem, LoggerFile } from './logger-files/logger-file.js';
import { notApplicable } from './mkt-window.js';
import type { MktResult } from './mkt-window.js';
import { activationOf } from './thermal-profile.js';
import type { Activation, Comparator } from './thermal-profile.js';
import type { TraceProfile } from './trace-profile.js';

/** Time in one exposure range. `counted`: whether its sum or its longest piece is held against what is allowed. */
export interface RangeReport {
  readonly name: string;
  readonly comparator: Comparator;
  readonly limitCelsius: number;
  readonly ms: number;
  readonly longestMs: number;
  readonly allowedMs: number;
  readonly activation: Activation;
  readonly counted: 'sum' | 'longest';
  readonly exceeded: boolean;
}

type Applicable = Extract<MktResult, { readonly applicable: true }>;

/** The judgement of a trace, for people and programs: instants are ISO 8601 UTC, temperatures °C, durations ms. */
export interface TraceReport {
  readonly device: string;
  readonly serial: string | null;
  readonly zone: LoggerFile['zone'];
  readonly profile: string;
  readonly evidence: 'readings' | 'daily-summaries' | 'none';
  readonly from: string | null;
  readonly to: string | null;
  readonly intervalMs: number | null;
  readonly readings: number;
  readonly rowsWithoutValue: number;
  readonly certificate: DeviceCertificate | null;
  /** What of the file could not be read and was left out. */
  readonly problems: readonly FileProblem[];
  /** Where log and device do not go together: with any of them the verdict is at best `incomplete`. */
  readonly contradictions: readonly DeviceContradiction[];
  readonly dailySummaries: number;
  readonly coveredMs: number;
  readonly gapMs: number;
  readonly coldest: number | null;
  readonly hottest: number | null;
  readonly ranges: readonly RangeReport[];
  /** Of the declared window of the profile: the worst one, or why it does not apply. */
  readonly mkt:
    (Omit<Applicable, 'from' | 'to'> & { readonly from: string; readonly to: string }) | Exclude<MktResult, Applicable>;
  readonly activationEnergy: number;
  /**
   * Over all covered time; null without readings. In thousandths of a degree, but for a file that prints its own mean
   * kinetic temperature cut to a tenth as that device does, so that the two can be compared.
   */
  readonly mktWholeTrace: number | null;
  /** The same, always in thousandths of a degree. */
  readonly mktWholeTraceExact: number | null;
  /** What the device printed. */
  readonly mktPrinted: number | null;
  readonly excursions: readonly {
    readonly rule: string;
    readonly from: string;
    readonly to: string;
    readonly durationMs: number;
    readonly extreme: number;
    /** Part of it was not measured: the gap policy took it to be so. */
    readonly assumed: boolean;
  }[];
  /** The newest thousand; shorter ones than a tenth of the interval are only in `gapMs`. */
  readonly gaps: readonly { readonly from: string; readonly to: string; readonly durationMs: number }[];
  readonly budget: {
    readonly exceeded: boolean;
    readonly freezeTripped: boolean;
    readonly freezeRunMs: number;
    /** Whole tenths of the worst range; 10 is all of it. */
    readonly spentTenths: number;
  };
  /** `exceeded` stands whatever is missing; `within` is only said of evidence without a gap beyond what is allowed. */
  readonly verdict: 'within' | 'exceeded' | 'incomplete';
}

/** ISO 8601 UTC of an instant. */
export function iso(at: number): string {
  return new Date(at).toISOString();
}

/** °C of milli-degrees. */
export function celsius(milliCelsius: number | null): number | null {
  return milliCelsius === null ? null : milliCelsius / 1000;
}

/** What a file without readings says: extremes of its days, no time per range, no verdict beyond `incomplete`. */
export function summaryEvidence(
  { dailySummaries, startedAt, endedAt }: LoggerFile,
  { thermal }: TraceProfile,
): Omit<
  TraceReport,
  | 'device'
  | 'serial'
  | 'zone'
  | 'profile'
  | 'activationEnergy'
  | 'mktPrinted'
  | 'rowsWithoutValue'
  | 'certificate'
  | 'problems'
  | 'contradictions'
> {
  const lows = dailySummaries.flatMap(({ lowestMilliCelsius }) => lowestMilliCelsius ?? []);
  const highs = dailySummaries.flatMap(({ highestMilliCelsius }) => highestMilliCelsius ?? []);
  return {
    evidence: dailySummaries.length === 0 ? 'none' : 'daily-summaries',
    from: startedAt === null ? null : iso(startedAt),
    to: endedAt === null ? null : iso(endedAt),
    intervalMs: null,
    readings: 0,
    dailySummaries: dailySummaries.length,
    coveredMs: 0,
    gapMs: startedAt === null || endedAt === null ? 0 : endedAt - startedAt,
    coldest: lows.length === 0 ? null : Math.min(...lows) / 1000,
    hottest: highs.length === 0 ? null : Math.max(...highs) / 1000,
    ranges: thermal.ranges.map((range) => ({
      name: range.name,
      comparator: range.comparator,
      limitCelsius: range.limitMilliCelsius / 1000,
      ms: 0,
      longestMs: 0,
      allowedMs: range.allowedMs,
      activation: activationOf(range),
      counted: activationOf(range) === 'cumulative' ? 'sum' : 'longest',
      exceeded: false,
    })),
    mkt: notApplicable('no-readings'),
    mktWholeTrace: null,
    mktWholeTraceExact: null,
    excursions: [],
    gaps: [],
    budget: { exceeded: false, freezeTripped: false, freezeRunMs: 0, spentTenths: 0 },
    verdict: 'incomplete',
  };
}
