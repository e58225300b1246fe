import type { AddPacksPayload, BatchState, CertifyBatchPayload, Hex32, RegisterBatchPayload } from '../protocol';
import { type Context, needsRole, notBeforePrevious } from './context';
import { needsPrefix } from './profile';
import { Refused } from './refused';

/** Production runs of one batch: its state stays below 100 kB. */
const MAX_RUNS = 1_000;
const DAY_MS = 86_400_000;

/** A batch's state with its members in the order of the protocol. */
function batchState(state: BatchState): BatchState {
  return {
    batch: state.batch,
    owner: state.owner,
    profile: state.profile,
    certified: state.certified,
    expiry: state.expiry,
    packRoots: state.packRoots,
    recall: state.recall,
    lastEventTime: state.lastEventTime,
    ...(state.recallsBeside === undefined || state.recallsBeside.length === 0
      ? {}
      : { recallsBeside: state.recallsBeside }),
  };
}

/** Is a day over? It lasts until its end in UTC. */
export function hasPassed(date: string, time: number): boolean {
  const [year, month, day] = date.split('-').map(Number);
  return time >= Date.UTC(year ?? 0, (month ?? 1) - 1, day ?? 1) + DAY_MS;
}

/** May still be used through the end of its expiry day in UTC. */
export function isExpired(batch: BatchState, eventTime: number): boolean {
  return hasPassed(batch.expiry, eventTime);
}

async function ownBatch(key: Hex32, context: Context): Promise<BatchState> {
  const batch = await context.draft.batch(key);
  if (batch.owner !== context.caller.party) throw new Refused('batch-not-owned', { batch: key });
  return batch;
}

/** Writes a batch with new members, at the context's event time. @throws Refused `event-before-previous`. */
export function change(batch: BatchState, context: Context, members: Partial<BatchState>): void {
  notBeforePrevious({ type: 'batch', key: batch.batch }, batch, context.eventTime);
  context.draft.put('batch', batch.batch, batchState({ ...batch, ...members, lastEventTime: context.eventTime }));
}

/** @throws Refused `role-missing`, `profile-unknown`, `prefix-not-owned`, `batch-exists`. */
export async function registerBatch(payload: RegisterBatchPayload, context: Context): Promise<void> {
  needsRole(context.caller, 'manufacturer');
  const profile = await context.draft.profile(payload.profile);
  needsPrefix(context.caller, profile.gtin);
  if ((await context.draft.find('batch', payload.batch)) !== undefined) {
    throw new Refused('batch-exists', { batch: payload.batch });
  }
  const state: BatchState = {
    batch: payload.batch,
    owner: context.caller.party,
    profile: payload.profile,
    certified: false,
    expiry: payload.expiry,
    packRoots: [],
    recall: null,
    lastEventTime: context.eventTime,
  };
  context.draft.put('batch', payload.batch, state);
}

/** @throws Refused `batch-unknown`, `batch-not-owned`, `batch-already-certified`, `event-before-previous`. */
export async function certifyBatch(payload: CertifyBatchPayload, context: Context): Promise<void> {
  const batch = await ownBatch(payload.batch, context);
  if (batch.certified) throw new Refused('batch-already-certified', { batch: payload.batch });
  change(batch, context, { certified: true });
}

/** @throws Refused `batch-unknown`, `batch-not-owned`, `too-many-objects` (runs), `event-before-previous`. */
export async function addPacks(payload: AddPacksPayload, context: Context): Promise<void> {
  const batch = await ownBatch(payload.batch, context);
  if (batch.packRoots.length >= MAX_RUNS) throw new Refused('too-many-objects', { runs: MAX_RUNS });
  change(batch, context, { packRoots: [...batch.packRoots, payload.root] });
}
