import { rowsOfArrays } from './rows-of-arrays.js';

/**
 * Merges bits in key order, so that two writers never wait for each other in a circle (frames laboratory §4 and §11).
 * `raced`: one of the bits was set before, or by a writer of another process after the statement began; then the row counts
 * of a chunk and its bits disagree and the transaction is repeated.
 */
const mergeFrom = (source: string): string => `w AS (
  INSERT INTO stream_watermark AS m (stream, chunk, got, clash, frames)
  SELECT stream, chunk, got, 0::bit(1024), frames FROM ${source} ORDER BY stream, chunk
  ON CONFLICT (stream, chunk) DO UPDATE
    SET got = m.got | excluded.got, clash = m.clash | (m.got & excluded.got), frames = m.frames + excluded.frames
  RETURNING frames <> bit_count(got) AS raced
)`;

/** The end of a statement that stores only what is new as a whole: its rows are given (`watermarkBits`), from `$from` on. */
export function mergeGivenWatermarks(from: number): string {
  const given = rowsOfArrays({
    stream: `$${from}::int4`,
    chunk: `$${from + 1}::int8`,
    got: `$${from + 2}::bit(1024)`,
    frames: `$${from + 3}::int4`,
  });
  return `${mergeFrom(given)}
SELECT coalesce(bool_or(raced), false) AS raced, NULL::text[] AS stored FROM w`;
}

/**
 * The end of a statement that stores what is new among numbered messages: bits of the numbers in `f (stream, seq)`.
 * Parameters: streams without a watermark, and the number of messages; `stored` names what was stored where that is less.
 */
export function mergeWatermarks(unsequenced: `$${number}`, expected: `$${number}`): string {
  return `d AS (
  SELECT stream, seq >> 10 AS chunk, bit_or(set_bit(0::bit(1024), (seq & 1023)::int, 1)) AS got, count(*) AS frames
  FROM f WHERE stream <> ALL (${unsequenced}::int4[]) GROUP BY 1, 2
), ${mergeFrom('d')}
SELECT coalesce((SELECT bool_or(raced) FROM w), false) AS raced,
       CASE WHEN count(*) < ${expected}::int4 THEN coalesce(array_agg(stream || ' ' || seq), '{}') END AS stored FROM f`;
}

/** Condition that a number of `x (stream, seq)` was not used before, whatever its day: asked only after a race. */
export const NUMBER_IS_NEW = `NOT EXISTS (
    SELECT FROM stream_watermark w
    WHERE w.stream = x.stream AND w.chunk = x.seq >> 10 AND get_bit(w.got, (x.seq & 1023)::int) = 1)`;
