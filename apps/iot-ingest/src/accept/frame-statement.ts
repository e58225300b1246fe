import type { Series } from '@coldchain/telemetry';
import { byteaArray, Column, int4Array } from './binary-array.js';
import { type FrameEntry, sha256Of } from './entry.js';
import { rowsOfArrays } from './rows-of-arrays.js';
import { watermarkBits } from './watermark-bits.js';
import { mergeGivenWatermarks, mergeWatermarks, NUMBER_IS_NEW } from './watermark-sql.js';

/** A frame whose stream and loggers have their numbers. */
export interface NumberedFrame {
  readonly entry: FrameEntry;
  readonly stream: number;
  /** Numbers of the loggers of its group; those of its series begin at `firstLogger`. */
  readonly loggers: readonly number[];
  readonly firstLogger: number;
}

const framesOf = (raw: `$${number}`): string =>
  rowsOfArrays({
    day: '$1::date',
    stream: '$2::int4',
    seq: '$3::int8',
    n: '$4::int2',
    sha256: '$5::bytea',
    raw: `${raw}::bytea`,
    signed_by: '$6::int4',
  });
const insertFramesFrom = (source: string): string => `
  INSERT INTO reading_frame (day, stream, seq, n, sha256, raw, signed_by)
  SELECT day, stream, seq, n, sha256, raw, nullif(signed_by, 0) FROM ${source}`;
const SERIES = rowsOfArrays({
  day: '$7::date',
  logger: '$8::int4',
  t0: '$9::timestamptz',
  t1: '$10::timestamptz',
  stream: '$11::int4',
  seq: '$12::int8',
  n: '$13::int2',
  lo: '$14::int4',
  hi: '$15::int4',
  data: '$16::bytea',
});
const INSERT_SERIES = `
  INSERT INTO reading_series (day, logger, t0, t1, stream, seq, n, lo, hi, data)
  SELECT x.* FROM ${SERIES}`;

/**
 * One statement stores frames of several readings whose number is new, their series, and the watermark bits of exactly
 * those. A number that was used on another day shows as raced.
 */
export const STORE_FRAMES = storeFrames('true');
/** The same where some numbers may have been used on another day: those are left out. */
export const STORE_NEW_FRAMES = storeFrames(NUMBER_IS_NEW);

function storeFrames(condition: string): string {
  return `
WITH f AS (${insertFramesFrom(`${framesOf('$19')} WHERE ${condition}`)}
  ON CONFLICT DO NOTHING RETURNING stream, seq
), s AS (${INSERT_SERIES}
  JOIN f USING (stream, seq)
), ${mergeWatermarks('$17', '$18')}`;
}

/** Stores frames of several readings that are all new. @throws SQLSTATE 23505 when one is not: nothing is stored then */
export const ADD_FRAMES = `
WITH f AS (${insertFramesFrom(framesOf('$21'))}), s AS (${INSERT_SERIES}), ${mergeGivenWatermarks(17)}`;

/** The parameters of {@link ADD_FRAMES}. @param frames by stream and number, no number twice */
export function addFramesParameters(frames: readonly NumberedFrame[]): Buffer[] {
  return [...frameColumns(frames), ...seriesColumns(frames), ...watermarkBits(frames), keptBytes(frames)];
}

/** The parameters of {@link STORE_FRAMES}. @param frames by stream and number, no number twice */
export function storeFramesParameters(frames: readonly NumberedFrame[]): (Buffer | number)[] {
  return [
    ...frameColumns(frames),
    ...seriesColumns(frames),
    int4Array(unsequencedStreams(frames)),
    frames.length,
    keptBytes(frames),
  ];
}

/** The received bytes, in their short form where they have one. The last parameter: it may still be the largest. */
function keptBytes(frames: readonly NumberedFrame[]): Buffer {
  return byteaArray(frames.map(({ entry }) => entry.frame.kept ?? entry.message.payload));
}

/** Streams whose numbers are derived: no watermark is kept of them. */
export function unsequencedStreams(frames: readonly NumberedFrame[]): number[] {
  const streams = new Set<number>();
  for (const { entry, stream } of frames) if (!entry.sequenced) streams.add(stream);
  return [...streams];
}

function frameColumns(frames: readonly NumberedFrame[]): Buffer[] {
  const length = frames.length;
  const [day, stream, seq] = [new Column('date', length), new Column('int4', length), new Column('int8', length)];
  const [count, signedBy] = [new Column('int2', length), new Column('int4', length)];
  for (const { entry, stream: id } of frames) {
    day.date(entry.day);
    stream.int4(id);
    seq.int8(entry.seq);
    count.int2(entry.frame.count);
    signedBy.int4(entry.signedBy ?? 0);
  }
  const sha256 = byteaArray(frames.map(({ entry }) => sha256Of(entry)));
  return [day.bytes, stream.bytes, seq.bytes, count.bytes, sha256, signedBy.bytes];
}

function seriesColumns(frames: readonly NumberedFrame[]): Buffer[] {
  const length = frames.reduce((sum, { entry }) => sum + entry.frame.series.length, 0);
  const [day, logger] = [new Column('date', length), new Column('int4', length)];
  const [first, last] = [new Column('timestamptz', length), new Column('timestamptz', length)];
  const [stream, seq, count] = [new Column('int4', length), new Column('int8', length), new Column('int2', length)];
  const [low, high] = [new Column('int4', length), new Column('int4', length)];
  const data: Buffer[] = [];
  for (const { entry, stream: id, loggers, firstLogger } of frames) {
    const { series: ofFrame } = entry.frame;
    for (let index = 0; index < ofFrame.length; index++) {
      const series = ofFrame[index] as Series;
      day.date(entry.day);
      logger.int4(loggers[firstLogger + index] as number);
      first.timestamp(series.firstAt);
      last.timestamp(series.lastAt);
      stream.int4(id);
      seq.int8(entry.seq);
      count.int2(series.count);
      low.int4(series.lowMilliCelsius);
      high.int4(series.highMilliCelsius);
      data.push(series.data);
    }
  }
  const columns = [day, logger, first, last, stream, seq, count, low, high];
  return [...columns.map((column) => column.bytes), byteaArray(data)];
}
