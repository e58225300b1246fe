import {
  type BatchState,
  type DecommissionPackPayload,
  type PackState,
  REVERT_WINDOW_MS,
  type RevertDecommissionPayload,
  type UnitState,
} from '../protocol';
import { isExpired } from './batch';
import { type Context, expiryTime, notBeforePrevious } from './context';
import { isPackOf } from './pack-proof';
import { Refused } from './refused';
import { unitAtHand } from './unit';

/** @throws Refused `unit-held`, `batch-not-certified`, `batch-recalled`, `batch-expired`. */
function mayBeDispensed(unit: UnitState, batch: BatchState, context: Context): void {
  const [hold] = unit.holds;
  if (hold !== undefined) {
    throw new Refused('unit-held', { unit: unit.unit, kind: hold.kind, reason: hold.reason, holds: unit.holds.length });
  }
  if (!batch.certified) throw new Refused('batch-not-certified', { batch: batch.batch });
  if (batch.recall !== null) throw new Refused('batch-recalled', { batch: batch.batch });
  if (isExpired(batch, expiryTime(context)))
    throw new Refused('batch-expired', { batch: batch.batch, expiry: batch.expiry });
}

/**
 * The use of a pack: the first and last one unless it is reverted. It comes into being here, with proof that its batch was registered with it. Bad
 * goods may be destroyed, sampled, locked or reported stolen; only dispensing needs them to be good. The unit is not
 * written, so that packs of one unit do not wait for each other.
 * @throws Refused `pack-not-in-unit-batches`, `pack-not-of-batch`, `pack-already-decommissioned`, and those of
 * {@link mayBeDispensed} and {@link unitAtHand}.
 */
export async function decommissionPack(payload: DecommissionPackPayload, context: Context): Promise<void> {
  const { draft, eventTime } = context;
  const unit = await unitAtHand(payload.unit, context);
  if (!unit.batches.some((content) => content.batch === payload.batch)) {
    throw new Refused('pack-not-in-unit-batches', { unit: payload.unit, batch: payload.batch });
  }
  const batch = await draft.batch(payload.batch);
  const root = batch.packRoots[payload.proof.run];
  if (root === undefined || !isPackOf(root, payload.pack, payload.proof)) {
    throw new Refused('pack-not-of-batch', { pack: payload.pack, batch: payload.batch, run: payload.proof.run });
  }
  const known = await draft.find('pack', payload.pack);
  if (known !== undefined && known.status !== 'active') {
    throw new Refused('pack-already-decommissioned', { pack: payload.pack, status: known.status, at: known.at });
  }
  if (known !== undefined) notBeforePack(known, context);
  if (payload.status === 'dispensed') mayBeDispensed(unit, batch, context);
  draft.put('pack', payload.pack, {
    pack: payload.pack,
    batch: payload.batch,
    unit: payload.unit,
    status: payload.status,
    by: context.caller.party,
    at: eventTime,
    recordedAt: context.proposalTime,
  });
}

/** @throws Refused `event-before-previous`: the pack was used or reverted later. */
function notBeforePack(pack: PackState, context: Context): void {
  notBeforePrevious({ type: 'pack', key: pack.pack }, { lastEventTime: pack.at }, context.eventTime);
}

/**
 * Who took a pack out of the supply chain by mistake puts it back, within the window of the proposals' times, into the
 * unit that it came from, which must lie with him: a unit that went on went without the pack.
 * @throws Refused `pack-not-decommissioned`, `decommission-not-of-caller`, `decommission-final`, `revert-window-over`,
 * `batch-recalled`, `batch-expired`, `event-before-previous` and those of {@link unitAtHand}.
 */
export async function revertDecommission(payload: RevertDecommissionPayload, context: Context): Promise<void> {
  const { draft, caller, eventTime, proposalTime } = context;
  const pack = await draft.find('pack', payload.pack);
  if (pack === undefined || pack.status === 'active') {
    throw new Refused('pack-not-decommissioned', { pack: payload.pack });
  }
  if (pack.by !== caller.party) throw new Refused('decommission-not-of-caller', { pack: payload.pack });
  if (pack.status === 'destroyed' || pack.status === 'stolen') {
    throw new Refused('decommission-final', { pack: payload.pack, status: pack.status });
  }
  const recordedAt = pack.recordedAt ?? pack.at;
  if (proposalTime - recordedAt > REVERT_WINDOW_MS) {
    throw new Refused('revert-window-over', { pack: payload.pack, recordedAt, windowMs: REVERT_WINDOW_MS });
  }
  const batch = await draft.batch(pack.batch);
  if (batch.recall !== null) throw new Refused('batch-recalled', { batch: batch.batch });
  if (isExpired(batch, expiryTime(context))) {
    throw new Refused('batch-expired', { batch: batch.batch, expiry: batch.expiry });
  }
  notBeforePack(pack, context);
  await unitAtHand(pack.unit, context);
  draft.put('pack', payload.pack, {
    pack: pack.pack,
    batch: pack.batch,
    unit: pack.unit,
    status: 'active',
    by: caller.party,
    at: eventTime,
    recordedAt: proposalTime,
  });
}
