import type { BatchState, LiftRecallPayload, Recall, RecallBatchPayload } from '../protocol';
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

const DEPTHS: readonly Recall['depth'][] = ['patient', 'pharmacy', 'wholesale'];

const recallsOf = (batch: BatchState): readonly Recall[] => [
  ...(batch.recall === null ? [] : [batch.recall]),
  ...(batch.recallsBeside ?? []),
];

/** The gravest first: by class, then by how deep it reaches. */
function standing(recalls: readonly Recall[]): Pick<BatchState, 'recall' | 'recallsBeside'> {
  const [recall = null, ...recallsBeside] = [...recalls].sort(
    (a, b) => a.class - b.class || DEPTHS.indexOf(a.depth) - DEPTHS.indexOf(b.depth),
  );
  return { recall, recallsBeside };
}

/**
 * The owner or a regulator recalls a batch; a later recall of the same party replaces class and depth. Recalls of several
 * parties stand side by side, so that nobody lifts what another one found.
 * @throws Refused `batch-unknown`, `batch-not-owned`, `event-before-previous`.
 */
export async function recallBatch(payload: RecallBatchPayload, context: Context): Promise<void> {
  const batch = await batchInReach(payload.batch, context);
  const by = context.caller.party;
  const others = recallsOf(batch).filter((recall) => recall.by !== by);
  change(batch, context, standing([...others, { class: payload.class, depth: payload.depth, by }]));
}

/**
 * Who recalled a batch lifts it: the owner his own recall, a regulator hers; the batch is recalled until the last one is
 * lifted. A recall without a name (older states) is any regulator's to lift.
 * @throws Refused `batch-unknown`, `batch-not-owned`, `batch-not-recalled`, `recall-not-of-caller`,
 * `event-before-previous`.
 */
export async function liftRecall(payload: LiftRecallPayload, context: Context): Promise<void> {
  const batch = await batchInReach(payload.batch, context);
  const { caller } = context;
  if (batch.recall === null) throw new Refused('batch-not-recalled', { batch: payload.batch });
  const isMine = ({ by }: Recall): boolean =>
    by === undefined ? caller.roles.includes('regulator') : by === caller.party;
  const recalls = recallsOf(batch);
  if (!recalls.some(isMine)) {
    throw new Refused('recall-not-of-caller', { batch: payload.batch, by: batch.recall.by ?? null });
  }
  change(batch, context, standing(recalls.filter((recall) => !isMine(recall))));
}
