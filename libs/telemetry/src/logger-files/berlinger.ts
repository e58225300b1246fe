import type { Reading } from '../reading.js';
import { columnsOf } from './data-columns.js';
import { parseMilliCelsius, scaledDecimal } from './decimal.js';
import type { TemperatureUnit } from './decimal.js';
import { LoggerFileInvalid, mostFrequentStep } from './logger-file.js';
import type { DeviceCertificate, FileProblem, LoggerFile, LoggerFileProblem, ReadOptions } from './logger-file.js';
import { field, find, lineWith } from './outline.js';
import type { Outline, ParsedOutline } from './outline.js';
import { ISO_FORM, parseInstant } from './timestamp.js';
import type { TimestampForm } from './timestamp.js';

/** The device writes --.- (or --,- or ---) while a probe is removed or does not answer. */
const NO_VALUE = /^-+(?:[.,]-+)?$/;
/** A value of the log has its decimals: without them it may be the beginning of one in a file that was cut off. */
const WHOLE_VALUE = /[.,]\d+$/;
/** Problems that are named one by one. */
const MOST_PROBLEMS = 100;

/** What the kinds of Berlinger export differ in. */
export interface BerlingerOptions extends ReadOptions {
  /** Unit of a file that names none; null: those of its kind name it, and nothing is guessed. */
  readonly unnamedUnit: TemperatureUnit | null;
}

/** What both kinds of Berlinger export share, and how to read the rest of the file. */
export class BerlingerFile {
  readonly root: Outline;
  readonly problems: FileProblem[] = [];
  readonly zone: LoggerFile['zone'];
  readonly readings: readonly Reading[];
  readonly rowsWithoutValue: number;
  readonly intervalMs: number | null;
  /** Time of the first row, with or without a value: where the log begins. */
  readonly logStartedAt: number | null;
  private readonly unit: TemperatureUnit;
  private readonly form: TimestampForm;

  /** Reads configuration and log. @throws LoggerFileInvalid where what is measured cannot be read */
  constructor({ root, rows, stray }: ParsedOutline, options: BerlingerOptions) {
    this.root = root;
    refuseSecondExport(root);
    for (const { line, text } of stray) this.note('line-invalid', line, `not of the form "key: value": ${cut(text)}`);
    if (find(root, 'Conf') === null) this.note('section-missing', 1, 'no configuration ("Conf:")');
    this.zone = zoneOf(find(root, 'Conf', 'Zone'), options);
    const columns = columnsOf(rows);
    this.form = columns.form;
    const named = find(root, 'Conf', 'Temp unit') ?? find(root, 'Conf', 'Temp Unit');
    this.unit = unitOf(named, columns.unit, options.unnamedUnit);
    const readings: Reading[] = [];
    const times: number[] = [];
    let rowsWithoutValue = 0;
    for (const { line, cells } of columns.rows) {
      const { at } = parseInstant(cells[columns.time] ?? '', this.zone.offsetMinutes, line, this.form);
      refuseTurn(times, at, line);
      times.push(at);
      const temperature = cells[columns.temperature] ?? '';
      if (NO_VALUE.test(temperature)) rowsWithoutValue++;
      else {
        const milliCelsius = parseMilliCelsius(temperature, line, this.unit);
        if (!WHOLE_VALUE.test(temperature)) {
          throw new LoggerFileInvalid('temperature-invalid', `a value without decimals: ${cut(temperature)}`, line);
        }
        readings.push({ at, milliCelsius, humidityPermille: humidityOf(cells, columns.humidity, line) });
      }
    }
    readings.sort((one, other) => one.at - other.at);
    this.readings = readings;
    this.rowsWithoutValue = rowsWithoutValue;
    const [first = null, last = null] = [times[0], times.at(-1)];
    this.logStartedAt = first === null || last === null ? null : Math.min(first, last);
    this.intervalMs = this.intervalOf(find(root, 'Conf', 'Logging Interval'), rows[0]?.line ?? 1);
  }

  get device(): string {
    return find(this.root, 'Device')?.value ?? '';
  }

  get serial(): string | null {
    return find(this.root, 'Conf', 'Serial')?.value || null;
  }

  /** The certificate with its signature; null where the file has none. */
  get certificate(): DeviceCertificate | null {
    const certificate = find(this.root, 'Cert');
    const text = (...keys: readonly string[]): string | null => find(this.root, ...keys)?.value || null;
    if (certificate === null && text('Sig') === null) {
      this.note('section-missing', 1, 'no certificate ("Cert:")');
      return null;
    }
    return {
      verification: 'unverified',
      issuer: text('Cert', 'Issuer'),
      owner: text('Cert', 'Owner'),
      lot: text('Cert', 'Lot'),
      validFrom: text('Cert', 'Valid from'),
      publicKey: text('Cert', 'Public Key'),
      signatureOfCertificate: text('Sig Cert'),
      signature: text('Sig'),
    };
  }

  note(code: LoggerFileProblem, line: number, message: string): void {
    if (this.problems.length < MOST_PROBLEMS) this.problems.push({ code, line, message });
  }

