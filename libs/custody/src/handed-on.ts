import { type ActContext, eventTimeOf, evidenceEndOf } from './act-context.js';
import { dateOrNull, isLate, type Vouching } from './lateness.js';
import { endLegs, leavePlaceOf, refreshLeg } from './legs.js';

/** A logger that watched one of some units until an act. */
export interface FreedLogger extends Vouching {
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
export async function endEvidence(
  context: ActContext,
  unitIds: readonly number[],
  how: 'packed' | 'dissolved',
): Promise<FreedLogger[]> {
  const freed: FreedLogger[] = [];
  for (const unitId of unitIds) {
    // The leg of a unit that was opened goes on to the capture, and its goods have a time of their own by then.
    await leavePlaceOf(context, unitId, how === 'dissolved' ? evidenceEndOf(context) : eventTimeOf(context));
    const legId = await endLegs(context, unitId);
    const loggers = await context.transaction.query<{
      logger_id: number;
      bound_at: Date;
      unbound_at: Date;
      vouches_from: Date | null;
      seconded_from: Date | null;
    }>(
      `UPDATE unit_logger SET unbound_at = greatest(bound_at, $2)
       WHERE unit_id = $1 AND unbound_at IS NULL RETURNING logger_id, bound_at, unbound_at, vouches_from, seconded_from`,
      [unitId, new Date(eventTimeOf(context))],
    );
    for (const row of loggers) {
      freed.push({
        id: row.logger_id,
        since: row.bound_at,
        until: row.unbound_at,
        legId,
        vouchesFrom: row.vouches_from?.getTime() ?? null,
        secondedFrom: row.seconded_from?.getTime() ?? null,
      });
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
 * captured late takes no measured time away. It has spoken since before, so that what it said last holds on. From the act's
 * time on it speaks against them only; a place not yet where the act is captured as early as acts are. Nothing happens when
 * it is captured at once.
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
    `INSERT INTO unit_logger (unit_id, logger_id, bound_at, unbound_at, freed_at, vouches_from)
     SELECT $1, l.id, l.since, $2, l.until, l.vouches_from
     FROM unnest($3::integer[], $4::timestamptz[], $5::timestamptz[], $6::timestamptz[]) AS l(id, since, until, vouches_from)
     WHERE l.until < $2
     ${WATCHED_SINCE_THEN}`,
    [
      to,
      captured,
      left.map(({ id }) => id),
      left.map(({ since }) => since),
      left.map(({ until }) => until),
      left.map(({ vouchesFrom }) => dateOrNull(vouchesFrom)),
    ],
  );
  await transaction.query(
    `INSERT INTO unit_presence (unit_id, place_id, entered_at, left_at, said_left_at, vouches_from)
     SELECT $1, f.place_id, e.at, $3, CASE WHEN $4 THEN greatest(e.at, least(f.said, $5)) END,
            CASE WHEN e.at < f.vouches_from THEN f.vouches_from END
     FROM (SELECT place_id, min(entered_at) AS entered_at, min(said_left_at) AS said, max(vouches_from) AS vouches_from
           FROM unit_presence WHERE unit_id = ANY($2) AND left_at >= $3 AND entered_at < $3 GROUP BY place_id) f
     -- right after it was there itself the last time, when it lay in none of these
     CROSS JOIN LATERAL (
       SELECT greatest(f.entered_at, max(o.entered_at) + interval '1 millisecond') AS at FROM unit_presence o
       WHERE o.unit_id = $1 AND o.place_id = f.place_id AND o.entered_at >= f.entered_at) e
     WHERE e.at < $3`,
    [to, from, captured, isLate(context), at],
  );
  await refreshLeg(context, to);
}

/**
 * Goods were taken out of units that stay. They are charged with the legs that these began before the act's time; what
 * later ones measured up to the capture, when goods were taken out before or a logger was bound meanwhile, speaks against the
 * goods in the unit that they are in since. To be called when that unit has its own evidence.
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
    `INSERT INTO unit_logger (unit_id, logger_id, bound_at, unbound_at, freed_at, vouches_from)
     SELECT $1, logger_id, bound_at, max(least(unbound_at, $4)), bound_at, max(vouches_from) FROM unit_logger
     WHERE unit_id = ANY($2) AND coalesce(unbound_at, 'infinity') > $3 AND bound_at < $4 GROUP BY logger_id, bound_at
     ${WATCHED_SINCE_THEN}`,
    [to, units, at, captured],
  );
  await transaction.query(
    `INSERT INTO unit_presence (unit_id, place_id, entered_at, left_at, said_left_at, vouches_from)
     SELECT $1, place_id, entered_at, max(least(left_at, $4)), greatest(entered_at, $3), max(vouches_from) FROM unit_presence
     WHERE unit_id = ANY($2) AND coalesce(left_at, 'infinity') > $3 AND entered_at < $4 GROUP BY place_id, entered_at
     ON CONFLICT (unit_id, entered_at, place_id) DO NOTHING`,
    [to, units, at, captured],
  );
  await refreshLeg(context, to);
}
