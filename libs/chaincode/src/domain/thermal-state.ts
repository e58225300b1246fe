import type {
  Exposure,
  HoldReason,
  HoldRelease,
  LegRecord,
  ProductProfile,
  ProfileId,
  StoredLeg,
  ThermalState,
} from '../protocol';

/** Exposures by their profile. */
type Exposures = ReadonlyMap<ProfileId, Exposure>;

const byProfile = (exposures: readonly Exposure[]): Exposures =>
  new Map(exposures.map((exposure) => [exposure.profile, exposure]));

const extreme = (pick: (a: number, b: number) => number, a: number | null, b: number | null): number | null => {
  if (a === null) return b;
  return b === null ? a : pick(a, b);
};

/** Joins two states range by range; a profile that only one of them has is kept when `onlyFirst` is not set. */
function joined(
  a: ThermalState,
  b: ThermalState,
  times: (a: number, b: number) => number,
  onlyFirst: boolean,
): ThermalState {
  const first = byProfile(a.exposures);
  const second = byProfile(b.exposures);
  const profiles = onlyFirst ? [...first.keys()] : [...new Set([...first.keys(), ...second.keys()])];
  const exposures = profiles.sort().map((profile): Exposure => {
    const [one, other] = [first.get(profile), second.get(profile)];
    const ranges = Math.max(one?.usedMs.length ?? 0, other?.usedMs.length ?? 0);
    const longestMs = longestOf(one, other);
    return {
      profile,
      usedMs: Array.from({ length: ranges }, (_, range) => times(one?.usedMs[range] ?? 0, other?.usedMs[range] ?? 0)),
      // Runs in different legs or units do not join into one run.
      freezeRunMs: Math.max(one?.freezeRunMs ?? 0, other?.freezeRunMs ?? 0),
      ...(longestMs === undefined ? {} : { longestMs }),
    };
  });
  return {
    exposures,
    gapMs: times(a.gapMs, b.gapMs),
    coldestMilliCelsius: extreme(Math.min, a.coldestMilliCelsius, b.coldestMilliCelsius),
    hottestMilliCelsius: extreme(Math.max, a.hottestMilliCelsius, b.hottestMilliCelsius),
  };
}

/** Per range the longer piece; undefined where neither has any. */
function longestOf(one: Exposure | undefined, other: Exposure | undefined): readonly number[] | undefined {
  if (one?.longestMs === undefined || other?.longestMs === undefined) return one?.longestMs ?? other?.longestMs;
  const [first, second] = [one.longestMs, other.longestMs];
  return Array.from({ length: Math.max(first.length, second.length) }, (_, range) =>
    Math.max(first[range] ?? 0, second[range] ?? 0),
  );
}

const sum = (a: number, b: number): number => a + b;

/** A state in which nothing was spent and nothing was measured. */
export const nothingSpent: ThermalState = {
  exposures: [],
  gapMs: 0,
  coldestMilliCelsius: null,
  hottestMilliCelsius: null,
};

/** What packs straight from production have spent: the opening balance of their profile. */
export function openingState(profile: ProductProfile, id: ProfileId): ThermalState {
  return { ...nothingSpent, exposures: [{ profile: id, usedMs: profile.openingMs, freezeRunMs: 0 }] };
}

/** Upper bound for packs out of several sources: per range the maximum, extremes merged. */
export function maximumOf(states: readonly ThermalState[]): ThermalState {
  return states.reduce((all, state) => joined(all, state, Math.max, false), nothingSpent);
}

/** The part of a state that concerns some profiles. */
export function restrictedTo(state: ThermalState, profiles: readonly ProfileId[]): ThermalState {
  return { ...state, exposures: state.exposures.filter((exposure) => profiles.includes(exposure.profile)) };
}

/** A state raised by increments, for the profiles that it has. */
export function raisedBy(state: ThermalState, increments: ThermalState): ThermalState {
  return joined(state, increments, sum, true);
}

/** `inherited` plus all legs that are not absorbed. */
export function totalOf(inherited: ThermalState, legs: readonly StoredLeg[]): ThermalState {
  return legs.filter((leg) => !leg.absorbed).reduce((total, leg) => joined(total, leg, sum, false), inherited);
}

