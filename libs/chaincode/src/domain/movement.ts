import type {
  PartyState,
  ReceiveUnannouncedPayload,
  ReceiveUnitsPayload,
  RecordObservationPayload,
  ShipUnitsPayload,
  UnitState,
} from '../protocol';
import { isExpired } from './batch';
import { type Context, expiryTime, notAhead, notBeforePrevious, withParty } from './context';
import { withHold } from './holds';
import { Refused } from './refused';
import { freeUnit, unitAtHand, unitInCustody, unitState } from './unit';

/**
 * Held, recalled and expired goods may only go back to an owner of one of their batches, to a laboratory or to be
 * destroyed.
 * @throws Refused `unit-held`, `batch-recalled`, `batch-expired`.
 */
async function mayBeSupplied(unit: UnitState, receiver: PartyState, context: Context): Promise<void> {
  if (receiver.roles.includes('laboratory') || receiver.roles.includes('destroyer')) return;
  await context.draft.load(unit.batches.map(({ batch }) => ({ type: 'batch', key: batch })));
  const batches = [];
  for (const content of unit.batches) batches.push(await context.draft.batch(content.batch));
  if (batches.some((batch) => batch.owner === receiver.party)) return;
  const [hold] = unit.holds;
  if (hold !== undefined) {
    throw new Refused('unit-held', { unit: unit.unit, kind: hold.kind, reason: hold.reason, holds: unit.holds.length });
  }
  for (const batch of batches) {
    if (batch.recall !== null) throw new Refused('batch-recalled', { unit: unit.unit, batch: batch.batch });
    if (isExpired(batch, expiryTime(context))) {
      throw new Refused('batch-expired', { unit: unit.unit, batch: batch.batch, expiry: batch.expiry });
    }
  }
}

/**
 * The custodian sends units to a named receiver.
 * @throws Refused `receiver-unknown` (also when suspended), `unit-held`, `batch-recalled`, `batch-expired`, and what
 * {@link unitAtHand} refuses.
 */
export async function shipUnits(payload: ShipUnitsPayload, context: Context): Promise<void> {
  const receiver = await context.draft.find('party', payload.receiver);
  if (receiver === undefined || receiver.state === 'suspended') {
    throw new Refused('receiver-unknown', { receiver: payload.receiver });
  }
  for (const key of payload.units) {
    const unit = await unitAtHand(key, context);
    await mayBeSupplied(unit, receiver, context);
    const shipped: UnitState = {
      ...unit,
      status: 'in-transit',
      receiver: receiver.party,
      lastEventTime: context.eventTime,
    };
    context.draft.put('unit', key, unitState(shipped));
  }
}

/**
 * The named receiver becomes custodian, of all or a part of what was shipped, held or not. A discrepancy places a hold.
 * @throws Refused `unit-not-in-transit`, `not-named-receiver`, `event-before-previous` and what {@link freeUnit} refuses.
 */
export async function receiveUnits(payload: ReceiveUnitsPayload, context: Context): Promise<void> {
  const { draft, caller, eventTime } = context;
  for (const key of payload.units) {
    const unit = await freeUnit(key, draft);
    if (unit.status !== 'in-transit') throw new Refused('unit-not-in-transit', { unit: key });
    if (unit.receiver !== caller.party) throw new Refused('not-named-receiver', { unit: key });
    notBeforePrevious({ type: 'unit', key }, unit, eventTime);
    const received: UnitState = {
      ...unit,
      status: 'held-by-custodian',
      custodian: caller.party,
      receiver: null,
      previousCustodians: withParty(unit.previousCustodians, unit.custodian),
      holds:
        payload.discrepancy === null ? unit.holds : withHold(unit.holds, 'discrepancy', 'receipt-discrepancy', context),
      lastEventTime: eventTime,
    };
    draft.put('unit', key, unitState(received));
  }
}

/**
 * Goods turned up with somebody whom nobody named. The recorded custodian stays; the claim stands beside it and the unit
 * is held until both agree. The custodian himself and the named receiver have ordinary commands for what they have.
 * @throws Refused `unit-not-in-transit` (caller is the custodian), `unit-in-transit` (caller is the named receiver),
 * `unit-held` (somebody else has claimed it), `event-in-future` (no tolerance here), `event-before-previous` and what {@link freeUnit} refuses.
 */
export async function receiveUnannounced(payload: ReceiveUnannouncedPayload, context: Context): Promise<void> {
  const { draft, caller, eventTime } = context;
  for (const key of payload.units) {
    const unit = await freeUnit(key, draft);
    if (unit.custodian === caller.party) throw new Refused('unit-not-in-transit', { unit: key, caller: 'custodian' });
    if (unit.receiver === caller.party) throw new Refused('unit-in-transit', { unit: key, caller: 'named receiver' });
    // The first claim stands until both have resolved it; a second one must not hide it.
    if (unit.claimedBy !== null && unit.claimedBy !== caller.party) {
      throw new Refused('unit-held', { unit: key, kind: 'discrepancy', reason: 'unannounced-receipt' });
    }
    notAhead(context);
    notBeforePrevious({ type: 'unit', key }, unit, eventTime);
    const claimed: UnitState = {
      ...unit,
      claimedBy: caller.party,
      holds: withHold(unit.holds, 'discrepancy', 'unannounced-receipt', context),
      lastEventTime: eventTime,
    };
    draft.put('unit', key, unitState(claimed));
  }
}

/** The custodian saw the units, wherever they are. @throws Refused `not-custodian`, `event-before-previous` and others. */
export async function recordObservation(payload: RecordObservationPayload, context: Context): Promise<void> {
  for (const key of payload.units) {
    const unit = await unitInCustody(key, context);
    context.draft.put('unit', key, unitState({ ...unit, lastEventTime: context.eventTime }));
  }
}
