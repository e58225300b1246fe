import type { RootState } from '@coldchain/chaincode/protocol';
import type { OrganisationTransaction } from '@coldchain/database';
import { receivedOrDamagedBytes } from '@coldchain/telemetry';

/** A stored frame, and where it stands in a tree; `index` and `leaf` are null while it is under none. */
export interface FrameRow {
  /** The received bytes. */
  readonly raw: Buffer;
  readonly index: number | null;
  readonly leaf: number | null;
  readonly gatewayId: number;
  readonly stream: number;
  readonly seq: number;
  readonly day: string;
  readonly receivedAt: Date;
}

/**
 * A frame of one of the organisation's gateways. Of a gateway without numbers two frames can, on different days, get the
 * same one: then the newer is meant.
 */
export async function frameOf(
  transaction: OrganisationTransaction,
  gateway: string,
  boot: string,
  sequence: number,
): Promise<FrameRow | undefined> {
  const [row] = await transaction.query<FrameRow>(
    `WITH asked AS MATERIALIZED (
       SELECT t.id AS stream, g.id AS gateway FROM gateway g JOIN stream t ON t.gateway_id = g.id AND t.boot = $3
       WHERE g.organisation_id = $1 AND g.name = $2
     ), runs AS MATERIALIZED (
       SELECT r.* FROM asked JOIN telemetry_run r USING (stream)
       WHERE r.first_seq <= $4 AND $4 < r.first_seq + r.frames
     ), frames AS (
       SELECT f.day, f.received_at, f.raw FROM asked JOIN reading_frame f USING (stream) WHERE f.seq = $4
       UNION ALL
       -- Single readings have no index by number: those under a tree are looked for on their day, others among the new.
       SELECT s.day, s.received_at, s.raw FROM runs JOIN reading_single s USING (stream, day) WHERE s.seq = $4
       UNION ALL
       SELECT s.day, s.received_at, s.raw FROM asked JOIN reading_single s USING (stream)
       WHERE s.seq = $4 AND s.xid >= coalesce((SELECT followed FROM telemetry_log WHERE organisation_id = $1), '0')
     )
     SELECT f.raw, r.index, (r.first_leaf + $4 - r.first_seq)::integer AS leaf, a.gateway AS "gatewayId",
            a.stream, $4::float8 AS seq, f.day::text, f.received_at AS "receivedAt"
     FROM asked a CROSS JOIN frames f LEFT JOIN runs r USING (day)
     ORDER BY f.day DESC LIMIT 1`,
    [transaction.organisationId, gateway, boot, sequence],
  );
  return row === undefined ? undefined : { ...row, raw: receivedOrDamagedBytes(row.raw) };
}

/** A model that a gateway was registered with; null: the platform's own forms. */
export interface RegisteredModelRow {
  readonly model: string | null;
  readonly mapping: Readonly<Record<string, unknown>> | null;
}

/** Models looked at for one frame: those that were registered nearest to its time. */
const MOST_MODELS = 16;

/** The models that a frame's gateway was registered with: the one of its time first, then those nearest to it. */
export function modelsOf(
  transaction: OrganisationTransaction,
  { gatewayId, receivedAt }: FrameRow,
): Promise<RegisteredModelRow[]> {
  return transaction.query<RegisteredModelRow>(
    `SELECT model, mapping FROM (
       SELECT m.id, m.model, m.mapping, m.valid_from, lead(m.valid_from) OVER (ORDER BY m.valid_from, m.id) AS until
       FROM gateway_model m WHERE m.gateway_id = $1
     ) m
     ORDER BY CASE WHEN $2 < valid_from THEN valid_from - $2 WHEN $2 >= until THEN $2 - until ELSE '0' END, id
     LIMIT $3`,
    [gatewayId, receivedAt, MOST_MODELS],
  );
}

/** What is stored of a message of one reading. */
export interface StoredReading {
  readonly milliCelsius: number;
  readonly humidityPermille: number | null;
}

/** What is stored of a frame for a logger at a time; undefined: nothing that the organisation may see. */
export async function storedReadingOf(
  transaction: OrganisationTransaction,
  { stream, seq, day }: FrameRow,
  { logger, at }: { readonly logger: string; readonly at: number },
): Promise<StoredReading | undefined> {
  const [row] = await transaction.query<StoredReading>(
    `SELECT x.milli_celsius AS "milliCelsius", x.humidity_permille AS "humidityPermille"
     FROM logger l JOIN reading_series s ON s.logger = l.id CROSS JOIN LATERAL unpack_series(s.data) x
     WHERE l.serial = $1 AND s.t0 = $2 AND s.stream = $3 AND s.seq = $4 AND s.day = $5::date`,
    [logger, new Date(at), stream, seq, day],
  );
  return row;
}

/** A tree with its leaves, the log's secret, and what the ledger has of it. Digests are 64 hex digits. */
export interface TreeRow {
  readonly organisation: string;
  readonly log: string;
  readonly secret: Buffer;
  readonly root: string;
  readonly previous: string | null;
  readonly from: number;
  readonly to: number;
  readonly leaves: Buffer;
  readonly object: RootState | null;
  readonly transaction_id: string | null;
  readonly block: number | null;
}

/** One tree of the organisation's log. */
export async function treeOf(transaction: OrganisationTransaction, index: number): Promise<TreeRow> {
  const [row] = await transaction.query<TreeRow>(
    `SELECT o.slug AS organisation, l.log, l.secret, encode(r.root, 'hex') AS root, encode(r.previous, 'hex') AS previous,
            r.window_from AS from, r.window_to AS to, r.leaves, k.state AS object, k.transaction_id, k.block
     FROM telemetry_root r
     JOIN telemetry_log l ON l.organisation_id = r.organisation_id
     JOIN organisation o ON o.id = r.organisation_id
     LEFT JOIN ledger_object k ON k.object_type = 'root' AND k.object_key = l.log || '/' || r.index
     WHERE r.organisation_id = $1 AND r.index = $2`,
    [transaction.organisationId, index],
  );
  if (row === undefined) throw new Error(`a frame lies in tree ${index}, which is not stored`);
  return row;
}
