import type { ActContext } from './act-context.js';
import { eventTimeOf, evidenceEndOf } from './act-context.js';

/**
 * Legs follow custody and evidence: a unit has one open leg while anything watches it in somebody's custody (loggers that
 * are bound to it, the sensors of the place that it is in, the hours of its packaging), and a new one when custody passes.
 * Which sources speak for it, and when, is joined when it is evaluated. The evaluator learns of it through `leg_change`.
 * To be called when evidence began or ended: it opens, notes or ends the leg of the recorded custodian. A leg never begins
 * in the time of an earlier one of the unit, and ends when the act was captured.
 *
 * @param previousLegId the leg from which open runs go on into one that is opened; null: from one that ended just before
 * @param begins when a leg that is opened begins, ms
 */
export async function refreshLeg(
  context: ActContext,
  unitId: number,
  previousLegId: number | null = null,
  begins = eventTimeOf(context),
): Promise<void> {
  await context.transaction.query('SELECT refresh_leg($1, $2, $3, $4, $5)', [
    unitId,
    context.random.bytes(32).toString('hex'),
    new Date(begins),
    new Date(evidenceEndOf(context)),
    previousLegId,
  ]);
}

/** Ends the open leg of a unit at the act's time and returns it; the evaluator records its final totals. */
export async function endLegs(context: ActContext, unitId: number): Promise<number | null> {
  const ended = await context.transaction.query<{ id: number }>(
    `UPDATE leg SET ended_at = greatest(started_at, $2) WHERE unit_id = $1 AND ended_at IS NULL RETURNING id`,
    [unitId, new Date(eventTimeOf(context))],
  );
  for (const leg of ended) await noteChange(context, leg.id);
  return ended[0]?.id ?? null;
}

/**
 * Custody passes to the acting organisation at the act's time: the giver's leg ends, and what goes on with the unit (bound
 * loggers, packaging) is evidence of the taker's leg. The place that the giver had it in speaks for it until the capture.
 */
export async function takeOverLegs(context: ActContext, unitId: number): Promise<void> {
  await leavePlaceOf(context, unitId);
  await refreshLeg(context, unitId, await endLegs(context, unitId));
}

/**
 * The unit is where it was no longer. Whatever time the act names, the place speaks for it until it was captured; from that
 * time on only against it.
 *
 * @param saidAt another time from which on it speaks only against it
 */
export async function leavePlaceOf(context: ActContext, unitId: number, saidAt = eventTimeOf(context)): Promise<void> {
  await context.transaction.query('SELECT leave_place($1, $2, $3)', [
    unitId,
    new Date(evidenceEndOf(context)),
    new Date(saidAt),
  ]);
}

/**
 * A new leg of whoever is the unit's recorded custodian follows the open one, if there is one: for acts of somebody else
 * through which custody passes, or through which a receiver loses sight of the goods. What must go on across legs does.
 */
export async function renewLeg(context: ActContext, unitId: number): Promise<void> {
  await context.transaction.query('SELECT renew_leg($1, $2, $3)', [
    unitId,
    context.random.bytes(32).toString('hex'),
    new Date(eventTimeOf(context)),
  ]);
}

/** Goods were taken out of the unit: what it has been through until the capture is in one leg, and another one follows. */
export async function partLeg(context: ActContext, unitId: number): Promise<void> {
  await context.transaction.query('SELECT part_leg($1, $2, $3)', [
    unitId,
    context.random.bytes(32).toString('hex'),
    new Date(evidenceEndOf(context)),
  ]);
}

async function noteChange(context: ActContext, legId: number): Promise<void> {
  await context.transaction.query('INSERT INTO leg_change (leg_id) VALUES ($1)', [legId]);
}
