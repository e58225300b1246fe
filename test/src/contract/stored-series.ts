import { dayOf, packSeries, type Reading, type Series } from '@coldchain/telemetry';
import type { Statements } from './stored-frames.js';

/**
 * Stores readings of a logger in one row, as ingest would; makes the partition of their day.
 * @param seq its number in stream 1, used once
 */
export async function storeSeries(
  to: Statements,
  logger: string,
  readings: readonly Reading[],
  seq: number,
): Promise<Series> {
  const series = packSeries(logger, readings);
  const day = dayOf(series.firstAt);
  await to.query('SELECT ensure_reading_partition($1::date)', [day]);
  await to.query(
    `INSERT INTO reading_series (day, logger, t0, t1, stream, seq, n, lo, hi, data)
     SELECT $1::date, id, $2, $3, 1, $4, $5, $6, $7, $8 FROM logger WHERE serial = $9`,
    [
      day,
      new Date(series.firstAt),
      new Date(series.lastAt),
      seq,
      series.count,
      series.lowMilliCelsius,
      series.highMilliCelsius,
      series.data,
      logger,
    ],
  );
  return series;
}