  /** What `read` gives, or null with a note of what cannot be read: for what the device says beside its log. */
  attempt<Output>(read: () => Output): Output | null {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof LoggerFileInvalid)) throw error;
      this.note(error.code, error.line, error.message);
      return null;
    }
  }

  /** The instant in the value of an outline line, or null. */
  instantOf(node: Outline | null): number | null {
    return node === null || node.value === '' ? null : this.instant(node.value, node.line);
  }

  /** The instant in a field of a line, or null. */
  instantIn(node: Outline | null, name: string): number | null {
    const text = field(node, name);
    return node === null || text === null ? null : this.instant(text, node.line);
  }

  /** A time in the form of the log, or in ISO form. @throws LoggerFileInvalid */
  instant(text: string, line: number): number {
    const form = ISO_FORM.pattern.test(text) ? ISO_FORM : this.form;
    return parseInstant(text, this.zone.offsetMinutes, line, form).at;
  }

  /** Milli-degrees of a field among a node's children (or on its own line), or null where it is absent. */
  temperatureOf(node: Outline | null, name: string): number | null {
    const line = node !== null && field(node, name) !== null ? node : lineWith(node, name);
    const text = field(line, name);
    return text === null || line === null || NO_VALUE.test(text) ? null : parseMilliCelsius(text, line.line, this.unit);
  }

  private intervalOf(node: Outline | null, rowLine: number): number | null {
    const minutes = node === null ? null : scaledDecimal(node.value, 0);
    if (node !== null && (minutes === null || minutes <= 0)) {
      throw new LoggerFileInvalid('line-invalid', 'not an interval in minutes', node.line);
    }
    const step = mostFrequentStep(this.readings);
    if (minutes !== null) {
      const declaredMs = minutes * 60_000;
      if (step === null || step >= declaredMs) return declaredMs;
      // A reading holds for the interval: a longer one would fill gaps.
      this.note('line-invalid', node?.line ?? rowLine, 'rows follow one another sooner than "Logging Interval" says');
      return step;
    }
    if (this.readings.length === 0) return null;
    if (step === null) throw new LoggerFileInvalid('interval-missing', 'a log without "Logging Interval"', rowLine);
    this.note('interval-missing', rowLine, 'a log without "Logging Interval": its most frequent step is taken');
    return step;
  }
}

/** Per mille of a text in %. @throws LoggerFileInvalid `humidity-invalid` */
export function parseHumidity(text: string, line: number): number {
  const permille = scaledDecimal(text, 1);
  if (permille === null || permille < 0 || permille > 1000) {
    throw new LoggerFileInvalid('humidity-invalid', `not a relative humidity in %: ${cut(text)}`, line);
  }
  return permille;
}

function humidityOf(cells: readonly string[], column: number | null, line: number): number | null {
  const text = column === null ? '' : (cells[column] ?? '');
  return text === '' || NO_VALUE.test(text) ? null : parseHumidity(text, line);
}

/** Two exports in one file are of two loggers, or of one before and after something. */
function refuseSecondExport(root: Outline): void {
  for (const key of ['Device', 'Conf']) {
    const [, second] = root.children.filter((child) => child.key === key);
    if (second !== undefined) throw new LoggerFileInvalid('line-invalid', 'a second export begins', second.line);
  }
}

/**
 * Rows go forward in time, or all of them back. Where they turn, the clock was set back or rows were moved: what was
 * measured twice at one time would count once.
 */
function refuseTurn(before: readonly number[], at: number, line: number): void {
  const [first, last] = [before[0], before.at(-1)];
  if (first === undefined || last === undefined || first === last || at === last) return;
  if (last > first !== at > last) throw new LoggerFileInvalid('clock-set-back', 'the times of the rows turn', line);
}

function unitOf(
  node: Outline | null,
  ofHeading: TemperatureUnit | null,
  unnamed: TemperatureUnit | null,
): TemperatureUnit {
  const line = node?.line ?? 1;
  const text = node?.value.replace('°', '').trim() ?? '';
  const unit = text === '' ? null : UNITS.get(text.toUpperCase());
  if (unit === undefined || (unit !== null && ofHeading !== null && unit !== ofHeading)) {
    throw new LoggerFileInvalid(
      'unit-unsupported',
      `temperatures in ${cut(text)}; only C or F, and one, is read`,
      line,
    );
  }
  const known = unit ?? ofHeading ?? unnamed;
  if (known === null) throw new LoggerFileInvalid('unit-missing', 'no unit of temperatures ("Temp unit:")', line);
  return known;
}

const UNITS = new Map<string, TemperatureUnit>([
  ['C', 'C'],
  ['CELSIUS', 'C'],
  ['F', 'F'],
  ['FAHRENHEIT', 'F'],
]);

/**
 * `Zone: 5.50`: hours from UTC. Whether the part after the point is of a hundred or of sixty is not documented; no zone
 * has an offset for which the two differ (.50 and .30 are both half an hour), anything else is refused.
 */
function zoneOf(node: Outline | null, { offsetMinutes }: ReadOptions): LoggerFile['zone'] {
  if (offsetMinutes !== undefined) return { offsetMinutes, assumed: false };
  if (node === null || node.value === '') return { offsetMinutes: 0, assumed: true };
  const match = /^(?:UTC|GMT)? ?([+\-−]?)(\d{1,2})(?:[.,:](\d{1,2}))?$/i.exec(node.value);
  const minutes = new Map([
    ['', 0],
    ['0', 0],
    ['00', 0],
    ['15', 15],
    ['25', 15],
    ['30', 30],
    ['5', 30],
    ['50', 30],
    ['45', 45],
    ['75', 45],
  ]).get(match?.[3] ?? '');
  if (match === null || minutes === undefined || Number(match[2]) > 14) {
    throw new LoggerFileInvalid('zone-invalid', `not a zone: ${cut(node.value)}`, node.line);
  }
  const offset = Number(match[2]) * 60 + minutes;
  return { offsetMinutes: match[1] !== '' && match[1] !== '+' && offset !== 0 ? -offset : offset, assumed: false };
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

function cut(text: string): string {
  return text.trim().slice(0, 40);
}
