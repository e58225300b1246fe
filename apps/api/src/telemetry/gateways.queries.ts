import type { OrganisationTransaction } from '@coldchain/database';

/** How a gateway does. */
export interface GatewayCondition {
  readonly id: number;
  readonly battery_percent: number | null;
  /** Numbers of its newest boots that are neither stored nor set aside, up to the highest stored. */
  readonly missing: number;
  /** Messages of the last day that were set aside. */
  readonly rejected: number;
}

/** Boots looked at: what it is told of as well (`Watermarks` of the ingest). */
const NEWEST_BOOTS = 4;
/** Of what was set aside no more is looked at: a gateway that sends nothing else must not make lists slow. */
const MOST_REJECTED = 1_000;
/** A percentage out of what devices say of themselves, which may be anything. */
export const percentOf = (json: string): string =>
  `CASE WHEN jsonb_typeof(${json}) = 'number' AND (${json})::numeric BETWEEN 0 AND 100 THEN (${json})::float8 END`;

/** How some gateways of the organisation do, by id. */
export async function conditionsOf(
  transaction: OrganisationTransaction,
  ids: readonly number[],
): Promise<ReadonlyMap<number, GatewayCondition>> {
  const rows = await transaction.query<GatewayCondition>(
    `SELECT g.id, ${percentOf("g.status -> 'battery'")} AS battery_percent,
            least(coalesce(m.missing, 0), 9007199254740991)::float8 AS missing, r.rejected::float8 AS rejected
     FROM (SELECT id, status FROM gateway WHERE id = ANY ($1::integer[])) g
     LEFT JOIN LATERAL (
       SELECT sum(h.next - h.stored - a.aside) AS missing
       FROM (SELECT s.id, s.boot FROM stream s WHERE s.gateway_id = g.id ORDER BY s.id DESC LIMIT ${NEWEST_BOOTS}) s
       CROSS JOIN LATERAL (
         -- Bits are looked at of the newest row only: a stream of a year has hundreds.
         SELECT (SELECT w.chunk * 1024 + length(rtrim(w.got::text, '0')) FROM stream_watermark w
                 WHERE w.stream = s.id ORDER BY w.chunk DESC LIMIT 1) AS next,
                (SELECT sum(w.frames) FROM stream_watermark w WHERE w.stream = s.id) AS stored
       ) h
       CROSS JOIN LATERAL (
         SELECT count(DISTINCT d.seq) AS aside
         FROM (SELECT l.seq FROM dead_letter l WHERE l.gateway_id = g.id AND l.boot = s.boot AND l.seq < h.next
               LIMIT ${MOST_REJECTED}) d
         WHERE NOT EXISTS (SELECT FROM stream_watermark w WHERE w.stream = s.id AND w.chunk = d.seq >> 10
                           AND get_bit(w.got, (d.seq & 1023)::integer) = 1)
       ) a
     ) m ON true
     CROSS JOIN LATERAL (
       SELECT count(*) AS rejected
       FROM (SELECT l.received_at FROM dead_letter l WHERE l.gateway_id = g.id ORDER BY l.id DESC LIMIT ${MOST_REJECTED}) l
       WHERE l.received_at > now() - interval '1 day'
     ) r`,
    [ids],
  );
  return new Map(rows.map((row) => [row.id, row]));
}
