import type { PartyId } from '@coldchain/chaincode/protocol';
import type { Sscc } from '@coldchain/gs1';
import { type ActContext, eventTimeOf, type RecordedAct } from './act-context.js';
import { ActRefused } from './act-refused.js';
import { sealDiscrepancy } from './discrepancy.js';
import { calledBackEvent, refusedEvent } from './events.js';
import { undoIssued } from './goods-movements.js';
import { renewLeg } from './legs.js';
import { type KnownOrganisation, organisationOf, unitReferences, type VisibleUnit } from './objects.js';
import { recordAct } from './record-act.js';

/** A shipment, or some of its units. */
export interface PartOfShipment {
  /** Commitment of the despatch event. */
  readonly shipment: string;
  /** All units that are still on their way when absent. */
  readonly ssccs?: readonly Sscc[];
}

/**
 * The sender calls back what nobody has received yet: it is with him as before. The receiver keeps what he was shown and
 * sees nothing that is measured from now on.
 *
 * @throws ActRefused `shipment-unknown`, `unit-unknown`, `unit-not-in-transit`, `not-custodian` and what else the contract
 * refuses.
 */
export async function cancelShipment(context: ActContext, input: PartOfShipment): Promise<RecordedAct> {
  const { units, receiver } = await shipmentOf(context, input);
  const act = await recordAct(context, {
    command: 'cancelShipment',
    payload: { units: units.map((unit) => unit.key) },
    event: calledBackEvent(context, ssccsOf(units), receiver.gln),
    objects: unitReferences(units),
    sharedWith: [receiver.party],
  });
  if (!act.recorded.repeated) await endDespatch(context, units, receiver.id);
  return act.recorded;
}

/** What the named receiver does not take, and why. */
export interface RefuseReceipt extends PartOfShipment {
  /** What he objects to, in words; the ledger gets a commitment to them. */
  readonly discrepancy: string;
}

/**
 * The named receiver refuses: the units stay in the sender's custody, under a discrepancy hold that only the receiver can
 * release.
 *
 * @throws ActRefused `shipment-unknown`, `unit-unknown`, `unit-not-in-transit`, `not-named-receiver`, …
 */
export async function refuseReceipt(context: ActContext, input: RefuseReceipt): Promise<RecordedAct> {
  const { units, sender } = await shipmentOf(context, input);
  const discrepancy = sealDiscrepancy(context, input.discrepancy);
  const act = await recordAct(context, {
    command: 'refuseReceipt',
    payload: { units: units.map((unit) => unit.key), discrepancy: discrepancy.commitment },
    event: refusedEvent(context, ssccsOf(units), sender.gln),
    objects: unitReferences(units),
    sharedWith: [sender.party],
    attachment: discrepancy,
  });
  if (!act.recorded.repeated) await endDespatch(context, units, context.organisation.id);
  return act.recorded;
}

const ssccsOf = (units: readonly VisibleUnit[]): Sscc[] => units.map((unit) => unit.sscc);

async function endDespatch(context: ActContext, units: readonly VisibleUnit[], receiverId: number): Promise<void> {
  for (const unit of units) {
    await renewLeg(context, unit.id);
    await undoIssued(context, unit.id);
    await context.transaction.query('SELECT end_despatch($1, $2, $3)', [
      unit.id,
      receiverId,
      new Date(eventTimeOf(context)),
    ]);
  }
}

interface Shipment {
  readonly units: readonly VisibleUnit[];
  readonly sender: KnownOrganisation;
  readonly receiver: KnownOrganisation;
}

/**
 * The units of a visible shipment that are meant. A unit that was shipped again since belongs to its later shipment.
 * @throws ActRefused `shipment-unknown`, `unit-unknown` (not of this shipment), `unit-not-in-transit`
 */
async function shipmentOf(context: ActContext, { shipment, ssccs }: PartOfShipment): Promise<Shipment> {
  const rows = await context.transaction.query<{
    id: number;
    sscc: Sscc;
    unit_key: string;
    moving: boolean;
    again: boolean;
    sender: PartyId;
    receiver: PartyId | null;
  }>(
    `SELECT u.id, u.sscc, u.unit_key, s.party AS sender, r.party AS receiver,
            coalesce(x.state ->> 'status' = 'in-transit', false) AS moving,
            EXISTS (SELECT 1 FROM custody_event_object lo JOIN custody_event later ON later.id = lo.event_id
                    WHERE lo.object_key = o.object_key AND later.command = 'shipUnits' AND later.id > e.id) AS again
     FROM custody_event e
     JOIN organisation s ON s.id = e.organisation_id
     JOIN custody_event_object o ON o.event_id = e.id AND o.object_type = 'unit'
     JOIN unit u ON u.unit_key = o.object_key
     LEFT JOIN expected_object x ON x.object_type = 'unit' AND x.object_key = o.object_key
     -- the party in destinationList is a PGLN; its digits end the canonical link
     LEFT JOIN organisation r ON r.gln = right(
       (SELECT d ->> 'destination' FROM jsonb_array_elements(e.document::jsonb -> 'destinationList') d
        WHERE d ->> 'type' LIKE '%possessing_party' LIMIT 1), 13)
     WHERE e.commitment = $1 AND e.command = 'shipUnits' ORDER BY u.sscc`,
    [shipment],
  );
  const [first] = rows;
  const sender = first === undefined ? undefined : await organisationOf(context, first.sender);
  const receiver = first?.receiver == null ? undefined : await organisationOf(context, first.receiver);
  if (sender === undefined || receiver === undefined) throw new ActRefused('shipment-unknown', { shipment });
  const missing = ssccs?.find((sscc) => !rows.some((row) => row.sscc === sscc));
  if (missing !== undefined) throw new ActRefused('unit-unknown', { sscc: missing });
  const moving = rows.filter((row) => row.moving && !row.again);
  // What has arrived is the contract's to refuse, unless the very act that ended it is sent again.
  const all = moving.length > 0 ? moving : rows;
  const meant = ssccs === undefined ? all : rows.filter((row) => ssccs.includes(row.sscc));
  const elsewhere = meant.find((row) => row.again);
  if (elsewhere !== undefined) throw new ActRefused('unit-not-in-transit', { unit: elsewhere.unit_key });
  return { units: meant.map((row) => ({ id: row.id, sscc: row.sscc, key: row.unit_key })), sender, receiver };
}
