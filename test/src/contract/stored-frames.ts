import { createHash } from 'node:crypto';
import type { Database } from '@coldchain/database';
import { dayOf, decodeReadings, encodeFrame, splitFrame } from '@coldchain/telemetry';
import { START } from './ingest-fixture.js';

/** Whatever runs statements: a pool, or one connection with a transaction of its own. */
export interface Statements {
  query(sql: string, parameters?: unknown[]): Promise<unknown>;
}

/** A stream of a new gateway; makes the partition for {@link storeFrames}. */
export async function newStream(owner: Database, organisation: string, gateway: string): Promise<number> {
  await owner.query('SELECT ensure_reading_partition($1::date)', [dayOf(START)]);
  const [row] = await owner.query<{ id: number }>(
    `WITH gateway AS (
       INSERT INTO gateway (organisation_id, name, password_hash) SELECT id, $2, '' FROM organisation WHERE slug = $1
       RETURNING id, organisation_id
     ), logger AS (
       INSERT INTO logger (organisation_id, serial, interval_ms, registered)
       SELECT organisation_id, 'L-' || $2, 60000, false FROM gateway
     ) INSERT INTO stream (gateway_id, boot) SELECT id, 'b1' FROM gateway RETURNING id`,
    [organisation, gateway],
  );
  return row?.id ?? 0;
}

/** Writes frames as the ingest does, in the caller's transaction: a row with the bytes, and their series. */
export async function storeFrames(to: Statements, stream: number, sequences: readonly number[]): Promise<void> {
  const frames = sequences.map((seq) => {
    const at = START + seq * 1_000;
    const reading = { logger: 'L', at, milliCelsius: 5_000 + (seq % 100), humidityPermille: null, counter: null };
    const raw = encodeFrame({ boot: 'b1', seq, readings: [reading] });
    const decoded = decodeReadings(raw, { now: Date.now(), oldest: 0 });
    if (!decoded.ok) throw new Error(decoded.code);
    const [series] = splitFrame(decoded.frame);
    if (series === undefined) throw new Error('no series');
    return { seq, raw, sha256: createHash('sha256').update(raw).digest(), series };
  });
  await to.query(
    `WITH f AS (
       INSERT INTO reading_frame (day, stream, seq, n, sha256, raw)
       SELECT $1, $2, seq, 1, sha256, raw FROM unnest($3::int8[], $4::bytea[], $5::bytea[]) AS x (seq, sha256, raw)
     ) INSERT INTO reading_series (day, logger, t0, t1, stream, seq, n, lo, hi, data)
       SELECT $1, (SELECT min(l.id) FROM stream t JOIN gateway g ON g.id = t.gateway_id JOIN logger l ON l.serial = 'L-' || g.name
                   WHERE t.id = $2), t, t, $2, seq, 1, 5000, 5000, data
       FROM unnest($3::int8[], $6::timestamptz[], $7::bytea[]) AS x (seq, t, data)`,
    [
      dayOf(START),
      stream,
      frames.map(({ seq }) => seq),
      frames.map(({ sha256 }) => sha256),
      frames.map(({ raw }) => raw),
      frames.map(({ series }) => new Date(series.firstAt)),
      frames.map(({ series }) => series.data),
    ],
  );
}
