import { isDeepStrictEqual } from 'node:util';
import type { ProductProfile } from '@coldchain/chaincode/protocol';
import type { OrganisationTransaction } from '@coldchain/database';
import {
  carryOf,
  closeLeg,
  type FoldedWithCheckpoints,
  foldWithCheckpoints,
  type LegState,
  mergeReadings,
  startLeg,
  type ThermalProfile,
} from '@coldchain/telemetry';
import { checkpointBefore } from './evaluation-store.js';
import { type LegOwner, type LegRow, oldestRunning, packedAtOf, readingsOf } from './leg-repository.js';

/** A leg with its news folded in, and the instant that the fold went on from (null: the start of the leg). */
export interface FoldedNews extends FoldedWithCheckpoints {
  readonly from: number | null;
}

/**
 * Goes on from the stored state when all news lie after it, else from the newest checkpoint before them, else from the
 * start of the leg. All three end in the same state.
 */
export async function foldNews(
  transaction: OrganisationTransaction,
  leg: LegRow,
  owner: LegOwner,
  profiles: readonly ProductProfile[],
): Promise<FoldedNews> {
  // Taken under the lock of the leg: an evaluation that started earlier cannot store less than one that ended before.
  const visibleBelow = await oldestRunning(transaction);
  const packedAt = profiles.some(({ ignoreAfterPackingMs = 0 }) => ignoreAfterPackingMs > 0)
    ? await packedAtOf(transaction, leg.unitKey)
    : null;
  const start = startLeg(profiles, {
    startedAt: leg.startedAt,
    intervalMs: holdingTime(leg.intervalMs, profiles),
    // What was before the first reading is not known: it is a gap, as in the evaluation of a file.
    leadMs: 0,
    carry: leg.previous?.phase === 'closed' ? carryOf(leg.previous) : null,
    packedAt,
  });
  for await (const state of statesToGoOnFrom(transaction, leg, owner, start)) {
    const after = state?.evaluatedTo ?? null;
    const readings = await readingsOf(transaction, leg.loggerId, {
      after: after ?? leg.startedAt - 1,
      until: leg.endedAt,
      visibleBelow,
    });
    const folded = foldWithCheckpoints(state ?? start, mergeReadings(readings));
    const ended = folded.late ? null : end(folded, leg);
    if (ended !== null) return { ...ended, from: after };
  }
  throw new Error(`leg ${leg.id}: its readings cannot be folded from its start`);
}

/** The stored state, then a checkpoint, then (null) the start; what does not fit the leg as it is now is left out. */
async function* statesToGoOnFrom(
  transaction: OrganisationTransaction,
  leg: LegRow,
  { earliestAt }: LegOwner,
  start: LegState,
): AsyncGenerator<LegState | null> {
  const { state } = leg;
  const isNewer = earliestAt === null || state?.evaluatedTo == null || earliestAt > state.evaluatedTo;
  if (state !== null && state.phase === 'open' && isNewer && fits(state, start)) yield state;
  if (earliestAt !== null) {
    const checkpoint = await checkpointBefore(transaction, leg.id, earliestAt);
    if (checkpoint !== null && fits(checkpoint, start)) yield checkpoint;
  }
  yield null;
}

/** Whether a state was begun as the leg would be begun now. */
function fits(state: LegState, start: LegState): boolean {
  return (
    state.version === start.version &&
    state.startedAt === start.startedAt &&
    state.intervalMs === start.intervalMs &&
    state.packedAt === start.packedAt &&
    isDeepStrictEqual(state.profiles, start.profiles)
  );
}

/**
 * How long a reading holds: the logger's declared interval, but no longer than the shortest time without evidence that a
 * profile allows. Who declares an interval of a day would otherwise have no gaps.
 */
function holdingTime(intervalMs: number, profiles: readonly ThermalProfile[]): number {
  return Math.min(intervalMs, ...profiles.map(({ gap }) => gap.allowedMs).filter((allowedMs) => allowedMs > 0));
}

/** Closes the state of a leg that has ended; null when the end lies before what was folded. */
function end(folded: FoldedWithCheckpoints, leg: LegRow): FoldedWithCheckpoints | null {
  if (leg.endedAt === null) return folded;
  const closed = closeLeg(folded.state, leg.endedAt);
  if (closed.late) return null;
  return { ...closed, closed: [...folded.closed, ...closed.closed], checkpoints: folded.checkpoints };
}
