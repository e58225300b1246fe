import { addExposures, judgeBudget } from './budget.js';
import type { Dwell, DwellHistogram } from './excursion/dwell.js';
import { countingOrderOf, rulesOf, thresholdOf } from './excursion/rules.js';
import type { Rule } from './excursion/rules.js';
import { activationOf, countsPieces, thermalProfileId } from './thermal-profile.js';
import type { Exposure, ThermalProfile } from './thermal-profile.js';

/** What is kept of a leg, from which it can be judged by a profile that it was not folded with. */
export interface LegEvidence {
  readonly histogram: DwellHistogram;
  readonly gapHistogram: DwellHistogram;
  readonly gapMs: number;
  readonly coldestMilliCelsius: number | null;
  readonly hottestMilliCelsius: number | null;
  /** The leg under a profile that it was folded with: what it says about pieces of time is taken where limits agree. */
  readonly known: { readonly profile: ThermalProfile; readonly exposure: Exposure } | null;
}

/** An exposure that is known to lie between two; both ends are the same where the histogram tells it exactly. */
export interface ExposureBounds {
  readonly atLeast: Exposure;
  readonly atMost: Exposure;
}

/** What a profile says about bounds. `undetermined`: it depends on what the histogram does not tell. */
export type Outcome = 'within' | 'exceeded' | 'undetermined';

/**
 * The exposure of a leg under another profile, from its dwell histogram. Exact for cumulative ranges whose limits (and
 * guard band) lie on tenths of a degree. Pieces of time and freezing runs are exact where the known profile has the same
 * limit, else between nothing and all time beyond the limit and in gaps. Opening balances are not added.
 */
export function exposureBounds(evidence: LegEvidence, profile: ThermalProfile): ExposureBounds {
  const atLeast = exposureOf(evidence, profile, 'atLeast');
  const atMost = exposureOf(evidence, profile, 'atMost');
  return { atLeast, atMost };
}

/**
 * Bounds of several legs, or of a leg and an opening balance, as one. A piece of time may reach over legs: where it is not
 * exact, it is at most as long as both together.
 */
export function addBounds(one: ExposureBounds, other: ExposureBounds): ExposureBounds {
  const atMost = addExposures(one.atMost, other.atMost);
  const longest = (of: (exposure: Exposure) => number): number => {
    const isExact = [one, other].every((bounds) => of(bounds.atLeast) === of(bounds.atMost));
    return isExact ? of(atMost) : of(one.atMost) + of(other.atMost);
  };
  return {
    atLeast: addExposures(one.atLeast, other.atLeast),
    atMost: {
      ...atMost,
      freezeRunMs: longest(({ freezeRunMs }) => freezeRunMs),
      ...(atMost.longestMs === undefined
        ? {}
        : { longestMs: atMost.longestMs.map((_, index) => longest(({ longestMs = [] }) => longestMs[index] ?? 0)) }),
    },
  };
}

/** Bounds of what several sources bring into one unit: per range the most that any of them spent. */
export function maximumOfBounds(profile: ThermalProfile, sources: readonly ExposureBounds[]): ExposureBounds {
  const most = (end: keyof ExposureBounds): Exposure => {
    const all = sources.map((source) => source[end]);
    const largest = (of: (exposure: Exposure) => readonly number[]): readonly number[] =>
      profile.ranges.map((_, index) => Math.max(0, ...all.map((exposure) => of(exposure)[index] ?? 0)));
    return {
      profile: thermalProfileId(profile),
      usedMs: largest(({ usedMs }) => usedMs),
      freezeRunMs: Math.max(0, ...all.map(({ freezeRunMs }) => freezeRunMs)),
      ...(countsPieces(profile) ? { longestMs: largest(({ longestMs = [] }) => longestMs) } : {}),
    };
  };
  return { atLeast: most('atLeast'), atMost: most('atMost') };
}

/** The opening balance of a profile, as bounds. */
export function openingBounds(profile: ThermalProfile): ExposureBounds {
  const opening: Exposure = {
    profile: thermalProfileId(profile),
    usedMs: profile.openingMs,
    freezeRunMs: 0,
    ...(countsPieces(profile) ? { longestMs: profile.ranges.map(() => 0) } : {}),
  };
  return { atLeast: opening, atMost: opening };
}

/** Judges bounds: said is only what holds at both ends. */
export function outcomeOf(profile: ThermalProfile, bounds: ExposureBounds): Outcome {
  const isBroken = (exposure: Exposure): boolean => {
    const { exceeded, freezeTripped } = judgeBudget(profile, exposure);
    return exceeded || freezeTripped;
  };
  if (isBroken(bounds.atLeast)) return 'exceeded';
  return isBroken(bounds.atMost) ? 'undetermined' : 'within';
}

type End = keyof ExposureBounds;

function exposureOf(evidence: LegEvidence, profile: ThermalProfile, end: End): Exposure {
  const rules = rulesOf(profile).slice(2);
  const usedMs = profile.ranges.map(() => 0);
  for (const side of ['hot', 'cold'] as const) {
    const { nested, [side]: order } = countingOrderOf(profile, rules);
    for (const { mild, extreme, durationMs } of timesOf(evidence, profile, side)) {
      for (const index of rangesOf(order, rules, nested, side, mild, extreme, end)) {
        usedMs[index] = (usedMs[index] ?? 0) + durationMs;
      }
    }
  }
  const ignoredMs = end === 'atLeast' ? (profile.ignoreAfterPackingMs ?? 0) : 0;
  return {
    profile: thermalProfileId(profile),
    usedMs: usedMs.map((ms) => Math.max(0, ms - ignoredMs)),
    freezeRunMs: freezeRun(evidence, profile, end),
    ...(countsPieces(profile)
      ? { longestMs: profile.ranges.map((_, index) => longestPiece(evidence, profile, rules[index], index, end)) }
      : {}),
  };
}

