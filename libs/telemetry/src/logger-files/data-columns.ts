import type { TemperatureUnit } from './decimal.js';
import { LoggerFileInvalid } from './logger-file.js';
import type { DataRow } from './outline.js';
import { formOf, ISO_FORM } from './timestamp.js';
import type { TimestampForm } from './timestamp.js';

/** The rows of a log without its heading, and where in them what stands. */
export interface DataColumns {
  readonly rows: readonly DataRow[];
  readonly form: TimestampForm;
  readonly time: number;
  readonly temperature: number;
  /** The unit that the heading names for the temperature. */
  readonly unit: TemperatureUnit | null;
  readonly humidity: number | null;
}

/**
 * What the heading of a log says about its columns; without one: time, temperature.
 * @throws LoggerFileInvalid where no column, or more than one, is the temperature
 */
export function columnsOf(rows: readonly DataRow[]): DataColumns {
  const [heading, ...others] = rows;
  const time = heading?.cells.findIndex((cell) => formOf(cell) !== null) ?? -1;
  if (heading === undefined || time < 0) {
    return { rows, form: ISO_FORM, time: 0, temperature: 1, unit: null, humidity: null };
  }
  const { cells, line } = heading;
  const temperature = onlyColumn(cells, /^(t|temp(erature)?)\b/i, line);
  if (temperature === null) throw new LoggerFileInvalid('line-invalid', 'no column "T" in the heading', line);
  return {
    // A heading may be repeated where a log was put together of several.
    rows: others.filter((row) => row.cells.join('\t') !== cells.join('\t')),
    form: formOf(cells[time] ?? '') ?? ISO_FORM,
    time,
    temperature,
    unit: unitIn(cells[temperature] ?? ''),
    humidity: onlyColumn(cells, /^(rh|h|humidity)\b/i, line),
  };
}

/** Of two probes nobody knows which one was with the goods. */
function onlyColumn(cells: readonly string[], name: RegExp, line: number): number | null {
  const [found, other] = cells.flatMap((cell, index) => (name.test(cell) ? [index] : []));
  if (other !== undefined) throw new LoggerFileInvalid('line-invalid', 'two columns of one kind in the heading', line);
  return found ?? null;
}

function unitIn(heading: string): TemperatureUnit | null {
  const unit = /(?:°\s*|[[(]\s*)([CF])\b/i.exec(heading)?.[1]?.toUpperCase();
  return unit === 'C' || unit === 'F' ? unit : null;
}
