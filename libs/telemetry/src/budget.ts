import type { LegTotals } from './excursion/totals.js';
import { activationOf, thermalProfileId } from './thermal-profile.js';
import type { Activation, Exposure, ThermalProfile } from './thermal-profile.js';

/** How far a stability budget is spent. */
export interface BudgetJudgement {
  /**
   * A range is over its allowed time, or with `sum` the cumulative ranges together are. Exactly the allowed time is not
   * over, unless the range says `tripsAtAllowed`.
   */
  readonly exceeded: boolean;
  /** The longest freezing run reached the consecutive time of the freeze rule. */
  readonly freezeTripped: boolean;
  /** Whole tenths spent of the worst range (with `sum`: of all together); 10 at the limit, above it more. */
  readonly spentTenths: number;
  readonly byRange: readonly RangeUse[];
}

/** Time spent in one range. */
export interface RangeUse {
  readonly name: string;
  readonly activation: Activation;
  /** What is held against the allowed time: all of it, or of a range that is not cumulative the longest piece. */
  readonly usedMs: number;
  readonly allowedMs: number;
  readonly exceeded: boolean;
}

/** Tenths reported for time in a range that allows none. */
const BEYOND_NOTHING = 11;

/**
 * Judges accumulated exposure against a profile, in integers. The opening balance is not added here: the ledger puts it
 * into what a unit inherits, so pass the sum that is meant (a leg alone, or inherited plus legs).
 */
export function judgeBudget(profile: ThermalProfile, exposure: Omit<Exposure, 'profile'>): BudgetJudgement {
  const byRange = profile.ranges.map((range, index): RangeUse => {
    const activation = activationOf(range);
    const usedMs = (activation === 'cumulative' ? exposure.usedMs[index] : exposure.longestMs?.[index]) ?? 0;
    const { name, allowedMs, tripsAtAllowed = false } = range;
    const exceeded = usedMs > allowedMs || (tripsAtAllowed && usedMs > 0 && usedMs === allowedMs);
    return { name, activation, usedMs, allowedMs, exceeded };
  });
  const sum = profile.combine === 'sum' ? sumOf(byRange) : null;
  const worst = byRange.reduce((most, { usedMs, allowedMs }) => Math.max(most, tenths(usedMs, allowedMs)), 0);
  const { freeze } = profile;
  return {
    exceeded: byRange.some((range) => range.exceeded) || (sum !== null && sum.used > sum.allowed),
    freezeTripped: freeze !== null && exposure.freezeRunMs > 0 && exposure.freezeRunMs >= freeze.consecutiveMs,
    spentTenths: sum === null ? worst : Math.max(worst, Number((sum.used * 10n) / sum.allowed)),
    byRange,
  };
}

function tenths(usedMs: number, allowedMs: number): number {
  if (allowedMs === 0) return usedMs === 0 ? 0 : BEYOND_NOTHING;
  return Number((BigInt(usedMs) * 10n) / BigInt(allowedMs));
}

/** Σ used/allowed as one exact fraction. Ranges that allow nothing are judged alone. */
function sumOf(ranges: readonly RangeUse[]): { readonly used: bigint; readonly allowed: bigint } {
  let used = 0n;
  let allowed = 1n;
  for (const range of ranges) {
    if (range.allowedMs === 0 || range.activation !== 'cumulative') continue;
    used = used * BigInt(range.allowedMs) + BigInt(range.usedMs) * allowed;
    allowed *= BigInt(range.allowedMs);
  }
  return { used, allowed };
}

/** Two accounts of one profile as one: times add, the longer piece and the longer freezing run count. */
export function addExposures(one: Exposure, other: Exposure): Exposure {
  const [pieces, others] = [one.longestMs ?? other.longestMs, other.longestMs ?? []];
  return {
    profile: one.profile,
    usedMs: one.usedMs.map((usedMs, index) => usedMs + (other.usedMs[index] ?? 0)),
    freezeRunMs: Math.max(one.freezeRunMs, other.freezeRunMs),
    ...(pieces === undefined
      ? {}
      : { longestMs: pieces.map((longestMs, index) => Math.max(longestMs, others[index] ?? 0)) }),
  };
}

/** What of a leg was given to the ledger last. */
export type RecordedTotals = Pick<
  LegTotals,
  'durationMs' | 'gapMs' | 'coldestMilliCelsius' | 'hottestMilliCelsius' | 'exposures' | 'final'
>;

/** The longest time of a leg that the ledger does not hear of. */
const RECORD_EVERY_MS = 24 * 3_600_000;

/**
 * Whether a leg's totals are due to be recorded again: the budget is newly exceeded, a range passed another tenth, the
 * freeze rule newly tripped, a day of the leg passed, or the leg ended (and after that whenever late readings changed it).
 * `before` is what the unit had spent when the leg began (inherited and earlier legs): with it the limit is noticed where
 * it really is, not only at the tenths of this leg alone.
 */
export function shouldRecord(
  previous: RecordedTotals | null,
  totals: RecordedTotals,
  profile: ThermalProfile,
  before: Exposure | null = null,
): boolean {
  if (totals.final) return previous === null || !previous.final || !sameTotals(previous, totals);
  const now = judgeBudget(profile, spentWith(totals, profile, before));
  const then = judgeBudget(profile, spentWith(previous, profile, before));
  return (
    (now.exceeded && !then.exceeded) ||
    (now.freezeTripped && !then.freezeTripped) ||
    rangeTenths(now).some((tenth, index) => tenth > (rangeTenths(then)[index] ?? 0)) ||
    now.spentTenths > then.spentTenths ||
    totals.durationMs - (previous?.durationMs ?? 0) >= RECORD_EVERY_MS
  );
}

function rangeTenths(judgement: BudgetJudgement): readonly number[] {
  return judgement.byRange.map(({ usedMs, allowedMs }) => tenths(usedMs, allowedMs));
}

function spentWith(totals: RecordedTotals | null, profile: ThermalProfile, before: Exposure | null): Exposure {
  const id = thermalProfileId(profile);
  const none: Exposure = { profile: id, usedMs: profile.ranges.map(() => 0), freezeRunMs: 0 };
  return addExposures(before ?? none, totals?.exposures.find((exposure) => exposure.profile === id) ?? none);
}

function sameTotals(one: RecordedTotals, other: RecordedTotals): boolean {
  const text = ({ durationMs, gapMs, coldestMilliCelsius, hottestMilliCelsius, exposures }: RecordedTotals): string =>
    JSON.stringify([
      durationMs,
      gapMs,
      coldestMilliCelsius,
      hottestMilliCelsius,
      exposures.map(({ profile, usedMs, freezeRunMs, longestMs }) => [profile, usedMs, freezeRunMs, longestMs ?? []]),
    ]);
  return text(one) === text(other);
}
