import { breaksFreezeRule, exceedsBudget, isExcused } from '@coldchain/chaincode/domain';
import type { Exposure, HoldRelease, ProductProfile, ProfileId, UnitState } from '@coldchain/chaincode/protocol';
import type { LegFacts, PastFacts, UnitFacts } from './verdict-facts.js';

/** What is known about the temperatures of one chain of units under one profile. */
export type TemperatureFinding =
  | {
      readonly state: 'within';
      readonly asOf: number | null;
      readonly spentPercent: number;
      /** It has been beyond its limits; owners found that usable, and the hold for it was released. */
      readonly excused: boolean;
    }
  | { readonly state: 'exceeded' | 'frozen' }
  | { readonly state: 'evidence-missing'; readonly since: number | null; readonly missingMs: number };

/**
 * Judges a chain of units under a profile: exposure first (what is spoilt stays spoilt), then whether the evidence that
 * the profile asks for is complete up to now.
 */
export function judgeTemperature(
  chain: readonly UnitFacts[],
  id: ProfileId,
  profile: ProductProfile,
  now: number,
): TemperatureFinding {
  let spentPercent = 0;
  let excused = false;
  for (const { exposure, releases } of boundsOf(chain, id, profile)) {
    if (breaksFreezeRule(exposure, profile) && exposure.freezeRunMs > 0) {
      if (!isExcused('freeze-rule', exposure, releases)) return { state: 'frozen' };
      excused = true;
    }
    if (exceedsBudget(exposure, profile)) {
      if (!isExcused('budget-exceeded', exposure, releases)) return { state: 'exceeded' };
      excused = true;
    }
    spentPercent = Math.max(spentPercent, percentOf(exposure, profile));
  }
  const evidence = judgeEvidence(chain, profile, now);
  return evidence.complete
    ? { state: 'within', asOf: evidence.asOf, spentPercent, excused }
    : { state: 'evidence-missing', since: evidence.since, missingMs: evidence.missingMs };
}

/** What a unit has spent at most by one account, and what was assessed and released by that account. */
interface Bound {
  readonly exposure: Exposure;
  /** Of the unit and of those around it, which speak for it. */
  readonly releases: readonly HoldRelease[];
}

/**
 * What each unit of a chain has spent at most under a profile: by the ledger's account and by the expected one, each with
 * what the chain's legs have measured beyond it.
 */
export const upperBounds = (chain: readonly UnitFacts[], id: ProfileId, profile: ProductProfile): Exposure[] =>
  boundsOf(chain, id, profile).map((bound) => bound.exposure);

function boundsOf(chain: readonly UnitFacts[], id: ProfileId, profile: ProductProfile): Bound[] {
  return (['ledger', 'expected'] as const).flatMap((account) => {
    const added = unrecorded(chain, id, account);
    const states = chain.map((unit) => unit[account] ?? unit.ledger);
    return states.map((state, index) => ({
      exposure: withAdded(exposureOf(state, id), added, profile, id),
      releases: states.slice(index).flatMap((one) => one?.releases ?? []),
    }));
  });
}

const exposureOf = (state: UnitState | null, id: ProfileId): Exposure | undefined =>
  state?.total.exposures.find((exposure) => exposure.profile === id);

function withAdded(known: Exposure | undefined, added: Exposure, profile: ProductProfile, id: ProfileId): Exposure {
  return {
    profile: id,
    usedMs: profile.ranges.map((_, range) => (known?.usedMs[range] ?? 0) + (added.usedMs[range] ?? 0)),
    freezeRunMs: Math.max(known?.freezeRunMs ?? 0, added.freezeRunMs),
    longestMs: profile.ranges.map((_, range) =>
      Math.max(known?.longestMs?.[range] ?? 0, added.longestMs?.[range] ?? 0),
    ),
  };
}

