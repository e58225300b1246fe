import { isDeepStrictEqual } from 'node:util';
import type { ProductProfile } from '@coldchain/chaincode/protocol';
import type { OrganisationTransaction } from '@coldchain/database';
import {
  CHECKPOINT_MS,
  carryOf,
  closeLeg,
  type FoldedWithCheckpoints,
  foldWithCheckpoints,
  type LegCarry,
  type LegState,
  type Sample,
  startLeg,
} from '@coldchain/telemetry';
import { checkpointBefore } from './evaluation-store.js';
import { changedFrom, evidenceOf, type LegEvidence, onlySource, samplesOf } from './leg-evidence.js';
import { type LegOwner, type LegRow, packedAtOf, samplesOfLoggers } from './leg-repository.js';

/**
 * Checkpoints of a leg with several sources: one is always heard after another one was, so that its readings are late and
 * the leg goes on from a checkpoint with nearly every look.
 */
const CLOSE_CHECKPOINT_MS = 4 * 3_600_000;

/** A leg with its news folded in, and the instant that the fold went on from (null: the start of the leg). */
export interface FoldedNews extends FoldedWithCheckpoints {
  readonly from: number | null;
  readonly evidence: LegEvidence;
  /** Up to when what was read last holds; null: nothing was. */
  readonly holdsUntil: number | null;
  /** What holds on in an open leg after the newest reading of any source: folded when asked for an instant, never stored. */
  readonly tail: readonly Sample[];
}

/**
 * Goes on from the stored state when all news lie after it, else from the newest checkpoint before them, else from the
 * start of the leg. All three end in the same state. Sources that came, went or changed are news from when they did.
 */
export async function foldNews(
  transaction: OrganisationTransaction,
  leg: LegRow,
  owner: LegOwner,
  profiles: readonly ProductProfile[],
): Promise<FoldedNews> {
  const packedAt = profiles.some(({ ignoreAfterPackingMs = 0 }) => ignoreAfterPackingMs > 0)
    ? await packedAtOf(transaction, leg.unitKey)
    : null;
  const evidence = evidenceOf(leg, profiles);
  const begin = (carry: LegCarry | null): LegState =>
    startLeg(profiles, {
      startedAt: leg.startedAt,
      intervalMs: evidence.intervalMs,
      // What was before the first reading is not known: it is a gap, as in the evaluation of a file.
      leadMs: 0,
      carry,
      packedAt,
      vouched: evidence.vouched,
    });
  const earliestAt = earliestOf(owner.earliestAt, changedFrom(leg.foldedFrom, evidence.sources));
  for await (const state of statesToGoOnFrom(transaction, leg, earliestAt, begin(null))) {
    const after = state?.evaluatedTo ?? null;
    const read = await samplesAfter(transaction, leg, evidence, after ?? leg.startedAt - 1);
    const begun = state ?? begin(carryInto(leg, evidence, read.carried));
    const everyMs = evidence.sources.length > 1 ? CLOSE_CHECKPOINT_MS : CHECKPOINT_MS;
    const folded = foldWithCheckpoints(begun, read.samples, everyMs);
    const ended = folded.late ? null : end(folded, leg);
    if (ended === null) continue;
    const { last } = ended.state;
    const lastHolds = last === null ? null : Math.min(last.at + evidence.intervalMs, last.until ?? Infinity);
    return { ...ended, from: after, evidence, holdsUntil: read.holdsUntil ?? lastHolds, tail: read.tail };
  }
  throw new Error(`leg ${leg.id}: its readings cannot be folded from its start`);
}

function earliestOf(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other;
  return Math.min(one, other);
}

/** The stored state, then a checkpoint, then (null) the start; what does not fit the leg as it is now is left out. */
async function* statesToGoOnFrom(
  transaction: OrganisationTransaction,
  leg: LegRow,
  earliestAt: number | null,
  start: LegState,
): AsyncGenerator<LegState | null> {
  const { state } = leg;
  // A state that has read nothing is worth nothing, and what the leg before handed to it then may not be what it does now.
  const readTo = state?.evaluatedTo ?? null;
  const isNewer = readTo !== null && (earliestAt === null || earliestAt > readTo);
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
    isDeepStrictEqual(state.vouched, start.vouched) &&
    isDeepStrictEqual(state.profiles, start.profiles)
  );
}

/** What a leg reads after an instant. */
interface ReadSamples {
  readonly samples: readonly Sample[];
  readonly tail: readonly Sample[];
  readonly carried: LegCarry['last'];
  readonly holdsUntil: number | null;
}

async function samplesAfter(
  transaction: OrganisationTransaction,
  leg: LegRow,
  evidence: LegEvidence,
  after: number,
): Promise<ReadSamples> {
  const until = leg.endedAt;
  const only = onlySource(evidence, leg);
  if (only !== null && continuesAlone(leg, only.logger)) {
    const read = await samplesOfLoggers(transaction, [only.logger], { after, until });
    // One that began with the leg spoke for nothing of it before.
    const carried = only.since < leg.startedAt ? (leg.previous?.last ?? null) : null;
    return { samples: read.get(only.logger) ?? [], tail: [], carried, holdsUntil: null };
  }
  // A reading from before holds into what is folded, for the interval of its source at most.
  const loggers = evidence.sources.map(({ logger }) => logger);
  const read = await samplesOfLoggers(transaction, loggers, { after: after - evidence.intervalMs, until });
  const combined = samplesOf(evidence, leg, read);
  const samples = until === null ? combined.samples : [...combined.samples, ...combined.tail];
  return {
    samples: samples.filter(({ at }) => at > after && (until === null || at < until)),
    tail: until === null ? combined.tail : [],
    carried: combined.carried,
    holdsUntil:
      combined.holdsUntil === null || until === null ? combined.holdsUntil : Math.min(combined.holdsUntil, until),
  };
}

/** Whether what the leg before ended with is what its only logger said: it had no other one. */
function continuesAlone(leg: LegRow, logger: number): boolean {
  const { previous, previousFrom } = leg;
  if (previous === null) return true;
  return previous.phase === 'closed' && (previousFrom?.every((source) => source.logger === logger) ?? true);
}

function carryInto(leg: LegRow, evidence: LegEvidence, last: LegCarry['last']): LegCarry {
  const runs = leg.previous?.phase === 'closed' ? carryOf(leg.previous).runs : [];
  return { last: evidence.sources.length === 0 ? null : last, runs };
}

/** Closes the state of a leg that has ended; null when the end lies before what was folded. */
function end(folded: FoldedWithCheckpoints, leg: LegRow): FoldedWithCheckpoints | null {
  if (leg.endedAt === null) return folded;
  const closed = closeLeg(folded.state, leg.endedAt);
  if (closed.late) return null;
  return { ...closed, closed: [...folded.closed, ...closed.closed], checkpoints: folded.checkpoints };
}
