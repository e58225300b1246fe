import { PLAUSIBLE_MILLI_CELSIUS } from '../reading.js';
import { LoggerFileInvalid } from './logger-file.js';

/** What a file writes temperatures in. */
export type TemperatureUnit = 'C' | 'F';

/**
 * Decimal text × 10^places as an integer, half away from zero beyond that; null where the text is no plain decimal number.
 * Read by digits, so that 8.0 is 8,000 and nothing near it. A comma is a decimal point, too.
 */
export function scaledDecimal(text: string, places: number): number | null {
  const match = /^([+\-−]?)(\d{1,9})(?:[.,](\d+))?$/.exec(text);
  if (match === null) return null;
  const digits = (match[3] ?? '').padEnd(places + 1, '0');
  const roundUp = digits.charCodeAt(places) >= 0x35 ? 1 : 0;
  const magnitude = Number((match[2] ?? '') + digits.slice(0, places)) + roundUp;
  const isNegative = match[1] === '-' || match[1] === '−';
  return isNegative && magnitude !== 0 ? -magnitude : magnitude;
}

/**
 * Milli-degrees Celsius of a text in °C or °F; °F are converted with half a milli-degree rounded away from zero.
 * @throws LoggerFileInvalid `temperature-invalid`, also beyond ±200 °C
 */
export function parseMilliCelsius(text: string, line: number, unit: TemperatureUnit = 'C'): number {
  const written = scaledDecimal(text, 3);
  const value = written === null || unit === 'C' ? written : fromFahrenheit(written);
  if (value === null || value < PLAUSIBLE_MILLI_CELSIUS.lowest || value > PLAUSIBLE_MILLI_CELSIUS.highest) {
    throw new LoggerFileInvalid('temperature-invalid', `not a temperature in °${unit}: ${text.slice(0, 40)}`, line);
  }
  return value;
}

function fromFahrenheit(milliFahrenheit: number): number {
  const ninths = (milliFahrenheit - 32_000) * 5;
  const magnitude = Math.floor((Math.abs(ninths) * 2 + 9) / 18);
  return ninths < 0 && magnitude !== 0 ? -magnitude : magnitude;
}
