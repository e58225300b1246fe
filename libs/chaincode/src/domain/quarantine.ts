import {
  type AssessHoldPayload,
  type BatchState,
  type Hold,
  type HoldAssessment,
  type HoldKind,
  type HoldReason,
  type HoldReference,
  MAX_HOLDS,
  type PlaceHoldPayload,
  type ReleaseHoldPayload,
  type UnitState,
} from '../protocol';
import type { Context } from './context';
import { released, sameHold, withHold } from './holds';
import { Refused } from './refused';
import { isWithin } from './thermal-state';
import { freeUnit, needsCustodian, unitState } from './unit';

/** Why there is a hold that a party placed itself. */
const REASONS: Readonly<Record<HoldKind, HoldReason>> = {
  thermal: 'temperature-doubted',
  discrepancy: 'discrepancy-reported',
  security: 'falsification-suspected',
  authority: 'ordered-by-authority',
};

async function ownBatches(unit: UnitState, context: Context): Promise<BatchState[]> {
  const own: BatchState[] = [];
  for (const content of unit.batches) {
    const batch = await context.draft.batch(content.batch);
    if (batch.owner === context.caller.party) own.push(batch);
  }
  return own;
}

/**
 * Custodian and batch owners have the say over their goods. A suspicion may be raised by everybody who had to do with
 * them; a stranger could lock any unit that he sees on the ledger.
 */
async function mayPlace(kind: HoldKind, unit: UnitState, context: Context): Promise<boolean> {
  const { party, roles } = context.caller;
  const regulator = roles.includes('regulator');
  if (kind === 'authority') return regulator;
  if (unit.custodian === party || (await ownBatches(unit, context)).length > 0) return true;
  const involved = [unit.receiver, unit.claimedBy, ...unit.previousCustodians].includes(party);
  return kind === 'security' && (regulator || involved);
}

/**
 * One more hold on every unit, wherever it is. It moves nothing, so it leaves the unit's event time alone: what its
 * custodian captured offline still comes in.
 * @throws Refused `hold-kind-not-allowed`, `too-many-objects` (holds of one unit) and what {@link freeUnit} refuses.
 */
export async function placeHold(payload: PlaceHoldPayload, context: Context): Promise<void> {
  for (const key of payload.units) {
    const unit = await freeUnit(key, context.draft);
    if (!(await mayPlace(payload.kind, unit, context))) {
      throw new Refused('hold-kind-not-allowed', { unit: key, kind: payload.kind });
    }
    if (unit.holds.length >= MAX_HOLDS) throw new Refused('too-many-objects', { unit: key, holds: MAX_HOLDS });
    const holds = withHold(unit.holds, payload.kind, REASONS[payload.kind], context);
    context.draft.put('unit', key, unitState({ ...unit, holds }));
  }
}

/** @throws Refused `hold-unknown`, `event-before-previous` (before it was placed). */
function holdOf(unit: UnitState, reference: HoldReference, context: Context): Hold {
  const hold = unit.holds.find((one) => sameHold(one, reference));
  const { kind, reason, commitment } = reference;
  if (hold === undefined) throw new Refused('hold-unknown', { unit: unit.unit, kind, reason, hold: commitment });
  if (context.eventTime < hold.placedAt) {
    throw new Refused('event-before-previous', {
      unit: unit.unit,
      previous: hold.placedAt,
      eventTime: context.eventTime,
    });
  }
  return hold;
}

const exposureUnder = (profile: string, unit: UnitState): HoldAssessment['exposure'] =>
  unit.total.exposures.find((exposure) => exposure.profile === profile) ?? null;

/**
 * An owner says about his batches in the units whether they are usable after what they have been through until now. A
 * later assessment replaces an earlier one.
 * @throws Refused `batch-not-owned`, `hold-unknown`, `event-before-previous` and what {@link freeUnit} refuses.
 */
export async function assessHold(payload: AssessHoldPayload, context: Context): Promise<void> {
  for (const key of payload.units) {
    const unit = await freeUnit(key, context.draft);
    const own = await ownBatches(unit, context);
    if (own.length === 0) throw new Refused('batch-not-owned', { unit: key });
    const hold = holdOf(unit, payload.hold, context);
    const others = (hold.assessments ?? []).filter((known) => !own.some(({ batch }) => batch === known.batch));
    const given = own.map(({ batch, profile }): HoldAssessment => ({
      batch,
      by: context.caller.party,
      conclusion: payload.conclusion,
      exposure: exposureUnder(profile, unit),
      commitment: context.commitment,
      at: context.eventTime,
    }));
    const assessments = [...others, ...given].sort((a, b) => (a.batch < b.batch ? -1 : 1));
    const holds = unit.holds.map((one) => (one === hold ? { ...hold, assessments } : one));
    context.draft.put('unit', key, unitState({ ...unit, holds }));
  }
}

/** Every batch was found usable, after no less than the unit has been through by now. @throws Refused `hold-not-assessed`. */
function needsAssessments(unit: UnitState, hold: Hold): void {
  for (const { batch, profile } of unit.batches) {
    const exposure = exposureUnder(profile, unit);
    const covered = (hold.assessments ?? []).some(
      (known) =>
        known.batch === batch &&
        known.conclusion === 'usable' &&
        (exposure === null || (known.exposure !== null && isWithin(exposure, known.exposure))),
    );
    if (!covered) throw new Refused('hold-not-assessed', { unit: unit.unit, batch });
  }
}

/** @throws Refused `not-custodian`, `hold-not-assessed`, `hold-not-of-caller`. */
function mayRelease(unit: UnitState, hold: Hold, context: Context): void {
  const details = { unit: unit.unit, kind: hold.kind, reason: hold.reason };
  switch (hold.kind) {
    case 'thermal':
      needsCustodian(unit, context.caller.party);
      needsAssessments(unit, hold);
      return;
    case 'authority':
      if (!context.caller.roles.includes('regulator')) throw new Refused('hold-not-of-caller', details);
      return;
    default:
      if (hold.placedBy !== context.caller.party) throw new Refused('hold-not-of-caller', details);
      // While there is a claim, its hold ends with it.
      if (hold.reason === 'unannounced-receipt' && unit.claimedBy !== null) {
        throw new Refused('hold-not-of-caller', { ...details, claimed: true });
      }
  }
}

/**
 * Ends one hold on every unit. Thermal: by the custodian's Responsible Person, after every owner found his goods usable.
 * @throws Refused those of {@link mayRelease}, `hold-unknown`, `event-before-previous` and what {@link freeUnit} refuses.
 */
export async function releaseHold(payload: ReleaseHoldPayload, context: Context): Promise<void> {
  for (const key of payload.units) {
    const unit = await freeUnit(key, context.draft);
    const hold = holdOf(unit, payload.hold, context);
    mayRelease(unit, hold, context);
    context.draft.put('unit', key, unitState(released(unit, [hold], context)));
  }
}
