import type { BatchState, LiftRecallPayload, RecallBatchPayload } from '../protocol';
import { change } from './batch';
import type { Context } from './context';
import { Refused } from './refused';

/** @throws Refused `batch-unknown`, `batch-not-owned` (and no regulator). */
async function batchInReach(key: string, context: Context): Promise<BatchState> {
  const batch = await context.draft.batch(key);
  if (batch.owner !== context.caller.party && !context.caller.roles.includes('regulator')) {
    throw new Refused('batch-not-owned', { batch: key });
  }
  return batch;
}

/**
 * The owner or a regulator recalls a batch; a later recall replaces class and depth. A regulator's recall stays his when
 * the owner recalls again, so that the owner cannot lift it that way.
 * @throws Refused `batch-unknown`, `batch-not-owned`, `event-before-previous`.
 */
export async function recallBatch(payload: RecallBatchPayload, context: Context): Promise<void> {
  const batch = await batchInReach(payload.batch, context);
  const { class: grade, depth } = payload;
  const caller = context.caller.party;
  const by = batch.recall === null || caller !== batch.owner ? caller : batch.recall.by;
  change(batch, context, { recall: by === undefined ? { class: grade, depth } : { class: grade, depth, by } });
}

/**
 * Who recalled a batch lifts it: the owner his own recall, a regulator hers. What an authority recalled is not the
 * owner's to sell again. A recall without a name (older states) is any regulator's to lift.
 * @throws Refused `batch-unknown`, `batch-not-owned`, `batch-not-recalled`, `recall-not-of-caller`,
 * `event-before-previous`.
 */
export async function liftRecall(payload: LiftRecallPayload, context: Context): Promise<void> {
  const batch = await batchInReach(payload.batch, context);
  const { caller } = context;
  if (batch.recall === null) throw new Refused('batch-not-recalled', { batch: payload.batch });
  const mayLift = batch.recall.by === undefined ? caller.roles.includes('regulator') : batch.recall.by === caller.party;
  if (!mayLift) throw new Refused('recall-not-of-caller', { batch: payload.batch, by: batch.recall.by ?? null });
  change(batch, context, { recall: null });
}
