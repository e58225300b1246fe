import type { Transaction } from '@coldchain/database';
import type { StoredReadings } from '@coldchain/telemetry';

/** Name of the follower's place in `follow_checkpoint`. */
const NAME = 'telemetry-flags';

/** Transactions to look at: [from, to), all of them ended. */
export interface NewsWindow {
  readonly from: string;
  readonly to: string;
}

/** A stored row of a logger. */
export interface NewRow extends StoredReadings {
  readonly loggerId: number;
  readonly organisationId: number;
}

/**
 * From where the follower stopped to the oldest transaction that still runs, or less: so that a window holds about `most`
 * rows. What one transaction stored stays together.
 */
export async function nextWindow(transaction: Transaction, most: number): Promise<NewsWindow> {
  const [place] = await transaction.query<NewsWindow>(
    `SELECT coalesce((SELECT xid FROM follow_checkpoint WHERE name = $1), '0')::text AS from,
            pg_snapshot_xmin(pg_current_snapshot())::text AS to`,
    [NAME],
  );
  if (place === undefined) throw new Error('no snapshot');
  const [beyond] = await transaction.query<{ xid: string; next: string; first: string }>(
    `SELECT b.xid::text, (b.xid::text::numeric + 1)::text AS next,
            (SELECT min(xid) FROM stored_reading WHERE xid >= $1::xid8 AND xid < $2::xid8)::text AS first
     FROM (SELECT xid FROM stored_reading WHERE xid >= $1::xid8 AND xid < $2::xid8 ORDER BY xid OFFSET $3 LIMIT 1) b`,
    [place.from, place.to, most],
  );
  if (beyond === undefined) return place;
  return { from: place.from, to: beyond.xid === beyond.first ? beyond.next : beyond.xid };
}

/** Rows of a window, by logger and time. */
export function rowsIn(transaction: Transaction, { from, to }: NewsWindow): Promise<NewRow[]> {
  return transaction.query<NewRow>(
    `SELECT r.logger AS "loggerId", l.organisation_id AS "organisationId", r.data, r.t0 AS at,
            r.milli_celsius AS "milliCelsius", r.humidity_permille AS "humidityPermille"
     FROM stored_reading r JOIN logger l ON l.id = r.logger
     WHERE r.xid >= $1::xid8 AND r.xid < $2::xid8 ORDER BY r.logger, r.t0, r.stream, r.seq`,
    [from, to],
  );
}

/** Moves the follower's place; false when another process did, and then nothing of this window may be written. */
export async function moveTo(transaction: Transaction, { from, to }: NewsWindow): Promise<boolean> {
  const moved = await transaction.query(
    `INSERT INTO follow_checkpoint AS c (name, xid) VALUES ($1, $3::xid8)
     ON CONFLICT (name) DO UPDATE SET xid = excluded.xid WHERE c.xid = $2::xid8 RETURNING 1`,
    [NAME, from, to],
  );
  return moved.length === 1;
}
