import type { Exposure } from '@coldchain/chaincode/protocol';
import type { Reading } from '@coldchain/telemetry';
import type { ApiWorld } from './api-world.js';
import { GTIN } from './custody-world.js';
import { storeSeries } from './stored-series.js';

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
  const series = await storeSeries(owner, logger, readings, from / 1000);
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
