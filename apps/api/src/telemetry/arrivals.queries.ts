import type { OrganisationTransaction } from '@coldchain/database';

/** A place in the order of arrivals: transaction, then stream and number (of what was refused 0 and its id). */
export interface ArrivalPlace {
  readonly xid: string;
  readonly stream: number;
  readonly seq: string;
}

/** Something that arrived; what only one of the two kinds has is null in the other. */
export interface ArrivalRow extends ArrivalPlace {
  readonly gateway: string;
  readonly boot: string | null;
  readonly sequence: string | null;
  readonly received_at: Date;
  readonly loggers: readonly (string | null)[] | null;
  readonly readings: number | null;
  readonly first_at: Date | null;
  readonly last_at: Date | null;
  readonly clock_offset_ms: number | null;
  readonly shift_ms: number | null;
  readonly signed: boolean | null;
  readonly code: string | null;
  readonly details: Readonly<Record<string, unknown>> | null;
  readonly bytes: number | null;
}

/** The place behind all that is visible for good now. */
export async function placeOfNow(transaction: OrganisationTransaction): Promise<ArrivalPlace> {
  const [row] = await transaction.query<{ xid: string }>('SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS xid');
  if (row === undefined) throw new Error('no snapshot');
  // All of the transactions below were told; nothing of this one was.
  return { xid: row.xid, stream: -1, seq: '0' };
}

const GATEWAY = `(SELECT id FROM gateway WHERE organisation_id = $1 AND ($2::text IS NULL OR name = $2))`;

const REFUSED = `
  SELECT d.xid, 0 AS stream, d.id AS place, g.name AS gateway, d.boot, d.seq AS sequence, d.received_at,
         NULL::text[] AS loggers, NULL::integer AS readings, NULL::timestamptz AS first_at, NULL::timestamptz AS last_at,
         NULL::float8 AS clock_offset_ms, NULL::float8 AS shift_ms, NULL::boolean AS signed,
         d.code, d.details, octet_length(d.raw) AS bytes
  FROM dead_letter d JOIN gateway g ON g.id = d.gateway_id
  WHERE d.organisation_id = $1 AND d.gateway_id IN ${GATEWAY}`;

const COLUMNS = `xid::text AS xid, stream, place::text AS seq, gateway, boot, sequence::text AS sequence, received_at, loggers,
  readings, first_at, last_at, clock_offset_ms, shift_ms, signed, code, details, bytes`;

/** What was refused last, oldest first. */
export async function refusedLately(
  transaction: OrganisationTransaction,
  gateway: string | null,
  count: number,
): Promise<readonly ArrivalRow[]> {
  const rows = await transaction.query<ArrivalRow>(
    `SELECT ${COLUMNS} FROM (${REFUSED} ORDER BY d.id DESC LIMIT $3) x ORDER BY place`,
    [transaction.organisationId, gateway, count],
  );
  return rows;
}

/**
 * What became visible for good behind a place, in order: by transaction, because something with a lower number can commit
 * later. A frame's series carry its transaction.
 */
export function arrivalsAfter(
  transaction: OrganisationTransaction,
  { xid, stream, seq }: ArrivalPlace,
  gateway: string | null,
  count: number,
): Promise<ArrivalRow[]> {
  return transaction.query<ArrivalRow>(
    `WITH own AS MATERIALIZED (SELECT t.id, t.boot, g.name, g.clock_offset_ms FROM stream t JOIN gateway g ON g.id = t.gateway_id
                               WHERE g.id IN ${GATEWAY}),
     below AS MATERIALIZED (SELECT pg_snapshot_xmin(pg_current_snapshot()) AS xid),
     arrived AS (
       SELECT s.xid, s.stream, s.seq, s.day, array_agg(DISTINCT l.serial) AS loggers, sum(s.n)::integer AS readings,
              min(s.t0) AS first_at, max(s.t1) AS last_at, f.received_at, f.signed_by IS NOT NULL AS signed
       FROM reading_series s
       JOIN reading_frame f ON f.stream = s.stream AND f.seq = s.seq AND f.day = s.day
       LEFT JOIN logger l ON l.id = s.logger
       WHERE s.xid >= $3::xid8 AND s.xid < (SELECT xid FROM below) AND s.stream IN (SELECT id FROM own)
       GROUP BY s.xid, s.stream, s.seq, s.day, f.received_at, f.signed_by
       UNION ALL
       SELECT s.xid, s.stream, s.seq, s.day, ARRAY[l.serial], 1, s.at, s.at, s.received_at, s.signed_by IS NOT NULL
       FROM reading_single s LEFT JOIN logger l ON l.id = s.logger
       WHERE s.xid >= $3::xid8 AND s.xid < (SELECT xid FROM below) AND s.stream IN (SELECT id FROM own)
     ), told AS (
       SELECT a.xid, a.stream, a.seq AS place, o.name AS gateway, o.boot, a.seq AS sequence, a.received_at, a.loggers, a.readings,
              a.first_at, a.last_at, o.clock_offset_ms::float8, r.shift_ms::float8, a.signed,
              NULL::text AS code, NULL::jsonb AS details, NULL::integer AS bytes
       FROM arrived a JOIN own o ON o.id = a.stream
       LEFT JOIN redated_frame r ON r.stream = a.stream AND r.seq = a.seq
       UNION ALL
       ${REFUSED} AND d.xid >= $3::xid8 AND d.xid < (SELECT xid FROM below)
     )
     SELECT ${COLUMNS} FROM told WHERE (xid, stream, place) > ($3::xid8, $4::integer, $5::bigint)
     ORDER BY told.xid, told.stream, told.place LIMIT $6`,
    [transaction.organisationId, gateway, xid, stream, seq, count],
  );
}
