import { addExposures } from './budget.js';
import type { Exposure } from './thermal-profile.js';

/** What one leg of a unit spent, and who had the unit then. */
export interface LegShare {
  readonly leg: string;
  readonly custodian: string;
  readonly exposure: Exposure;
}

/** Whose time it was. The custodians' times and what was inherited add up to the total exactly, per range. */
export interface Attribution {
  readonly total: Exposure;
  readonly inherited: Exposure;
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
  for (const { leg, custodian, exposure } of legs) {
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