/** What the legs of the chain have spent beyond what their records in one account say. */
function unrecorded(chain: readonly UnitFacts[], id: ProfileId, account: 'ledger' | 'expected'): Exposure {
  const usedMs: number[] = [];
  const longestMs: number[] = [];
  let freezeRunMs = 0;
  for (const unit of chain) {
    for (const leg of unit.legs) {
      const live = leg.exposures.find((exposure) => exposure.profile === id);
      if (live === undefined) continue;
      const told = leg.recorded[account].find((exposure) => exposure.profile === id);
      live.usedMs.forEach((used, range) => {
        usedMs[range] = (usedMs[range] ?? 0) + Math.max(0, used - (told?.usedMs[range] ?? 0));
      });
      freezeRunMs = Math.max(freezeRunMs, live.freezeRunMs);
      live.longestMs?.forEach((longest, range) => {
        longestMs[range] = Math.max(longestMs[range] ?? 0, longest);
      });
    }
  }
  return { profile: id, usedMs, freezeRunMs, longestMs };
}

/** How much of its budgets an exposure has spent: of the sum, or of the one that is spent most. */
export function percentOf(exposure: Exposure, profile: ProductProfile): number {
  const parts = profile.ranges.map((range, index) =>
    range.allowedMs === 0 ? 0 : (usedOf(exposure, profile, index) * 100) / range.allowedMs,
  );
  const summed = parts.filter((_, index) => profile.combine === 'sum' && isCumulative(profile, index));
  return Math.floor(
    Math.max(
      0,
      ...parts,
      summed.reduce((all, part) => all + part, 0),
    ),
  );
}

const isCumulative = (profile: ProductProfile, index: number): boolean =>
  (profile.ranges[index]?.activation ?? 'cumulative') === 'cumulative';

/** What of an exposure is held against what a range allows: all of its time, or the longest piece. */
export function usedOf(exposure: Exposure, profile: ProductProfile, index: number): number {
  return (isCumulative(profile, index) ? exposure.usedMs[index] : exposure.longestMs?.[index]) ?? 0;
}

/** Whether a profile's evidence is there; what is missing, and since when, or when the newest reading was. */
type EvidenceFinding =
  | { readonly complete: true; readonly asOf: number | null }
  | { readonly complete: false; readonly since: number | null; readonly missingMs: number };

/**
 * Whether the evidence of a chain of units up to now has no more missing than a profile allows: what a verdict and a
 * what-if of another profile go by. Gaps are those of the legs as they were stored, with the time that only doubted
 * loggers speak for. A leg has been evaluated with the kinds of evidence that its profiles take; any other is a gap in it.
 */
export function judgeEvidence(chain: readonly UnitFacts[], profile: ProductProfile, now: number): EvidenceFinding {
  if (profile.evidence === 'none') return { complete: true, asOf: null };
  const { allowedMs } = profile.gap;
  const missing = (since: number | null, missingMs: number): EvidenceFinding => ({ complete: false, since, missingMs });
  const recorded = longestRecordedGap(chain);
  if (recorded > allowedMs) return missing(null, recorded);
  const legs = chain.flatMap((unit) => unit.legs).sort((a, b) => a.startedAt - b.startedAt);
  // Evidence that was ended and begun again within one custody is no new allowance.
  const missingOf = new Map<string, number>();
  for (const leg of legs) {
    const missingMs = (missingOf.get(leg.custody) ?? 0) + leg.gapMs + silenceOf(leg, now);
    missingOf.set(leg.custody, missingMs);
    if (missingMs > allowedMs) return missing(leg.readingAt ?? leg.startedAt, missingMs);
  }
  for (const line of linesOf(chain, now)) {
    if (line.since === null) return missing(null, 0);
    const holes = holesOf(line.legs, line.since, Math.min(line.until, now));
    // A hole between legs lies in somebody's custody: with the gaps of the legs there it shares one allowance.
    const inLegs = Math.max(0, ...line.legs.map((leg) => missingOf.get(leg.custody) ?? 0));
    const missingMs = holes.missingMs + inLegs;
    if (missingMs > allowedMs) return missing(holes.since, missingMs);
    // One silence is one, in however many hands it was: a change of custody in the middle is no new allowance.
    const silence = longestSilence(line, Math.min(line.until, now));
    if (silence.ms > allowedMs) return missing(silence.from, silence.ms);
  }
  return { complete: true, asOf: newestEvidence(legs, now) };
}

