import { judgeBudget } from '../budget.js';
import { breaks, rulesOf, thresholdOf } from '../excursion/rules.js';
import { activationOf, type Exposure, type ThermalProfile } from '../thermal-profile.js';

/** What is known of one product at a place whose cooling failed. */
export interface TriageQuestion {
  readonly profile: ThermalProfile;
  /** What the goods have spent so far; null: nothing is known of them. */
  readonly spent: Exposure | null;
  /** What stands against them whatever the temperature; null: nothing. */
  readonly objection: TriageObjection | null;
  /** Since when the place is at the ambient temperature; what lies ahead counts from now. */
  readonly failedAt: number;
  readonly ambientMilliCelsius: number;
  readonly now: number;
}

/** What is to be done with the goods. Instants in ms since 1970 UTC. */
export type TriageAnswer =
  | { readonly answer: 'usable' }
  /** If they stay where they are, the budget that the manufacturer publishes is spent then. */
  | { readonly answer: 'usable-until'; readonly until: number; readonly range: string }
  | { readonly answer: 'hold'; readonly reason: TriageReason };

/** What stands against goods whatever the temperature, the gravest first. */
export const TRIAGE_OBJECTIONS = ['recalled', 'quarantined', 'expired', 'not-certified'] as const;
export type TriageObjection = (typeof TRIAGE_OBJECTIONS)[number];

export const TRIAGE_REASONS = [
  ...TRIAGE_OBJECTIONS,
  'not-known',
  'no-published-budget',
  'budget-spent',
  'freezing',
] as const;
export type TriageReason = (typeof TRIAGE_REASONS)[number];

/**
 * Triage by published budgets alone: the place is taken to be at the ambient temperature since it failed, which is the
 * worst that can be, because goods and walls follow later. What is not published is not assumed. Of a range that counts
 * pieces the longest one is taken to be still running: what began before the place failed goes on in it.
 */
export function triage(question: TriageQuestion): TriageAnswer {
  const { profile, spent, objection, ambientMilliCelsius, now } = question;
  const failedAt = Math.min(question.failedAt, now);
  if (objection !== null) return { answer: 'hold', reason: objection };
  if (spent === null) return { answer: 'hold', reason: 'not-known' };
  const before = judgeBudget(profile, spent);
  if (before.exceeded || before.freezeTripped) return { answer: 'hold', reason: 'budget-spent' };
  const [above, below, ...ranges] = rulesOf(profile);
  const isBroken = (rule: typeof above): boolean =>
    rule !== undefined && breaks(rule, ambientMilliCelsius, ambientMilliCelsius);
  if (freezes(profile, ambientMilliCelsius)) return { answer: 'hold', reason: 'freezing' };
  if (!isBroken(above) && !isBroken(below)) return { answer: 'usable' };
  const limits = ranges.flatMap((rule, index) => {
    const range = profile.ranges[index];
    if (range === undefined || !isBroken(rule)) return [];
    const used = (activationOf(range) === 'cumulative' ? spent.usedMs[index] : spent.longestMs?.[index]) ?? 0;
    return [{ range: range.name, until: failedAt + Math.max(0, range.allowedMs - used) }];
  });
  const [first] = limits.toSorted((one, other) => one.until - other.until);
  if (first === undefined) return { answer: 'hold', reason: 'no-published-budget' };
  const until = profile.combine === 'sum' ? sharedUntil(profile, spent, failedAt, first.until) : first.until;
  return until <= now
    ? { answer: 'hold', reason: 'budget-spent' }
    : { answer: 'usable-until', until, range: first.range };
}

/** With the guard band, as readings are judged. */
function freezes({ freeze, guardBandMilliCelsius = 0 }: ThermalProfile, ambientMilliCelsius: number): boolean {
  if (freeze === null) return false;
  return ambientMilliCelsius <= thresholdOf(freeze.comparator, freeze.limitMilliCelsius, guardBandMilliCelsius);
}

/** With `sum` what other ranges have spent is missing from this one: the share that is left, of the tightest range. */
function sharedUntil(profile: ThermalProfile, spent: Exposure, failedAt: number, until: number): number {
  const cumulative = profile.ranges.map((range, index) =>
    activationOf(range) === 'cumulative' && range.allowedMs > 0 ? (spent.usedMs[index] ?? 0) / range.allowedMs : 0,
  );
  const left = Math.max(0, 1 - cumulative.reduce((sum, share) => sum + share, 0));
  const tightest = Math.min(...profile.ranges.map(({ allowedMs }) => allowedMs).filter((allowedMs) => allowedMs > 0));
  return Math.min(until, failedAt + Math.floor(left * tightest));
}
