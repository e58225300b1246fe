import type { CancelShipmentPayload, RefuseReceiptPayload, UnitState } from '../protocol';
import { type Context, notBeforePrevious } from './context';
import { withHold } from './holds';
import { Refused } from './refused';
import { freeUnit, needsCustodian, unitState } from './unit';

/** @throws Refused `unit-not-in-transit`, `event-before-previous` and what {@link freeUnit} refuses. */
async function unitOnItsWay(key: string, context: Context): Promise<UnitState> {
  const unit = await freeUnit(key, context.draft);
  if (unit.status !== 'in-transit') throw new Refused('unit-not-in-transit', { unit: key });
  notBeforePrevious({ type: 'unit', key }, unit, context.eventTime);
  return unit;
}

/** With its custodian again; custody never left him. */
const back = (unit: UnitState, context: Context): UnitState =>
  unitState({ ...unit, status: 'held-by-custodian', receiver: null, lastEventTime: context.eventTime });

/**
 * The custodian calls back what he sent and nobody has received; a part of a shipment may be called back.
 * @throws Refused `not-custodian` and what {@link unitOnItsWay} refuses.
 */
export async function cancelShipment(payload: CancelShipmentPayload, context: Context): Promise<void> {
  for (const key of payload.units) {
    const unit = await unitOnItsWay(key, context);
    needsCustodian(unit, context.caller.party);
    context.draft.put('unit', key, back(unit, context));
  }
}

/**
 * The named receiver does not take units. They stay in the sender's custody with a discrepancy hold of the receiver.
 * @throws Refused `not-named-receiver` and what {@link unitOnItsWay} refuses.
 */
export async function refuseReceipt(payload: RefuseReceiptPayload, context: Context): Promise<void> {
  for (const key of payload.units) {
    const unit = await unitOnItsWay(key, context);
    if (unit.receiver !== context.caller.party) throw new Refused('not-named-receiver', { unit: key });
    const holds = withHold(unit.holds, 'discrepancy', 'receipt-refused', context);
    context.draft.put('unit', key, unitState({ ...back(unit, context), holds }));
  }
}
