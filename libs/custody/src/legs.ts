import type { ActContext } from './act-context.js';
import { eventTimeOf } from './act-context.js';

/**
 * Legs follow custody: a unit's leg opens when a logger is bound in somebody's custody and when custody is taken over
 * with a bound logger, and ends when custody or the logger changes. The evaluator learns of it through `leg_change`.
 */
export async function openLeg(
  context: ActContext,
  unitId: number,
  loggerId: number,
  previousLegId: number | null,
): Promise<void> {
  const [leg] = await context.transaction.query<{ id: number }>(
    `INSERT INTO leg (leg_key, organisation_id, unit_id, logger_id, previous_leg_id, started_at)
     VALUES ($1, $2, $3, $4, $5, $6) RETURNING id`,
    [
      context.random.bytes(32).toString('hex'),
      context.organisation.id,
      unitId,
      loggerId,
      previousLegId,
      new Date(eventTimeOf(context)),
    ],
  );
  if (leg === undefined) throw new Error('leg: insert returned no row');
  await noteChange(context, leg.id);
}

/** An open leg of a unit. */
export interface OpenLeg {
  readonly id: number;
  readonly loggerId: number;
}

/** Ends the open legs of a unit at the act's time and returns them; the evaluator records their final totals. */
export async function endLegs(context: ActContext, unitId: number): Promise<OpenLeg[]> {
  const ended = await context.transaction.query<{ id: number; logger_id: number }>(
    `UPDATE leg SET ended_at = greatest(started_at, $2) WHERE unit_id = $1 AND ended_at IS NULL RETURNING id, logger_id`,
    [unitId, new Date(eventTimeOf(context))],
  );
  for (const leg of ended) await noteChange(context, leg.id);
  return ended.map((leg) => ({ id: leg.id, loggerId: leg.logger_id }));
}

/** Custody passes to the acting organisation: every bound logger's leg ends for the giver and goes on for the taker. */
export async function takeOverLegs(context: ActContext, unitId: number): Promise<void> {
  for (const leg of await endLegs(context, unitId)) await openLeg(context, unitId, leg.loggerId, leg.id);
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

async function noteChange(context: ActContext, legId: number): Promise<void> {
  await context.transaction.query('INSERT INTO leg_change (leg_id) VALUES ($1)', [legId]);
}
