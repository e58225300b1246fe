import { activationOf } from './thermal-profile.js';
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
