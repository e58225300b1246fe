import type { Reading } from '../reading.js';
import { parseMilliCelsius, scaledDecimal } from './decimal.js';
import { LoggerFileInvalid } from './logger-file.js';
import type { LoggerFile, ReadOptions } from './logger-file.js';
import { parseInstant } from './timestamp.js';

const HEADER = /^\s*"?timestamp"?\s*,\s*"?celsius"?\s*(,\s*"?humidity"?\s*)?$/i;

/** Whether a first line is the header of the CSV form. */
export function isCsvHeader(line: string): boolean {
  return HEADER.test(line);
}

/** Reads `timestamp,celsius[,humidity]`; an empty celsius is a row without a value. */
export function readCsv(lines: readonly string[], { offsetMinutes }: ReadOptions): LoggerFile {
  const columns = (lines[0] ?? '').split(',').length;
  const readings: Reading[] = [];
  let rowsWithoutValue = 0;
  let unzoned = 0;
  let startedAt: number | null = null;
  lines.forEach((text, index) => {
    const line = index + 1;
    if (index === 0 || text.trim() === '') return;
    const cells = text.split(',').map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'));
    if (cells.length > columns || cells.length < 2) {
      throw new LoggerFileInvalid('line-invalid', `${cells.length} cells where the header has ${columns}`, line);
    }
    const [timestamp = '', celsius = '', humidity = ''] = cells;
    const { at, zoned } = parseInstant(timestamp, offsetMinutes ?? 0, line);
    if (!zoned) unzoned++;
    startedAt = Math.min(startedAt ?? at, at);
    if (celsius === '') rowsWithoutValue++;
    else
      readings.push({
        at,
        milliCelsius: parseMilliCelsius(celsius, line),
        humidityPermille: humidityOf(humidity, line),
      });
  });
  readings.sort((one, other) => one.at - other.at);
  return {
    format: 'csv',
    device: 'csv',
    serial: null,
    intervalMs: mostFrequentStep(readings),
    zone: { offsetMinutes: offsetMinutes ?? 0, assumed: unzoned > 0 && offsetMinutes === undefined },
    startedAt,
    endedAt: null,
    readings,
    rowsWithoutValue,
    dailySummaries: [],
    deviceAlarms: [],
    mktPrinted: null,
  };
}

function humidityOf(text: string, line: number): number | null {
  if (text === '') return null;
  const permille = scaledDecimal(text, 1);
  if (permille === null || permille < 0 || permille > 1000) {
    throw new LoggerFileInvalid('humidity-invalid', `not a relative humidity in %: ${text.slice(0, 40)}`, line);
  }
  return permille;
}

/** The step that occurs most often between readings; of equally frequent ones the shortest, so that no gap is hidden. */
function mostFrequentStep(readings: readonly Reading[]): number | null {
  const counts = new Map<number, number>();
  readings.forEach(({ at }, index) => {
    const step = at - (readings[index - 1]?.at ?? at);
    if (step > 0) counts.set(step, (counts.get(step) ?? 0) + 1);
  });
  let best: number | null = null;
  for (const [step, count] of counts) {
    const most = best === null ? 0 : (counts.get(best) ?? 0);
    if (count > most || (count === most && best !== null && step < best)) best = step;
  }
  return best;
}
