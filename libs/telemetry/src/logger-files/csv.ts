import type { Reading } from '../reading.js';
import { parseHumidity } from './berlinger.js';
import { parseMilliCelsius } from './decimal.js';
import type { TemperatureUnit } from './decimal.js';
import { LoggerFileInvalid, mostFrequentStep } from './logger-file.js';
import type { LoggerFile, ReadOptions } from './logger-file.js';
import { parseInstant } from './timestamp.js';

const HEADER = /^\s*"?timestamp"?\s*([,;\t])\s*"?(celsius|fahrenheit)"?\s*(?:\1\s*"?humidity"?\s*)?$/i;

interface Header {
  readonly separator: string;
  readonly unit: TemperatureUnit;
  readonly columns: number;
}

/** What a first line says where it is the header of the CSV form, else null. Comma, semicolon or tab separate. */
export function csvHeader(line: string): Header | null {
  const match = HEADER.exec(line);
  const separator = match?.[1];
  if (match === null || separator === undefined) return null;
  const unit = match[2]?.toLowerCase() === 'fahrenheit' ? 'F' : 'C';
  return { separator, unit, columns: line.split(separator).length };
}

/** Reads `timestamp,celsius[,humidity]` (or `fahrenheit`); an empty temperature is a row without a value. */
export function readCsv(
  lines: readonly string[],
  { separator, unit, columns }: Header,
  { offsetMinutes }: ReadOptions,
): LoggerFile {
  const readings: Reading[] = [];
  let rowsWithoutValue = 0;
  let unzoned = 0;
  let startedAt: number | null = null;
  let isHeader = true;
  lines.forEach((text, index) => {
    const line = index + 1;
    if (text.trim() === '') return;
    if (isHeader) {
      isHeader = false;
      return;
    }
    const cells = text.split(separator).map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'));
    if (cells.length > columns || cells.length < 2) {
      throw new LoggerFileInvalid('line-invalid', `${cells.length} cells where the header has ${columns}`, line);
    }
    const [timestamp = '', temperature = '', humidity = ''] = cells;
    const { at, zoned } = parseInstant(timestamp, offsetMinutes ?? 0, line);
    if (!zoned) unzoned++;
    startedAt = Math.min(startedAt ?? at, at);
    if (temperature === '') rowsWithoutValue++;
    else
      readings.push({
        at,
        milliCelsius: parseMilliCelsius(temperature, line, unit),
        humidityPermille: humidity === '' ? null : parseHumidity(humidity, line),
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
    alarmsUnread: 0,
    statistics: null,
    certificate: null,
    problems: [],
    mktPrinted: null,
  };
}
