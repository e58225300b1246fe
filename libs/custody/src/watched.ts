import { type ActContext } from './act-context.js';
import { earliestSeconded, isLate, lateSince } from './lateness.js';

/**
 * Whether something watched each of some units from the act's time on, as far back as that may count, until now: loggers
 * that are bound to it, or those of the places that it was in. It may have ended with an act that was captured just now.
 * Then what begins in its stead can add to what was measured, but take nothing away. What is claimed itself counts from when
 * it vouches; where all of it is told of at once, what the first act ended speaks until then.
 */
export async function areWatched(context: ActContext, unitIds: readonly number[]): Promise<boolean> {
  // Captured at once, an act is evidence by itself: nobody asks.
  if (!isLate(context)) return true;
  const unwatched = await context.transaction.query(
    `SELECT FROM unnest($1::bigint[]) AS u(id)
     LEFT JOIN LATERAL (
       SELECT range_agg(tstzrange(since - interval '1 second', until)) AS times FROM (
         SELECT coalesce(b.vouches_from, b.bound_at) AS since, b.unbound_at AS until FROM unit_logger b WHERE b.unit_id = u.id
         UNION ALL
         SELECT greatest(coalesce(n.vouches_from, n.entered_at), p.since), least(n.left_at, p.until)
         FROM unit_presence n JOIN place_logger p ON p.place_id = n.place_id WHERE n.unit_id = u.id) AS watching
       WHERE coalesce(until, 'infinity') > since) w ON true
     WHERE NOT coalesce(w.times @> tstzrange($2, $3, '[]'), false) LIMIT 1`,
    [unitIds, earliestSeconded(context), lateSince(context)],
  );
  return unwatched.length === 0;
}