/**
 * What a record adds to the one that it replaces: never less than nothing, because a unit that took the state over keeps
 * what it was once charged with. A freeze run is given in full, as it is joined by maximum.
 */
export function incrementsOf(before: LegRecord | undefined, after: LegRecord): ThermalState {
  const known = byProfile(before?.exposures ?? []);
  return {
    exposures: after.exposures.map((exposure) => ({
      profile: exposure.profile,
      usedMs: exposure.usedMs.map((used, range) =>
        Math.max(0, used - (known.get(exposure.profile)?.usedMs[range] ?? 0)),
      ),
      freezeRunMs: exposure.freezeRunMs,
      ...(exposure.longestMs === undefined ? {} : { longestMs: exposure.longestMs }),
    })),
    gapMs: Math.max(0, after.gapMs - (before?.gapMs ?? 0)),
    coldestMilliCelsius: after.coldestMilliCelsius,
    hottestMilliCelsius: after.hottestMilliCelsius,
  };
}

/**
 * Does an exposure exceed a profile's budgets? Exactly the allowed time is not yet too much, unless the range says so.
 * What counts of a range follows from its activation: all of its time, or the longest piece.
 */
export function exceedsBudget(exposure: Exposure, profile: ProductProfile): boolean {
  const ranges = profile.ranges.map((range, index) => {
    const cumulative = (range.activation ?? 'cumulative') === 'cumulative';
    const usedMs = (cumulative ? exposure.usedMs[index] : exposure.longestMs?.[index]) ?? 0;
    return { usedMs, allowedMs: range.allowedMs, tripsAtAllowed: range.tripsAtAllowed ?? false, cumulative };
  });
  if (ranges.some((range) => range.usedMs > range.allowedMs)) return true;
  if (ranges.some((range) => range.tripsAtAllowed && range.usedMs > 0 && range.usedMs === range.allowedMs)) return true;
  return profile.combine === 'sum' && exceedsSum(ranges.filter((range) => range.cumulative));
}

/** Σ used/allowed > 1 over one common denominator, without floating point. A range that allows nothing was judged alone. */
function exceedsSum(used: readonly { readonly usedMs: number; readonly allowedMs: number }[]): boolean {
  let [numerator, denominator] = [0n, 1n];
  for (const { usedMs, allowedMs } of used) {
    if (allowedMs === 0) continue;
    numerator = numerator * BigInt(allowedMs) + BigInt(usedMs) * denominator;
    denominator *= BigInt(allowedMs);
  }
  return numerator > denominator;
}

/** Has a product frozen? Its run at or beyond the limit lasted as long as the rule says. */
export function breaksFreezeRule(exposure: Exposure, profile: ProductProfile): boolean {
  return profile.freeze !== null && exposure.freezeRunMs >= profile.freeze.consecutiveMs;
}

/** Is an exposure nowhere beyond a known one of the same profile? */
export function isWithin(exposure: Exposure, known: Exposure): boolean {
  return (
    exposure.profile === known.profile &&
    exposure.freezeRunMs <= known.freezeRunMs &&
    exposure.usedMs.every((used, range) => used <= (known.usedMs[range] ?? 0)) &&
    (exposure.longestMs ?? []).every((longest, range) => longest <= (known.longestMs?.[range] ?? 0))
  );
}

/** Was a thermal hold for this reason released when as much was known? */
export function isExcused(reason: HoldReason, exposure: Exposure, releases: readonly HoldRelease[]): boolean {
  return releases.some(
    (release) => release.reason === reason && release.exposures.some((known) => isWithin(exposure, known)),
  );
}

/** The reasons for a thermal hold that a total gives under its profiles, beyond what was assessed and released. */
export function thermalReasons(
  total: ThermalState,
  profiles: ReadonlyMap<ProfileId, ProductProfile>,
  releases: readonly HoldRelease[],
): HoldReason[] {
  const reasons = new Set<HoldReason>();
  for (const exposure of total.exposures) {
    const profile = profiles.get(exposure.profile);
    if (profile === undefined) continue;
    if (exceedsBudget(exposure, profile) && !isExcused('budget-exceeded', exposure, releases)) {
      reasons.add('budget-exceeded');
    }
    if (breaksFreezeRule(exposure, profile) && !isExcused('freeze-rule', exposure, releases)) {
      reasons.add('freeze-rule');
    }
  }
  return [...reasons].sort();
}
