import { addExposures } from './budget.js';
import { countingOrderOf, rulesOf } from './excursion/rules.js';
import type { Exposure, ThermalProfile } from './thermal-profile.js';

/** What one leg of a unit spent, and who had the unit then. */
export interface LegShare {
  readonly leg: string;
  readonly custodian: string;
  readonly exposure: Exposure;
  /** Per range: what of it lies so near to a change of custody that it is nobody's; absent: nothing. */
  readonly undeterminedMs?: readonly number[];
}

/**
 * Whose time it was. The custodians' times, what was inherited and what is undetermined add up to the total exactly, per
 * range.
 */
export interface Attribution {
  readonly total: Exposure;
  readonly inherited: Exposure;
  /** Per range. */
  readonly undeterminedMs: readonly number[];
  /** In the order of their first legs. */
  readonly custodians: readonly {
    readonly custodian: string;
    readonly exposure: Exposure;
    readonly legs: readonly string[];
  }[];
}

/** Divides what a unit has spent among those who had it. @param legs of one profile, oldest first */
export function attribute(inherited: Exposure, legs: readonly LegShare[]): Attribution {
  const byCustodian = new Map<string, { exposure: Exposure; readonly legs: string[] }>();
  let undeterminedMs: readonly number[] = inherited.usedMs.map(() => 0);
  for (const { leg, custodian, exposure: whole, undeterminedMs: nobodys = [] } of legs) {
    // Never more than the leg spent, so that no share is negative.
    const apart = whole.usedMs.map((usedMs, range) => Math.min(usedMs, nobodys[range] ?? 0));
    undeterminedMs = undeterminedMs.map((sum, range) => sum + (apart[range] ?? 0));
    const exposure = { ...whole, usedMs: whole.usedMs.map((usedMs, range) => usedMs - (apart[range] ?? 0)) };
    const known = byCustodian.get(custodian);
    if (known === undefined) byCustodian.set(custodian, { exposure, legs: [leg] });
    else {
      known.exposure = addExposures(known.exposure, exposure);
      known.legs.push(leg);
    }
  }
  return {
    total: legs.reduce((total, { exposure }) => addExposures(total, exposure), inherited),
    inherited,
    undeterminedMs,
    custodians: [...byCustodian].map(([custodian, share]) => ({ custodian, ...share })),
  };
}

/** Something that lasted; `closedAt` null: it still does. */
interface Lasting {
  readonly openedAt: number;
  readonly closedAt: number | null;
}

/**
 * Whose excursion it was. `undetermined`: all of it lies so near to a change of custody that the clocks do not tell on
 * which side it was; it counts for the unit and is assigned to nobody.
 */
export type Responsibility = 'custodian' | 'undetermined';

/** An excursion as far as attribution asks: `rule` is the name of a range as the fold tells it. */
export interface AttributedExcursion extends Lasting {
  readonly rule: string;
  readonly durationMs: number;
}

/**
 * What excursions that are nobody's spent of each range: their time, less that of the next more extreme range inside of
 * them where a moment counts in one range only.
 */
export function undeterminedOf(profile: ThermalProfile, excursions: readonly AttributedExcursion[]): readonly number[] {
  const ranges = rulesOf(profile).slice(2);
  const order = countingOrderOf(profile, ranges);
  const of = (range: number): readonly AttributedExcursion[] =>
    excursions.filter(({ rule }) => rule === ranges[range]?.name);
  const timeOf = (some: readonly AttributedExcursion[]): number => some.reduce((sum, one) => sum + one.durationMs, 0);
  return ranges.map((rule, range) => {
    const side = order[rule.side];
    const beyond = order.nested ? undefined : side[side.indexOf(range) - 1];
    return of(range).reduce((sum, outer) => {
      const inside = beyond === undefined ? [] : of(beyond).filter((inner) => isInside(inner, outer));
      return sum + Math.max(0, outer.durationMs - timeOf(inside));
    }, 0);
  });
}

function isInside(inner: Lasting, outer: Lasting): boolean {
  return inner.openedAt >= outer.openedAt && (inner.closedAt ?? Infinity) <= (outer.closedAt ?? Infinity);
}

/** @param changes times at which custody passed @param uncertaintyMs how far a logger's clock may be off */
export function responsibilityFor(
  excursion: Lasting,
  changes: readonly number[],
  uncertaintyMs: number,
  now: number,
): Responsibility {
  const to = excursion.closedAt ?? now;
  const isNear = changes.some((at) => excursion.openedAt >= at - uncertaintyMs && to <= at + uncertaintyMs);
  return isNear ? 'undetermined' : 'custodian';
}

/** How long goods have been, or were, on their way, and whether that is more than a profile takes. */
export interface TransitFinding {
  readonly durationMs: number;
  readonly longestMs: number;
}

/** A transit that is longer than the profile's longest, or null. @param receivedAt null: not yet, as of `now` */
export function transitFinding(
  longestTransitMs: number | null,
  shippedAt: number,
  receivedAt: number | null,
  now: number,
): TransitFinding | null {
  if (longestTransitMs === null) return null;
  const durationMs = (receivedAt ?? now) - shippedAt;
  return durationMs > longestTransitMs ? { durationMs, longestMs: longestTransitMs } : null;
}
