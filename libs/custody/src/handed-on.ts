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

/** The logger was bound to the unit itself at that very time: then it is one binding, which speaks up to the later end. */
const WATCHED_SINCE_THEN = `
  ON CONFLICT (unit_id, logger_id, bound_at) DO UPDATE SET unbound_at = greatest(unit_logger.unbound_at, excluded.unbound_at),
    freed_at = coalesce(unit_logger.freed_at, unit_logger.unbound_at)
  WHERE unit_logger.unbound_at IS NOT NULL`;

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
     FROM unnest($3::integer[], $4::timestamptz[], $5::timestamptz[]) AS l(id, since, until) WHERE l.until < $2
     ${WATCHED_SINCE_THEN}`,
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

/**
 * Goods were taken out of units that stay. They are charged with the legs that these began before the act's time; what
 * later ones measured up to the capture, when goods were taken out before or a logger was bound meanwhile, speaks for the
 * unit that the goods are in since. To be called when that unit has its own evidence.
 */
export async function handOnLaterLegs(context: ActContext, from: readonly number[], to: number): Promise<void> {
  const [at, captured] = [new Date(eventTimeOf(context)), new Date(evidenceEndOf(context))];
  if (at >= captured) return;
  const { transaction } = context;
  const begun = await transaction.query<{ unit_id: number }>(
    'SELECT DISTINCT unit_id FROM leg WHERE unit_id = ANY($1) AND started_at > $2 AND started_at <= $3',
    [from, at, captured],
  );
  if (begun.length === 0) return;
  const units = begun.map(({ unit_id }) => unit_id);
  // Where these loggers are is said by what binds them to the other unit: here nothing keeps them from going on.
  await transaction.query(
    `INSERT INTO unit_logger (unit_id, logger_id, bound_at, unbound_at, freed_at)
     SELECT $1, logger_id, bound_at, max(least(unbound_at, $4)), bound_at FROM unit_logger
     WHERE unit_id = ANY($2) AND coalesce(unbound_at, 'infinity') > $3 AND bound_at < $4 GROUP BY logger_id, bound_at
     ${WATCHED_SINCE_THEN}`,
    [to, units, at, captured],
  );
  await transaction.query(
    `INSERT INTO unit_presence (unit_id, place_id, entered_at, left_at)
     SELECT $1, place_id, entered_at, max(least(left_at, $4)) FROM unit_presence
     WHERE unit_id = ANY($2) AND coalesce(left_at, 'infinity') > $3 AND entered_at < $4 GROUP BY place_id, entered_at
     ON CONFLICT (unit_id, entered_at, place_id) DO NOTHING`,
    [to, units, at, captured],
  );
  await refreshLeg(context, to);
}
