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

/**
 * The frames of an organisation that were stored by the transactions of a window, in order of stream, day and number.
 * They are found by their series, which carry their transaction: frames do not, and accepting one costs nothing more.
 */
export function framesIn(
  transaction: Transaction,
  organisationId: number,
  { from, to }: TransactionWindow,
): Promise<NewFrame[]> {
  return transaction.query<NewFrame>(
    `SELECT w.stream, g.name AS gateway, t.boot, w.day, w.seq, f.sha256, f.received_at AS "receivedAt"
     FROM (SELECT DISTINCT stream, day, seq FROM reading_series
           WHERE xid >= $2::xid8 AND xid < $3::xid8 AND stream IN (${OWN_STREAMS})) AS w
     JOIN LATERAL (SELECT sha256, received_at FROM reading_frame r
                   WHERE r.stream = w.stream AND r.seq = w.seq AND r.day = w.day) AS f ON true
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
  const series = `FROM reading_series WHERE xid >= $2::xid8 AND xid < $3::xid8 AND stream IN (${OWN_STREAMS})`;
  const [beyond] = await transaction.query<{ xid: string; next: string; first: string }>(
    `SELECT b.xid::text, (b.xid::text::numeric + 1)::text AS next, (SELECT min(xid) ${series})::text AS first
     FROM (SELECT xid ${series} ORDER BY xid OFFSET $4 LIMIT 1) AS b`,
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
