import { byteaArray, dateArray, int2Array, int4Array, int8Array, timestampArray } from './binary-array.js';
import type { NumberedFrame } from './frame-statement.js';
import { mergeWatermarks, NUMBER_IS_NEW } from './watermark-sql.js';

/** Stands for a missing counter or humidity in an array without NULLs. */
const NONE = -1;

/** One statement stores messages of one reading each whose number is new, and the watermark bits of exactly those. */
export const STORE_SINGLES = storeSingles('true');
/** The same where some numbers may have been used before under another key: those are left out. */
export const STORE_NEW_SINGLES = storeSingles(NUMBER_IS_NEW);

function storeSingles(condition: string): string {
  return `
WITH u AS (
  SELECT * FROM unnest($1::date[], $2::int4[], $3::timestamptz[], $4::int4[], $5::int8[], $6::int4[], $7::int2[],
                       $8::int8[], $9::int4[], $10::bytea[])
    AS x (day, logger, at, stream, seq, milli_celsius, humidity_permille, counter, signed_by, raw)
  WHERE ${condition}
), f AS (
  INSERT INTO reading_single (day, logger, at, stream, seq, milli_celsius, humidity_permille, counter, signed_by, raw)
  SELECT day, logger, at, stream, seq, milli_celsius, nullif(humidity_permille, ${NONE}), nullif(counter, ${NONE}),
         nullif(signed_by, 0), raw
  FROM u ORDER BY stream, seq
  ON CONFLICT DO NOTHING RETURNING stream, seq
), ${mergeWatermarks('$11', '$12')}`;
}

/** The parameters of {@link STORE_SINGLES}: no (stream, seq) twice. */
export function storeSinglesParameters(singles: readonly NumberedFrame[]): (Buffer | number)[] {
  const rows = singles.map((single) => {
    const [reading] = single.entry.frame.readings;
    const logger = reading === undefined ? undefined : single.loggers.get(reading.logger);
    if (reading === undefined || logger === undefined) throw new Error('logger was not resolved');
    return { ...single, reading, logger };
  });
  const unsequenced = new Set(singles.filter(({ entry }) => !entry.sequenced).map(({ stream }) => stream));
  return [
    dateArray(rows.map(({ entry }) => entry.day)),
    int4Array(rows.map(({ logger }) => logger)),
    timestampArray(rows.map(({ reading }) => reading.at)),
    int4Array(rows.map(({ stream }) => stream)),
    int8Array(rows.map(({ entry }) => entry.seq)),
    int4Array(rows.map(({ reading }) => reading.milliCelsius)),
    int2Array(rows.map(({ reading }) => reading.humidityPermille ?? NONE)),
    int8Array(rows.map(({ reading }) => reading.counter ?? NONE)),
    int4Array(rows.map(({ entry }) => entry.signedBy ?? 0)),
    byteaArray(rows.map(({ entry }) => entry.message.payload)),
    int4Array([...unsequenced]),
    singles.length,
  ];
}