/** Time at a value between two: `extreme` breaks what `mild` breaks, and perhaps more. */
interface TimeBetween {
  readonly mild: number;
  readonly extreme: number;
  readonly durationMs: number;
}

/** All time that counts under a profile, as one side sees it. */
function timesOf(evidence: LegEvidence, profile: ThermalProfile, side: Rule['side']): readonly TimeBetween[] {
  const { policy, plausible } = profile.gap;
  const measured = dwellsOf(evidence.histogram, side);
  if (policy === 'unknown') return measured;
  if (policy === 'last-value') return [...measured, ...dwellsOf(evidence.gapHistogram, side)];
  const hot = side === 'hot';
  const declared = (hot ? plausible?.maxMilliCelsius : plausible?.minMilliCelsius) ?? (hot ? -Infinity : Infinity);
  const seen = (hot ? evidence.hottestMilliCelsius : evidence.coldestMilliCelsius) ?? declared;
  const extreme = hot ? Math.max(seen, declared) : Math.min(seen, declared);
  return [...measured, { mild: declared, extreme, durationMs: evidence.gapMs }];
}

function dwellsOf(histogram: DwellHistogram, side: Rule['side']): readonly TimeBetween[] {
  const dwells: readonly Dwell[] = side === 'hot' ? histogram.warm : (histogram.cold ?? histogram.warm);
  return dwells.flatMap(([tenth, exactlyMs, aboveMs]) => {
    const at = tenth * 100;
    const [mild, extreme] = side === 'hot' ? [at + 1, at + 99] : [at + 99, at + 1];
    return [
      ...(exactlyMs > 0 ? [{ mild: at, extreme: at, durationMs: exactlyMs }] : []),
      ...(aboveMs > 0 ? [{ mild, extreme, durationMs: aboveMs }] : []),
    ];
  });
}

/** The ranges of one side that such a time certainly (`atLeast`) or possibly (`atMost`) counts in. */
function rangesOf(
  order: readonly number[],
  rules: readonly Rule[],
  nested: boolean,
  side: Rule['side'],
  mild: number,
  extreme: number,
  end: End,
): readonly number[] {
  const broken = (value: number): readonly number[] =>
    order.filter((index) => {
      const { threshold } = rules[index] as Rule;
      return side === 'hot' ? value >= threshold : value <= threshold;
    });
  const [surely, perhaps] = [broken(mild), broken(extreme)];
  if (nested) return end === 'atLeast' ? surely : perhaps;
  // From the most extreme on: the first broken one counts.
  const [sure] = surely;
  if (end === 'atLeast') return sure !== undefined && sure === perhaps[0] ? [sure] : [];
  return sure === undefined ? perhaps : perhaps.slice(0, perhaps.indexOf(sure) + 1);
}

/** Time that may be beyond a rule, and gaps: a run may go over them. */
function timeBeyond(evidence: LegEvidence, { side, threshold }: Pick<Rule, 'side' | 'threshold'>): number {
  const beyond = dwellsOf(evidence.histogram, side).filter(({ extreme }) =>
    side === 'hot' ? extreme >= threshold : extreme <= threshold,
  );
  return beyond.reduce((all, { durationMs }) => all + durationMs, evidence.gapMs);
}

function freezeRun(evidence: LegEvidence, profile: ThermalProfile, end: End): number {
  if (profile.freeze === null) return 0;
  const thresholdIn = ({ freeze, guardBandMilliCelsius = 0 }: ThermalProfile): number | null =>
    freeze === null ? null : thresholdOf(freeze.comparator, freeze.limitMilliCelsius, guardBandMilliCelsius);
  const threshold = thresholdIn(profile);
  const { known } = evidence;
  if (known !== null && thresholdIn(known.profile) === threshold && samePolicy(known.profile, profile)) {
    return known.exposure.freezeRunMs;
  }
  return end === 'atLeast' || threshold === null ? 0 : timeBeyond(evidence, { side: 'cold', threshold });
}

function longestPiece(
  evidence: LegEvidence,
  profile: ThermalProfile,
  rule: Rule | undefined,
  index: number,
  end: End,
): number {
  const range = profile.ranges[index];
  if (rule === undefined || range === undefined || activationOf(range) === 'cumulative') return 0;
  const { known } = evidence;
  const same = known === null ? -1 : sameRule(known.profile, profile, rule, index);
  if (known !== null && same >= 0) return known.exposure.longestMs?.[same] ?? 0;
  return end === 'atMost' ? timeBeyond(evidence, rule) : 0;
}

/** The range of a known profile that counts pieces as this one does, or -1. */
function sameRule(known: ThermalProfile, profile: ThermalProfile, rule: Rule, index: number): number {
  if (!samePolicy(known, profile) || (known.ignoreAfterPackingMs ?? 0) !== (profile.ignoreAfterPackingMs ?? 0))
    return -1;
  const range = profile.ranges[index];
  return rulesOf(known)
    .slice(2)
    .findIndex(({ side, threshold }, at) => {
      const other = known.ranges[at];
      return (
        side === rule.side &&
        threshold === rule.threshold &&
        other !== undefined &&
        range !== undefined &&
        activationOf(other) === activationOf(range)
      );
    });
}

function samePolicy(one: ThermalProfile, other: ThermalProfile): boolean {
  return (
    one.gap.policy === other.gap.policy && JSON.stringify(one.gap.plausible) === JSON.stringify(other.gap.plausible)
  );
}
