import type { Reading } from '../reading.js';
import { parseMilliCelsius, scaledDecimal } from './decimal.js';
import { LoggerFileInvalid } from './logger-file.js';
import type { LoggerFile, ReadOptions } from './logger-file.js';
import { field, find, lineWith } from './outline.js';
import type { DataRow, Outline } from './outline.js';
import { parseInstant } from './timestamp.js';

/** What both kinds of Berlinger export share. */
export interface BerlingerHead {
  readonly device: string;
  readonly serial: string | null;
  readonly intervalMs: number | null;
  readonly zone: LoggerFile['zone'];
  readonly readings: readonly Reading[];
  readonly rowsWithoutValue: number;
  /** Time of the first row, with or without a value: where the log begins. */
  readonly logStartedAt: number | null;
}

/** Reads device, configuration and log. @throws LoggerFileInvalid */
export function readBerlingerHead(root: Outline, rows: readonly DataRow[], options: ReadOptions): BerlingerHead {
  const unit = find(root, 'Conf', 'Temp unit');
  if (unit !== null && unit.value !== 'C') {
    throw new LoggerFileInvalid('unit-unsupported', `temperatures in ${unit.value}; only C is read`, unit.line);
  }
  const zone = zoneOf(find(root, 'Conf', 'Zone'), options);
  const readings: Reading[] = [];
  let rowsWithoutValue = 0;
  let logStartedAt: number | null = null;
  for (const { line, cells } of rows) {
    const [timestamp = '', temperature = ''] = cells;
    if (timestamp === 'yyyy-MM-dd hh:mm') continue;
    const { at } = parseInstant(timestamp, zone.offsetMinutes, line);
    logStartedAt = Math.min(logStartedAt ?? at, at);
    // The device writes --.- while a probe is removed or does not answer.
    if (/^-+\.-+$/.test(temperature)) rowsWithoutValue++;
    else readings.push({ at, milliCelsius: parseMilliCelsius(temperature, line), humidityPermille: null });
  }
  readings.sort((one, other) => one.at - other.at);
  const intervalMs = intervalOf(find(root, 'Conf', 'Logging Interval'));
  if (intervalMs === null && readings.length > 0) {
    throw new LoggerFileInvalid('interval-missing', 'a log without "Logging Interval"', rows[0]?.line ?? 1);
  }
  return {
    device: find(root, 'Device')?.value ?? '',
    serial: find(root, 'Conf', 'Serial')?.value ?? null,
    intervalMs,
    zone,
    readings,
    rowsWithoutValue,
    logStartedAt,
  };
}

function intervalOf(node: Outline | null): number | null {
  if (node === null) return null;
  const minutes = scaledDecimal(node.value, 0);
  if (minutes === null || minutes <= 0)
    throw new LoggerFileInvalid('line-invalid', 'not an interval in minutes', node.line);
  return minutes * 60_000;
}

/**
 * `Zone: 5.50`: hours from UTC. Whether the part after the point is of a hundred or of sixty is not documented; no zone
 * has an offset for which the two differ (.50 and .30 are both half an hour), anything else is refused.
 */
function zoneOf(node: Outline | null, { offsetMinutes }: ReadOptions): LoggerFile['zone'] {
  if (offsetMinutes !== undefined) return { offsetMinutes, assumed: false };
  if (node === null || node.value === '') return { offsetMinutes: 0, assumed: true };
  const match = /^([+-]?)(\d{1,2})\.(\d\d)$/.exec(node.value);
  const minutes = new Map([
    ['00', 0],
    ['15', 15],
    ['25', 15],
    ['30', 30],
    ['50', 30],
    ['45', 45],
    ['75', 45],
  ]).get(match?.[3] ?? '');
  if (match === null || minutes === undefined || Number(match[2]) > 14) {
    throw new LoggerFileInvalid('zone-invalid', `not a zone: ${node.value}`, node.line);
  }
  const offset = Number(match[2]) * 60 + minutes;
  return { offsetMinutes: match[1] === '-' && offset !== 0 ? -offset : offset, assumed: false };
}

/** The instant in a field of an outline line, or null. */
export function instantOf(node: Outline | null, offsetMinutes: number): number | null {
  return node === null || node.value === '' ? null : parseInstant(node.value, offsetMinutes, node.line).at;
}

/** Milli-degrees of a field among a node's children, or null where it is absent. */
export function temperatureOf(node: Outline | null, name: string): number | null {
  const child = lineWith(node, name);
  const text = field(child, name);
  return text === null || child === null || /^-+\.-+$/.test(text) ? null : parseMilliCelsius(text, child.line);
}

/** ms of a field in whole minutes. @throws LoggerFileInvalid where it is no number */
export function minutesOf(node: Outline | null, name: string): number | null {
  const text = field(node, name);
  if (node === null || text === null) return null;
  const minutes = scaledDecimal(text, 0);
  if (minutes === null || minutes < 0)
    throw new LoggerFileInvalid('line-invalid', `"${name}" is not minutes`, node.line);
  return minutes * 60_000;
}