/**
 * Every time that must be covered: since the innermost unit was packed, and before that in each unit that its contents
 * came from. What lies beside it in an outer unit has a past of its own, which neither helps nor harms here.
 */
function linesOf(chain: readonly UnitFacts[], now: number): readonly PastFacts[] {
  const times = chain.flatMap((unit) => (unit.since === null ? [] : [unit.since]));
  const present: PastFacts = {
    since: times.length === 0 ? null : Math.min(...times),
    until: now,
    legs: chain.flatMap((unit) => unit.own),
  };
  return [present, ...(chain[0]?.past ?? [])];
}

/** The longest time without evidence that the ledger records for any leg of the chain, also those not visible here. */
function longestRecordedGap(chain: readonly UnitFacts[]): number {
  return Math.max(
    0,
    ...chain.flatMap((unit) =>
      [unit.ledger, unit.expected].flatMap((state) =>
        state === null ? [] : [state.inherited.gapMs, ...state.legs.map((leg) => leg.gapMs)],
      ),
    ),
  );
}

/** Time at the end of a leg for which nothing speaks: up to now, or up to its end while that is not evaluated. */
function silenceOf(leg: LegFacts, now: number): number {
  if (leg.endedAt !== null && leg.final) return 0;
  const until = Math.min(leg.endedAt ?? now, now);
  const from = Math.max(leg.holdsUntil ?? leg.startedAt, leg.startedAt);
  const vouchedMs = leg.vouched.reduce(
    (sum, [since, to]) => sum + Math.max(0, Math.min(to, until) - Math.max(since, from)),
    0,
  );
  return Math.max(0, until - from - vouchedMs);
}

/** Time in which no leg was open at all: the sum, and when it last began. */
function holesOf(
  legs: readonly LegFacts[],
  since: number,
  until: number,
): { readonly missingMs: number; readonly since: number | null } {
  let covered = since;
  let missingMs = 0;
  let lastHole: number | null = null;
  const cover = (from: number, to: number): void => {
    if (from > covered) {
      missingMs += from - covered;
      lastHole = covered;
    }
    covered = Math.max(covered, to);
  };
  const ascending = legs.filter((leg) => leg.startedAt < until).sort((a, b) => a.startedAt - b.startedAt);
  for (const leg of ascending) cover(leg.startedAt, Math.min(leg.endedAt ?? until, until));
  cover(until, until);
  return { missingMs, since: lastHole };
}

/** The longest time for which nothing spoke, across legs and the holes between them. */
function longestSilence(
  { legs, since }: PastFacts,
  until: number,
): { readonly from: number | null; readonly ms: number } {
  const silences: [number, number][] = [];
  let covered = since ?? until;
  const ascending = legs.filter((leg) => leg.startedAt < until).sort((a, b) => a.startedAt - b.startedAt);
  for (const leg of ascending) {
    const end = Math.min(leg.endedAt ?? until, until);
    silences.push([covered, leg.startedAt]);
    for (const [from, to] of [...leg.gaps, ...leg.doubted]) silences.push([from, Math.min(to, end)]);
    silences.push([end - silenceOf(leg, until), end]);
    covered = Math.max(covered, end);
  }
  let longest: { readonly from: number | null; readonly ms: number } = { from: null, ms: 0 };
  let current: [number, number] | null = null;
  for (const [from, to] of silences.filter((one) => one[1] > one[0]).sort((a, b) => a[0] - b[0])) {
    current = current !== null && from <= current[1] ? [current[0], Math.max(current[1], to)] : [from, to];
    if (current[1] - current[0] > longest.ms) longest = { from: current[0], ms: current[1] - current[0] };
  }
  return longest;
}

function newestEvidence(legs: readonly LegFacts[], now: number): number | null {
  const times = legs.flatMap((leg) => (leg.readingAt === null ? [] : [leg.readingAt]));
  return times.length === 0 ? null : Math.min(Math.max(...times), now);
}
