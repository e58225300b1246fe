import type { Transaction } from '@coldchain/database';

/** A stored frame that has no leaf yet. */
export interface NewFrame {
  readonly stream: number;
  readonly gateway: string;
  readonly boot: string;
  /** UTC day, `YYYY-MM-DD`. */
  readonly day: string;
  readonly seq: number;
  readonly sha256: Buffer;
  readonly receivedAt: Date;
}

/** Transactions in which to look: [from, to), all of them ended. */
export interface TransactionWindow {
  readonly from: string;
  readonly to: string;
}

const OWN_STREAMS = `SELECT t.id FROM stream t JOIN gateway g ON g.id = t.gateway_id WHERE g.organisation_id = $1`;

const IN_WINDOW = `xid >= $2::xid8 AND xid < $3::xid8 AND stream IN (${OWN_STREAMS})`;

/**
 * The frames of an organisation that were stored by the transactions of a window, in order of stream, day and number.
 * Single readings carry their transaction; other frames are found by their series, which carry it for them, so that
 * accepting a frame costs nothing more.
 */
export function framesIn(
  transaction: Transaction,
  organisationId: number,
  { from, to }: TransactionWindow,
): Promise<NewFrame[]> {
  return transaction.query<NewFrame>(
    `SELECT w.stream, g.name AS gateway, t.boot, w.day, w.seq, w.sha256, w.received_at AS "receivedAt"
     FROM (SELECT s.stream, s.day, s.seq, f.sha256, f.received_at
           FROM (SELECT DISTINCT stream, day, seq FROM reading_series WHERE ${IN_WINDOW}) AS s
           JOIN LATERAL (SELECT sha256, received_at FROM reading_frame r
                         WHERE r.stream = s.stream AND r.seq = s.seq AND r.day = s.day) AS f ON true
           UNION ALL
           SELECT stream, day, seq, sha256(raw), received_at FROM reading_single WHERE ${IN_WINDOW}) AS w
     JOIN stream t ON t.id = w.stream
     JOIN gateway g ON g.id = t.gateway_id
     ORDER BY w.stream, w.day, w.seq`,
    [organisationId, from, to],
  );
}

/**
 * Ends a window before the transaction in which a tree would grow beyond `most` leaves. What one transaction stored stays
 * together, so a window holds at least one.
 */
export async function boundedWindow(
  transaction: Transaction,
  organisationId: number,
  { from, to }: TransactionWindow,
  most: number,
): Promise<TransactionWindow> {
  const stored = `FROM (SELECT xid, stream FROM reading_series UNION ALL SELECT xid, stream FROM reading_single) AS r
                  WHERE ${IN_WINDOW}`;
  const [beyond] = await transaction.query<{ xid: string; next: string; first: string }>(
    `SELECT b.xid::text, (b.xid::text::numeric + 1)::text AS next, (SELECT min(xid) ${stored})::text AS first
     FROM (SELECT xid ${stored} ORDER BY xid OFFSET $4 LIMIT 1) AS b`,
    [organisationId, from, to, most],
  );
  if (beyond === undefined) return { from, to };
  return { from, to: beyond.xid === beyond.first ? beyond.next : beyond.xid };
}

/**
 * Where transactions stand: all below `to` have ended and are visible to every later statement; none at or above `next`
 * has begun.
 */
export async function readHorizon(
  transaction: Transaction,
): Promise<{ readonly to: string; readonly next: string; readonly at: number }> {
  const [row] = await transaction.query<{ to: string; next: string; at: number }>(
    `SELECT pg_snapshot_xmin(s)::text AS to, pg_snapshot_xmax(s)::text AS next,
            floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint AS at
     FROM pg_current_snapshot() AS s`,
  );
  if (row === undefined) throw new Error('no snapshot');
  return row;
}
