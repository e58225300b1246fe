import type { UnitState } from '@coldchain/chaincode/protocol';
import { type ActContext, eventTimeOf, type RecordedAct } from './act-context.js';
import { type KnownOrganisation, organisationOf, type VisibleUnit } from './objects.js';

/** States of units before the act that moves them, by their keys. */
type StatesBefore = ReadonlyMap<string, UnitState>;

/** A movement of a unit as one organisation has it. */
export interface GoodsMovement {
  readonly kind: 'issued' | 'sent-back' | 'received' | 'taken-back';
  readonly counterpartyId: number;
}

/** The kind of movement that each return undoes. */
const UNDONE_BY = { 'sent-back': 'received', 'taken-back': 'issued' } as const;

/**
 * What the next movement of a unit is: a return when it undoes the last one that no return has undone, with the same party.
 * A unit that goes to a party, comes back and goes there again is an issue, its return, and an issue.
 * @param earlier movements of the unit that stand, of the same organisation, the oldest first
 */
export function kindOfMovement(
  earlier: readonly GoodsMovement[],
  direction: 'out' | 'in',
  counterpartyId: number,
): GoodsMovement['kind'] {
  const open: GoodsMovement[] = [];
  for (const movement of earlier) {
    const { kind } = movement;
    if (kind === 'issued' || kind === 'received') {
      open.push(movement);
      continue;
    }
    const at = open.findLastIndex((one) => one.kind === UNDONE_BY[kind]);
    if (at >= 0) open.splice(at, 1);
  }
  const last = open.at(-1);
  const back = direction === 'out' ? 'sent-back' : 'taken-back';
  if (last?.kind === UNDONE_BY[back] && last.counterpartyId === counterpartyId) return back;
  return direction === 'out' ? 'issued' : 'received';
}

/** Counts the packs that a shipment takes along, for planners: demand, unless they go back to whom they came from. */
export async function noteIssued(
  context: ActContext,
  act: RecordedAct,
  units: readonly VisibleUnit[],
  receiver: KnownOrganisation,
): Promise<void> {
  for (const unit of units) await note(context, act, unit, 'out', receiver.id);
}

/** Counts the packs that a receipt brings: a delivery, unless they come back from whom they were sent to. */
export async function noteReceived(
  context: ActContext,
  act: RecordedAct,
  units: readonly VisibleUnit[],
  before: StatesBefore,
): Promise<void> {
  for (const unit of units) {
    const state = before.get(unit.key);
    const sender = state === undefined ? undefined : await organisationOf(context, state.custodian);
    // Without the sender's state the receipt would have been refused.
    if (sender !== undefined) await note(context, act, unit, 'in', sender.id);
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
  direction: 'out' | 'in',
  counterpartyId: number,
): Promise<void> {
  const earlier = await context.transaction.query<GoodsMovement>(
    `SELECT kind, counterparty_id AS "counterpartyId" FROM goods_moved WHERE organisation_id = $1 AND unit_id = $2
     GROUP BY event_id, kind, counterparty_id ORDER BY event_id`,
    [context.organisation.id, unit.id],
  );
  const kind = kindOfMovement(earlier, direction, counterpartyId);
  await context.transaction.query(
    `INSERT INTO goods_movement (event_id, unit_id, gtin, organisation_id, kind, counterparty_id, packs, moved_at)
     SELECT $1, $2, p.gtin, $3, $4, $5, p.packs, $6 FROM packs_in_unit($2) p`,
    [act.eventId, unit.id, context.organisation.id, kind, counterpartyId, new Date(eventTimeOf(context))],
  );
}
