import { PLAUSIBLE_MILLI_CELSIUS } from '../reading.js';
import { LoggerFileInvalid } from './logger-file.js';

/**
 * Decimal text × 10^places as an integer, half away from zero beyond that; null where the text is no plain decimal number.
 * Read by digits, so that 8.0 is 8,000 and nothing near it.
 */
export function scaledDecimal(text: string, places: number): number | null {
  const match = /^([+-]?)(\d{1,9})(?:\.(\d+))?$/.exec(text);
  if (match === null) return null;
  const digits = (match[3] ?? '').padEnd(places + 1, '0');
  const roundUp = digits.charCodeAt(places) >= 0x35 ? 1 : 0;
  const magnitude = Number((match[2] ?? '') + digits.slice(0, places)) + roundUp;
  return match[1] === '-' && magnitude !== 0 ? -magnitude : magnitude;
}

/**
 * Milli-degrees of a text in °C.
 * @throws LoggerFileInvalid `temperature-invalid`, also beyond ±200 °C
 */
export function parseMilliCelsius(text: string, line: number): number {
  const value = scaledDecimal(text, 3);
  if (value === null || value < PLAUSIBLE_MILLI_CELSIUS.lowest || value > PLAUSIBLE_MILLI_CELSIUS.highest) {
    throw new LoggerFileInvalid('temperature-invalid', `not a temperature in °C: ${text.slice(0, 40)}`, line);
  }
  return value;
}
