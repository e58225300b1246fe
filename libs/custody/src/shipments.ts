import type { PartyId } from '@coldchain/chaincode/protocol';
import type { Sscc } from '@coldchain/gs1';
import { type ActContext, type RecordedAct } from './act-context.js';
import { ActRefused } from './act-refused.js';
import { sealDiscrepancy } from './discrepancy.js';
import { receivedEvent, shippedEvent } from './events.js';
import { noteIssued, noteReceived } from './goods-movements.js';
import { takeOverLegs } from './legs.js';
import { expectedUnits, organisationOf, unitReferences, type VisibleUnit, visibleUnits } from './objects.js';
import { ownPlace } from './places.js';
import { putInto, takeOutOfPlace } from './presence.js';
import { recordAct } from './record-act.js';

/** Units on their way to a named party. */
export interface ShipUnits {
  readonly ssccs: readonly Sscc[];
  /** Ledger party or slug of the receiving organisation. */
  readonly receiver: PartyId;
  /** Name of the acting organisation's place, as a rule a vehicle, that they are in from now on. */
  readonly place?: string;
}

/**
 * Ships units to a named receiver and gives him the despatch data: contents, secrets and the events so far. Custody
 * stays with the sender until the receiver takes it.
 *
 * @throws ActRefused `unit-unknown`, `receiver-unknown`, `place-unknown`, or what the contract refuses (`not-custodian`, `unit-held`, …).
 */
export async function shipUnits(context: ActContext, input: ShipUnits): Promise<RecordedAct> {
  const units = await visibleUnits(context, input.ssccs);
  const receiver = await organisationOf(context, input.receiver);
  if (receiver === undefined) throw new ActRefused('receiver-unknown', { receiver: input.receiver });
  const place = input.place === undefined ? null : await ownPlace(context, input.place);
  const act = await recordAct(context, {
    command: 'shipUnits',
    payload: { units: units.map((unit) => unit.key), receiver: receiver.party },
    event: shippedEvent(context, input.ssccs, receiver.gln),
    objects: unitReferences(units),
    reads: await contentsOf(context, units),
  });
  for (const unit of units) await context.transaction.query('SELECT share_unit($1, $2)', [unit.id, receiver.id]);
  if (act.recorded.repeated) return act.recorded;
  await noteIssued(context, act.recorded, units, receiver);
  for (const unit of units) {
    // What is on its way is no longer where it was stored.
    if (place === null) await takeOutOfPlace(context, unit.id);
    else await putInto(context, unit.id, place);
  }
  return act.recorded;
}

/** Units that the named receiver has in hand; a part of a shipment is possible. */
export interface ReceiveUnits {
  readonly ssccs: readonly Sscc[];
  /** What was wrong, in words: places a discrepancy hold. The ledger gets a commitment to the words only. */
  readonly discrepancy?: string;
}

/** Takes custody: the sender's legs end and the receiver's begin at the act's time. */
export async function receiveUnits(context: ActContext, input: ReceiveUnits): Promise<RecordedAct> {
  const units = await visibleUnits(context, input.ssccs, 'receiver');
  const before = await expectedUnits(context, units);
  const discrepancy = input.discrepancy === undefined ? null : sealDiscrepancy(context, input.discrepancy);
  const act = await recordAct(context, {
    command: 'receiveUnits',
    payload: { units: units.map((unit) => unit.key), discrepancy: discrepancy?.commitment ?? null },
    event: receivedEvent(context, input.ssccs),
    objects: unitReferences(units),
    sharedWith: [...before.values()].map((unit) => unit.custodian),
    ...(discrepancy === null ? {} : { attachment: discrepancy }),
  });
  if (!act.recorded.repeated) {
    for (const unit of units) await takeOverLegs(context, unit.id);
    await noteReceived(context, act.recorded, units, before);
  }
  return act.recorded;
}

/** Units that arrived without being announced to this organisation. */
export interface ReceiveUnannounced {
  readonly ssccs: readonly Sscc[];
}

/**
 * Claims possession beside the recorded custodian; a discrepancy hold stands until both have resolved it. The claimant
 * gets to see the unit (not its contents): the claim is an accountable act that its custodian sees.
 */
export async function receiveUnannounced(context: ActContext, input: ReceiveUnannounced): Promise<RecordedAct> {
  for (const sscc of input.ssccs) await context.transaction.query('SELECT claim_unit($1)', [sscc]);
  const units = await visibleUnits(context, input.ssccs);
  const act = await recordAct(context, {
    command: 'receiveUnannounced',
    payload: { units: units.map((unit) => unit.key) },
    event: receivedEvent(context, input.ssccs),
    objects: unitReferences(units),
  });
  return act.recorded;
}

/** Batches in the units: shipping waits for their last change (a recall must not be overtaken). */
async function contentsOf(
  context: ActContext,
  units: readonly VisibleUnit[],
): Promise<{ type: 'batch'; key: string }[]> {
  const rows = await context.transaction.query<{ batch: string }>(
    `SELECT DISTINCT content ->> 'batch' AS batch FROM expected_object
     CROSS JOIN LATERAL jsonb_array_elements(state -> 'batches') AS content
     WHERE object_type = 'unit' AND object_key = ANY($1) ORDER BY 1`,
    [units.map((unit) => unit.key)],
  );
  return rows.map((row) => ({ type: 'batch', key: row.batch }));
}
