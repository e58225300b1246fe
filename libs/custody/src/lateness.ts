import { type ActContext, eventTimeOf, evidenceEndOf } from './act-context.js';

/** By how much the platform hears of an act later than it was, when somebody scans and is connected. */
const LATE_MS = 15 * 60_000;
/** By how much it may, when he was not, for a part of a shift. */
const OFFLINE_MS = 4 * 3_600_000;

/** From when on what an act begins is evidence of goods; instants in ms since 1970 UTC. */
export interface Vouching {
  /** Before that it counts against them only: that it was with them is a claim. null: from the act's time on. */
  readonly vouchesFrom: number | null;
  /** From here on it is evidence before that, too, where all speaks that they were said to have left. null: it is not. */
  readonly secondedFrom: number | null;
}

/** Whether an act was captured later than acts are when somebody is connected. */
export const isLate = (context: ActContext): boolean => eventTimeOf(context) < evidenceEndOf(context) - LATE_MS;

/**
 * From when on what an act begins vouches: from its time, but at most a quarter of an hour before it was captured, or four
 * hours where something seconds it.
 *
 * @param isSeconded all goods come from where something watched them until now: then the act adds to what was measured
 */
export function vouchingOf(context: ActContext, isSeconded: boolean): Vouching {
  if (!isLate(context)) return { vouchesFrom: null, secondedFrom: null };
  const captured = evidenceEndOf(context);
  return {
    vouchesFrom: captured - LATE_MS,
    secondedFrom: isSeconded ? earliestSeconded(context).getTime() : null,
  };
}

/** From when on what an act begins may be seconded. */
export const earliestSeconded = (context: ActContext): Date =>
  new Date(Math.max(eventTimeOf(context), evidenceEndOf(context) - OFFLINE_MS));

/** A place or logger that ended so shortly before that goods may still have come out of it with this act. */
export const lateSince = (context: ActContext): Date => new Date(evidenceEndOf(context) - LATE_MS);

/** An instant as a parameter. */
export const dateOrNull = (at: number | null): Date | null => (at === null ? null : new Date(at));
