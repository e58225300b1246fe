import { byteaArray, Column, int4Array } from './binary-array.js';
import { type NumberedFrame, unsequencedStreams } from './frame-statement.js';
import { rowsOfArrays } from './rows-of-arrays.js';
import { watermarkBits } from './watermark-bits.js';
import { mergeGivenWatermarks, mergeWatermarks, NUMBER_IS_NEW } from './watermark-sql.js';

/** Stands for a missing counter or humidity in an array without NULLs. */
const NONE = -1;

const ROWS = rowsOfArrays({
  day: '$1::date',
  logger: '$2::int4',
  at: '$3::timestamptz',
  stream: '$4::int4',
  seq: '$5::int8',
  milli_celsius: '$6::int4',
  humidity_permille: '$7::int2',
  counter: '$8::int8',
  signed_by: '$9::int4',
  raw: '$10::bytea',
});
const insertFrom = (source: string): string => `
  INSERT INTO reading_single (day, logger, at, stream, seq, milli_celsius, humidity_permille, counter, signed_by, raw)
  SELECT day, logger, at, stream, seq, milli_celsius, nullif(humidity_permille, ${NONE}), nullif(counter, ${NONE}),
         nullif(signed_by, 0), raw
  FROM ${source}`;

/** One statement stores messages of one reading each whose number is new, and the watermark bits of exactly those. */
export const STORE_SINGLES = storeSingles('true');
/** The same where some numbers may have been used before under another key: those are left out. */
export const STORE_NEW_SINGLES = storeSingles(NUMBER_IS_NEW);

function storeSingles(condition: string): string {
  return `
WITH f AS (${insertFrom(`${ROWS} WHERE ${condition}`)}
  ON CONFLICT DO NOTHING RETURNING stream, seq
), ${mergeWatermarks('$11', '$12')}`;
}

/** Stores messages of one reading each that are all new. @throws SQLSTATE 23505 when one is not: nothing is stored then */
export const ADD_SINGLES = `
WITH f AS (${insertFrom(ROWS)}), ${mergeGivenWatermarks(11)}`;

/** The parameters of {@link ADD_SINGLES}. @param singles by stream and number, no number twice */
export function addSinglesParameters(singles: readonly NumberedFrame[]): Buffer[] {
  return [...rowsOf(singles), ...watermarkBits(singles)];
}

/** The parameters of {@link STORE_SINGLES}. @param singles by stream and number, no number twice */
export function storeSinglesParameters(singles: readonly NumberedFrame[]): (Buffer | number)[] {
  return [...rowsOf(singles), int4Array(unsequencedStreams(singles)), singles.length];
}

function rowsOf(singles: readonly NumberedFrame[]): Buffer[] {
  const length = singles.length;
  const [day, logger, at] = [new Column('date', length), new Column('int4', length), new Column('timestamptz', length)];
  const [stream, seq] = [new Column('int4', length), new Column('int8', length)];
  const [milliCelsius, humidity] = [new Column('int4', length), new Column('int2', length)];
  const [counter, signedBy] = [new Column('int8', length), new Column('int4', length)];
  for (const { entry, stream: id, loggers, firstLogger } of singles) {
    const { single } = entry.frame;
    if (single === null) throw new Error('a frame of several readings among single readings');
    day.date(entry.day);
    logger.int4(loggers[firstLogger] as number);
    at.timestamp(single.at);
    stream.int4(id);
    seq.int8(entry.seq);
    milliCelsius.int4(single.milliCelsius);
    humidity.int2(single.humidityPermille ?? NONE);
    counter.int8(single.counter ?? NONE);
    signedBy.int4(entry.signedBy ?? 0);
  }
  const columns = [day, logger, at, stream, seq, milliCelsius, humidity, counter, signedBy];
  return [...columns.map((column) => column.bytes), byteaArray(singles.map(({ entry }) => entry.message.payload))];
}
