import type { Series } from '@coldchain/telemetry';
import { byteaArray, dateArray, int2Array, int4Array, int8Array, timestampArray } from './binary-array.js';
import type { FrameEntry } from './entry.js';
import { mergeWatermarks, NUMBER_IS_NEW } from './watermark-sql.js';

/** A frame whose stream and loggers have their numbers. */
export interface NumberedFrame {
  readonly entry: FrameEntry;
  readonly stream: number;
  /** Numbers of its loggers by their serial numbers. */
  readonly loggers: ReadonlyMap<string, number>;
}

/**
 * One statement stores frames of several readings whose number is new, their series, and the watermark bits of exactly
 * those. A number that was used on another day shows as raced.
 */
export const STORE_FRAMES = storeFrames('true');
/** The same where some numbers may have been used on another day: those are left out. */
export const STORE_NEW_FRAMES = storeFrames(NUMBER_IS_NEW);

function storeFrames(condition: string): string {
  return `
WITH u AS (
  SELECT * FROM unnest($1::date[], $2::int4[], $3::int8[], $4::int2[], $5::bytea[], $6::bytea[], $18::int4[])
    AS x (day, stream, seq, n, sha256, raw, signed_by)
  WHERE ${condition}
), f AS (
  INSERT INTO reading_frame (day, stream, seq, n, sha256, raw, signed_by)
  SELECT day, stream, seq, n, sha256, raw, nullif(signed_by, 0) FROM u ORDER BY stream, seq
  ON CONFLICT DO NOTHING RETURNING stream, seq
), s AS (
  INSERT INTO reading_series (day, logger, t0, t1, stream, seq, n, lo, hi, data)
  SELECT p.* FROM unnest($7::date[], $8::int4[], $9::timestamptz[], $10::timestamptz[], $11::int4[], $12::int8[],
                         $13::int2[], $14::int4[], $15::int4[], $16::bytea[])
    AS p (day, logger, t0, t1, stream, seq, n, lo, hi, data)
  JOIN f USING (stream, seq)
), ${mergeWatermarks('$17', '$19')}`;
}

/** The parameters of {@link STORE_FRAMES}: no (stream, seq) twice. */
export function storeFramesParameters(frames: readonly NumberedFrame[]): (Buffer | number)[] {
  const series = frames.flatMap((frame) => seriesOf(frame));
  const unsequenced = new Set(frames.filter(({ entry }) => !entry.sequenced).map(({ stream }) => stream));
  return [
    dateArray(frames.map(({ entry }) => entry.day)),
    int4Array(frames.map(({ stream }) => stream)),
    int8Array(frames.map(({ entry }) => entry.seq)),
    int2Array(frames.map(({ entry }) => entry.frame.readings.length)),
    byteaArray(frames.map(({ entry }) => entry.sha256)),
    byteaArray(frames.map(({ entry }) => entry.message.payload)),
    dateArray(series.map((row) => row.day)),
    int4Array(series.map((row) => row.logger)),
    timestampArray(series.map((row) => row.firstAt)),
    timestampArray(series.map((row) => row.lastAt)),
    int4Array(series.map((row) => row.stream)),
    int8Array(series.map((row) => row.seq)),
    int2Array(series.map((row) => row.count)),
    int4Array(series.map((row) => row.lowMilliCelsius)),
    int4Array(series.map((row) => row.highMilliCelsius)),
    byteaArray(series.map((row) => row.data)),
    int4Array([...unsequenced]),
    int4Array(frames.map(({ entry }) => entry.signedBy ?? 0)),
    frames.length,
  ];
}

interface SeriesRow extends Omit<Series, 'logger'> {
  readonly day: string;
  readonly logger: number;
  readonly stream: number;
  readonly seq: number;
}

function seriesOf({ entry, stream, loggers }: NumberedFrame): SeriesRow[] {
  return entry.series.map((series) => {
    const logger = loggers.get(series.logger);
    if (logger === undefined) throw new Error('logger was not resolved');
    return { ...series, logger, day: entry.day, stream, seq: entry.seq };
  });
}
