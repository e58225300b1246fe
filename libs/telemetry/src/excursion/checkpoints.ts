import { foldReadings } from './fold.js';
import type { Excursion, Folded, LegState } from './leg-state.js';
import { ascendingSamples } from './sample.js';
import type { Sample } from './sample.js';

/** Checkpoints of a leg are this far apart: a late reading costs the fold of a day at most, however long the leg is. */
export const CHECKPOINT_MS = 24 * 3_600_000;

/** A fold that also left checkpoints. */
export interface FoldedWithCheckpoints extends Folded {
  /** States before the first reading of each further period, ascending. */
  readonly checkpoints: readonly LegState[];
}

/**
 * Folds samples and keeps the state of the end of every period of `everyMs` (counted from 1970) that readings have left
 * behind. The state is the same as that of {@link foldReadings}.
 */
export function foldWithCheckpoints(
  state: LegState,
  samples: readonly Sample[],
  everyMs = CHECKPOINT_MS,
): FoldedWithCheckpoints | { readonly late: true; readonly at: number } {
  const periodOf = (at: number): number => Math.floor(at / everyMs);
  const closed: Excursion[] = [];
  const checkpoints: LegState[] = [];
  const ascending = ascendingSamples(samples);
  let folded: Folded = { late: false, state, closed: [], open: [] };
  for (let from = 0; from < ascending.length || from === 0;) {
    const period = periodOf(ascending[from]?.at ?? 0);
    let to = from + 1;
    while (to < ascending.length && periodOf((ascending[to] as Sample).at) === period) to++;
    const before = folded.state;
    const next = foldReadings(before, ascending.slice(from, to));
    if (next.late) return next;
    const isNew = next.state.evaluatedTo !== before.evaluatedTo;
    if (isNew && before.evaluatedTo !== null && periodOf(before.evaluatedTo) < period) checkpoints.push(before);
    closed.push(...next.closed);
    folded = next;
    from = to;
  }
  return { ...folded, closed, checkpoints };
}

/**
 * The state to go on from when something at or after `earliestAt` is new: the newest one that has not read so far yet.
 * Null: from the start of the leg.
 */
export function resumeFrom(states: readonly LegState[], earliestAt: number): LegState | null {
  let best: LegState | null = null;
  for (const state of states) {
    if (state.phase !== 'open' || state.evaluatedTo === null || state.evaluatedTo >= earliestAt) continue;
    if (best?.evaluatedTo == null || state.evaluatedTo > best.evaluatedTo) best = state;
  }
  return best;
}
