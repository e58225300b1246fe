import { type ActContext, eventTimeOf, evidenceEndOf } from './act-context.js';
import { endLegs, leavePlaceOf, refreshLeg } from './legs.js';

/** A logger that watched one of some units until an act. */
export interface FreedLogger {
  readonly id: number;
  readonly since: Date;
  readonly until: Date;
  /** The leg of that unit. */
  readonly legId: number | null;
}

/**
 * Nothing watches units by themselves any more, from the act's time on: they were packed, or one was dissolved. Their goods
 * are in other units then, and {@link handOn} is to follow for these. Returns the loggers that are free.
 */
export async function endEvidence(context: ActContext, unitIds: readonly number[]): Promise<FreedLogger[]> {
  const freed: FreedLogger[] = [];
  for (const unitId of unitIds) {
    await leavePlaceOf(context, unitId);
    const legId = await endLegs(context, unitId);
    const loggers = await context.transaction.query<{ logger_id: number; bound_at: Date; unbound_at: Date }>(
      `UPDATE unit_logger SET unbound_at = greatest(bound_at, $2)
       WHERE unit_id = $1 AND unbound_at IS NULL RETURNING logger_id, bound_at, unbound_at`,
      [unitId, new Date(eventTimeOf(context))],
    );
    for (const { logger_id, bound_at, unbound_at } of loggers) {
      freed.push({ id: logger_id, since: bound_at, until: unbound_at, legId });
    }
  }
  return freed;
}

/**
 * What watched units until an act speaks, up to its capture, for a unit that their goods are in since: an act that is
 * captured late takes no measured time away. It has spoken since before, so that what it said last holds on. Nothing
 * happens when the act is captured at once.
 *
 * @param from units whose evidence has ended with the act
 * @param left their loggers, without one that goes on with the other unit
 */
export async function handOn(
  context: ActContext,
  from: readonly number[],
  left: readonly FreedLogger[],
  to: number,
): Promise<void> {
  const [at, captured] = [new Date(eventTimeOf(context)), new Date(evidenceEndOf(context))];
  if (at >= captured) return;
  const { transaction } = context;
  await transaction.query(
    `INSERT INTO unit_logger (unit_id, logger_id, bound_at, unbound_at, freed_at)
     SELECT $1, l.id, l.since, $2, l.until
     FROM unnest($3::integer[], $4::timestamptz[], $5::timestamptz[]) AS l(id, since, until) WHERE l.until < $2`,
    [to, captured, left.map(({ id }) => id), left.map(({ since }) => since), left.map(({ until }) => until)],
  );
  await transaction.query(
    `INSERT INTO unit_presence (unit_id, place_id, entered_at, left_at)
     SELECT $1, place_id, min(entered_at), $3 FROM unit_presence
     WHERE unit_id = ANY($2) AND left_at >= $3 AND entered_at < $3 GROUP BY place_id`,
    [to, from, captured],
  );
  await refreshLeg(context, to);
}
