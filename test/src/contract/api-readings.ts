import type { Exposure } from '@coldchain/chaincode/protocol';
import { packSeries, type Reading } from '@coldchain/telemetry';
import type { ApiWorld } from './api-world.js';
import { GTIN } from './custody-world.js';

const INTERVAL_MS = 300_000;

/**
 * Lets a logger measure one temperature for a while: the clock moves on, the readings are stored as ingest would, and the
 * open leg carries what its evaluation would say.
 */
export async function packReadingsOf(
  world: ApiWorld,
  logger: string,
  durationMs: number,
  milliCelsius: number,
): Promise<void> {
  const { clock, owner } = world.custody;
  const from = clock.now();
  const readings: Reading[] = [];
  for (let at = from; at <= from + durationMs; at += INTERVAL_MS) {
    readings.push({ at, milliCelsius, humidityPermille: null });
  }
  clock.advance(durationMs);
  const series = packSeries(logger, readings);
  const day = new Date(series.firstAt).toISOString().slice(0, 10);
  await owner.query('SELECT ensure_reading_partition($1)', [day]);
  await owner.query(
    `INSERT INTO reading_series (day, logger, t0, t1, stream, seq, n, lo, hi, data)
     SELECT $1, id, $3, $4, 1, $5, $6, $7, $8, $9 FROM logger WHERE serial = $2`,
    [
      day,
      logger,
      new Date(series.firstAt),
      new Date(series.lastAt),
      from / 1000,
      series.count,
      series.lowMilliCelsius,
      series.highMilliCelsius,
      series.data,
    ],
  );
  const exposures: Exposure[] = [
    { profile: `${GTIN}/1`, usedMs: [milliCelsius > 8_000 ? durationMs : 0], freezeRunMs: 0 },
  ];
  await owner.query(
    `UPDATE leg SET exposures = $1, evaluated_to = $2, state = $3
     WHERE ended_at IS NULL AND logger_id = (SELECT id FROM logger WHERE serial = $4)`,
    [
      JSON.stringify(exposures),
      new Date(series.lastAt),
      JSON.stringify({ last: { at: series.lastAt }, intervalMs: INTERVAL_MS }),
      logger,
    ],
  );
  await world.confirm();
}
