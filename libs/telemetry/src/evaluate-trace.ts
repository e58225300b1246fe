import { judgeBudget } from './budget.js';
import { closeLeg, foldReadings, startLeg } from './excursion/fold.js';
import type { Excursion, Folded, LegState } from './excursion/leg-state.js';
import { mergeReadings } from './excursion/sample.js';
import type { Sample } from './excursion/sample.js';
import { legTotals } from './excursion/totals.js';
import { contradictionsIn } from './logger-files/device-check.js';
import type { LoggerFile } from './logger-files/logger-file.js';
import { asPrintedByDevice, meanKineticTemperature } from './mkt.js';
import { activationEnergyOf, mktOfTrace } from './mkt-window.js';
import type { MktResult } from './mkt-window.js';
import { activationOf } from './thermal-profile.js';
import type { Exposure } from './thermal-profile.js';
import type { TraceProfile } from './trace-profile.js';
import { celsius, iso, summaryEvidence } from './trace-report.js';
import type { RangeReport, TraceReport } from './trace-report.js';

/** Log without a step of its own (one row): its reading is taken to hold for this long. */
const LONE_READING_MS = 60_000;

/**
 * Judges a logger export by a profile: what `coldchain excursions FILE` prints. A file with daily summaries only gives
 * summary evidence and the verdict `incomplete`, never `within`.
 */
export function evaluateTrace(file: LoggerFile, profile: TraceProfile): TraceReport {
  const samples = mergeReadings(file.readings);
  const first = samples[0];
  const last = samples.at(-1);
  const activationEnergy = activationEnergyOf(profile.thermal, file.mktPrinted?.activationEnergy);
  const head = {
    device: file.device,
    serial: file.serial,
    zone: file.zone,
    profile: profile.name,
    activationEnergy,
    mktPrinted: file.mktPrinted?.celsius ?? null,
    rowsWithoutValue: file.rowsWithoutValue,
    certificate: file.certificate,
    problems: file.problems,
    contradictions: contradictionsIn(file, profile.thermal),
  };
  if (first === undefined || last === undefined) return { ...head, ...summaryEvidence(file, profile) };
  const intervalMs = file.intervalMs ?? LONE_READING_MS;
  const from = Math.min(file.startedAt ?? first.at, first.at);
  const to = file.endedAt !== null && file.endedAt > last.at ? file.endedAt : last.at + intervalMs;
  const { state, excursions } = foldTrace(samples, profile, from, to, intervalMs);
  const totals = legTotals(state);
  const mkt = mktOfTrace(samples, { from, to, intervalMs }, profile.thermal, activationEnergy);
  const whole = meanKineticTemperature(
    samples.map(({ at, high }, index) => ({
      milliCelsius: high,
      durationMs: Math.min(samples[index + 1]?.at ?? to, at + intervalMs, to) - at,
    })),
    activationEnergy,
  );
  const { ranges, budget } = spent(profile, totals.exposures[0] ?? { usedMs: [], freezeRunMs: 0 }, excursions);
  return {
    ...head,
    evidence: 'readings',
    from: iso(from),
    to: iso(to),
    intervalMs,
    readings: file.readings.length,
    coveredMs: totals.durationMs - totals.gapMs,
    gapMs: totals.gapMs,
    coldest: celsius(totals.coldestMilliCelsius),
    hottest: celsius(totals.hottestMilliCelsius),
    ranges,
    mkt: mkt.applicable
      ? { ...mkt, highestCelsius: rounded(mkt.highestCelsius), from: iso(mkt.from), to: iso(mkt.to) }
      : { ...mkt, highestCelsius: mkt.highestCelsius === null ? null : rounded(mkt.highestCelsius) },
    mktWholeTrace: whole === null ? null : file.mktPrinted === null ? rounded(whole) : asPrintedByDevice(whole),
    mktWholeTraceExact: whole === null ? null : rounded(whole),
    excursions: excursions.map(({ rule, openedAt, closedAt, durationMs, extremeMilliCelsius, assumed }) => ({
      rule,
      from: iso(openedAt),
      to: iso(closedAt ?? to),
      durationMs,
      extreme: extremeMilliCelsius / 1000,
      assumed,
    })),
    gaps: state.gaps.map(([start, end]) => ({ from: iso(start), to: iso(end), durationMs: end - start })),
    budget,
    dailySummaries: file.dailySummaries.length,
    verdict: verdictOf(
      budget,
      excursions,
      mkt,
      totals.gapMs > profile.thermal.gap.allowedMs || head.contradictions.length > 0,
    ),
  };
}

function foldTrace(
  samples: readonly Sample[],
  profile: TraceProfile,
  startedAt: number,
  endedAt: number,
  intervalMs: number,
): { readonly state: LegState; readonly excursions: readonly Excursion[] } {
  const folded = inOrder(foldReadings(startLeg([profile.thermal], { startedAt, intervalMs, leadMs: 0 }), samples));
  const closed = inOrder(closeLeg(folded.state, endedAt));
  const excursions = [...folded.closed, ...closed.closed];
  return { state: closed.state, excursions: excursions.sort((one, other) => one.openedAt - other.openedAt) };
}

function inOrder(result: ReturnType<typeof foldReadings>): Folded {
  if (result.late) throw new Error('samples are ascending and the trace ends after them');
  return result;
}

/** Ranges and budget; the opening balance of the profile is spent already. */
function spent(
  { thermal }: TraceProfile,
  exposure: Omit<Exposure, 'profile'>,
  excursions: readonly Excursion[],
): { readonly ranges: readonly RangeReport[]; readonly budget: TraceReport['budget'] } {
  const longest = (rule: string): number =>
    excursions.reduce((most, excursion) => (excursion.rule === rule ? Math.max(most, excursion.durationMs) : most), 0);
  const usedMs = exposure.usedMs.map((ms, index) => ms + (thermal.openingMs[index] ?? 0));
  const judged = judgeBudget(thermal, { ...exposure, usedMs });
  const ranges = thermal.ranges.map((range, index) => ({
    name: range.name,
    comparator: range.comparator,
    limitCelsius: range.limitMilliCelsius / 1000,
    ms: exposure.usedMs[index] ?? 0,
    longestMs: exposure.longestMs?.[index] ?? longest(range.name),
    allowedMs: range.allowedMs,
    activation: activationOf(range),
    counted: activationOf(range) === 'cumulative' ? ('sum' as const) : ('longest' as const),
    exceeded: judged.byRange[index]?.exceeded ?? false,
  }));
  const { exceeded, freezeTripped, spentTenths } = judged;
  return { ranges, budget: { exceeded, freezeTripped, freezeRunMs: exposure.freezeRunMs, spentTenths } };
}

function verdictOf(
  budget: TraceReport['budget'],
  excursions: readonly Excursion[],
  mkt: MktResult,
  evidenceLacks: boolean,
): TraceReport['verdict'] {
  const humid = excursions.some(({ rule }) => rule === 'humidity');
  if (budget.exceeded || budget.freezeTripped || humid || mkt.exceeded) return 'exceeded';
  // Where the storage range was left, the mean had to say that it was little: without it nobody knows.
  const needed = excursions.some(({ rule }) => rule === 'above-storage');
  const meanMissing = needed && !mkt.applicable && mkt.reason !== 'no-window-declared';
  return evidenceLacks || meanMissing ? 'incomplete' : 'within';
}

/** Thousandths: what printing a mean kinetic temperature finer than that would claim is not measured. */
function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
