import type { UnitState } from '@coldchain/chaincode/protocol';
import { type ActContext, eventTimeOf, type RecordedAct } from './act-context.js';
import { type KnownOrganisation, organisationOf, type VisibleUnit } from './objects.js';

/** States of units before the act that moves them, by their keys. */
type StatesBefore = ReadonlyMap<string, UnitState>;

/**
 * Counts the packs that a shipment takes along, for planners: demand, unless they go back to a party that had them before.
 */
export async function noteIssued(
  context: ActContext,
  act: RecordedAct,
  units: readonly VisibleUnit[],
  before: StatesBefore,
  receiver: KnownOrganisation,
): Promise<void> {
  for (const unit of units) {
    const returns = before.get(unit.key)?.previousCustodians.includes(receiver.party) === true;
    await note(context, act, unit, returns ? 'sent-back' : 'issued', receiver.id);
  }
}

/** Counts the packs that a receipt brings: a delivery, unless the receiver had them before. */
export async function noteReceived(
  context: ActContext,
  act: RecordedAct,
  units: readonly VisibleUnit[],
  before: StatesBefore,
): Promise<void> {
  const { organisation } = context;
  for (const unit of units) {
    const state = before.get(unit.key);
    const sender = state === undefined ? undefined : await organisationOf(context, state.custodian);
    // Without the sender's state the receipt would have been refused.
    if (state === undefined || sender === undefined) continue;
    const returns = state.previousCustodians.includes(organisation.party);
    await note(context, act, unit, returns ? 'taken-back' : 'received', sender.id);
  }
}

/** A shipment of a unit ended before it was received: nothing moved. */
export async function undoIssued(context: ActContext, unitId: number): Promise<void> {
  await context.transaction.query('SELECT undo_goods_movement($1, $2)', [unitId, new Date(eventTimeOf(context))]);
}

async function note(
  context: ActContext,
  act: RecordedAct,
  unit: VisibleUnit,
  kind: 'issued' | 'sent-back' | 'received' | 'taken-back',
  counterpartyId: number,
): Promise<void> {
  await context.transaction.query(
    `INSERT INTO goods_movement (event_id, unit_id, gtin, organisation_id, kind, counterparty_id, packs, moved_at)
     SELECT $1, $2, p.gtin, $3, $4, $5, p.packs, $6 FROM packs_in_unit($2) p`,
    [act.eventId, unit.id, context.organisation.id, kind, counterpartyId, new Date(eventTimeOf(context))],
  );
}
