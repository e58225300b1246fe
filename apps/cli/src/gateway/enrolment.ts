import { CliError } from '../cli-error.js';

/** A gateway or a logger of an enrolment file, as the API takes it. */
export type Enrolment =
  | { readonly kind: 'gateway'; readonly line: number; readonly name: string; readonly body: object }
  | { readonly kind: 'logger'; readonly line: number; readonly name: string; readonly body: object };

const COLUMNS = [
  'kind',
  'name',
  'model',
  'interval_ms',
  'calibration_due',
  'certificate',
  'kid',
  'algorithm',
  'public_key',
];

/**
 * Reads an enrolment file: CSV with a header out of `kind,name,model,interval_ms,calibration_due,certificate,kid,algorithm,
 * public_key` in any order, `kind` being `gateway` or `logger`; cells without quotation marks.
 * @throws CliError `enrolment-invalid` with the line
 */
export function readEnrolment(text: string): Enrolment[] {
  const [header = '', ...lines] = text.replace(/^\ufeff/, '').split(/\r?\n/);
  const columns = header.split(',').map((cell) => cell.trim());
  const unknown = columns.find((column) => !COLUMNS.includes(column));
  if (unknown !== undefined) throw invalid(1, `there is no column '${unknown}', only ${COLUMNS.join(', ')}`);
  if (!columns.includes('kind') || !columns.includes('name')) throw invalid(1, 'the columns kind and name are needed');
  return lines.flatMap((row, index) => (row.trim() === '' ? [] : [entryOf(columns, row, index + 2)]));
}

function entryOf(columns: readonly string[], row: string, line: number): Enrolment {
  const cells = row.split(',').map((cell) => cell.trim());
  if (cells.length !== columns.length) throw invalid(line, `${cells.length} cells instead of ${columns.length}`);
  const cell = (column: string): string | undefined => cells[columns.indexOf(column)] || undefined;
  const name = cell('name');
  if (name === undefined) throw invalid(line, 'the name is missing');
  const model = cell('model');
  switch (cell('kind')) {
    case 'gateway': {
      const [kid, algorithm, publicKey] = ['kid', 'algorithm', 'public_key'].map(cell);
      const keys = kid === undefined ? [] : [{ kid, algorithm, publicKey }];
      return { kind: 'gateway', line, name, body: { name, keys, ...(model === undefined ? {} : { model }) } };
    }
    case 'logger': {
      const interval = cell('interval_ms') ?? '300000';
      if (!/^\d{4,8}$/.test(interval)) throw invalid(line, `'${interval}' is no interval in milliseconds`);
      const [calibrationDue, calibrationCertificate] = ['calibration_due', 'certificate'].map(cell);
      const known = Object.entries({ model, calibrationDue, calibrationCertificate }).filter(([, value]) => value);
      const body = { serial: name, intervalMs: Number(interval), ...Object.fromEntries(known) };
      return { kind: 'logger', line, name, body };
    }
    default:
      throw invalid(line, "kind must be 'gateway' or 'logger'");
  }
}

function invalid(line: number, text: string): CliError {
  return new CliError('enrolment-invalid', `line ${line}: ${text}`, 'correct the file; nothing was registered', 1);
}
