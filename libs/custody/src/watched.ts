import { type ActContext } from './act-context.js';
import { lateSince } from './lateness.js';

/**
 * Whether each of some units is watched now, by a logger that is bound to it or by those of the place that it is in, or was
 * until an act that was captured just now. Then what begins in its stead can add to what was measured, but take nothing away.
 */
export async function areWatched(context: ActContext, unitIds: readonly number[]): Promise<boolean> {
  const unwatched = await context.transaction.query(
    `SELECT FROM unnest($1::bigint[]) AS u(id)
     WHERE NOT EXISTS (SELECT FROM unit_logger b WHERE b.unit_id = u.id AND coalesce(b.unbound_at, 'infinity') > $2)
       AND NOT EXISTS (SELECT FROM unit_presence n JOIN place_logger p ON p.place_id = n.place_id AND p.until IS NULL
                       WHERE n.unit_id = u.id AND coalesce(n.left_at, 'infinity') > $2) LIMIT 1`,
    [unitIds, lateSince(context)],
  );
  return unwatched.length === 0;
}
