import { CreateGatewayBody, RegisterLoggerBody } from '@coldchain/api-contract';
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

/** Wrong rows that are told one by one. */
const TOLD = 20;

/**
 * Reads an enrolment file: CSV with a header out of `kind,name,model,interval_ms,calibration_due,certificate,kid,algorithm,
 * public_key` in any order, `kind` being `gateway` or `logger`; cells without quotation marks. Every row is checked as the
 * API will check it, before anything is registered.
 * @throws CliError `enrolment-invalid` with every wrong line, of many the first
 */
export function readEnrolment(text: string): Enrolment[] {
  const [header = '', ...lines] = text.replace(/^\ufeff/, '').split(/\r?\n/);
  const columns = header.split(',').map((cell) => cell.trim());
  const unknown = columns.find((column) => !COLUMNS.includes(column));
  if (unknown !== undefined) throw invalid([`line 1: there is no column '${unknown}', only ${COLUMNS.join(', ')}`]);
  const twice = columns.find((column, index) => columns.indexOf(column) !== index);
  if (twice !== undefined) throw invalid([`line 1: the column '${twice}' stands twice`]);
  if (!columns.includes('kind') || !columns.includes('name'))
    throw invalid(['line 1: the columns kind and name are needed']);
  const entries: Enrolment[] = [];
  const problems: string[] = [];
  const seen = new Map<string, number>();
  for (const [index, row] of lines.entries()) {
    if (row.trim() === '') continue;
    const line = index + 2;
    const entry = entryOf(columns, row, line);
    if (typeof entry === 'string') {
      problems.push(`line ${line}: ${entry}`);
      continue;
    }
    const named = `${entry.kind} ${entry.name}`;
    const before = seen.get(named);
    if (before === undefined) seen.set(named, line);
    else problems.push(`line ${line}: ${named} stands in line ${before} already`);
    entries.push(entry);
  }
  if (problems.length > 0) throw invalid(problems);
  return entries;
}

/** What a row asks for, or what is wrong with it. */
function entryOf(columns: readonly string[], row: string, line: number): Enrolment | string {
  const cells = row.split(',').map((cell) => cell.trim());
  if (cells.length !== columns.length) return `${cells.length} cells instead of ${columns.length}`;
  const cell = (column: string): string | undefined => cells[columns.indexOf(column)] || undefined;
  const name = cell('name');
  if (name === undefined) return 'the name is missing';
  const model = cell('model');
  switch (cell('kind')) {
    case 'gateway': {
      const [kid, algorithm, publicKey] = ['kid', 'algorithm', 'public_key'].map(cell);
      const keys = kid === undefined ? [] : [{ kid, algorithm, publicKey }];
      const body = { name, keys, ...(model === undefined ? {} : { model }) };
      return problemOf(CreateGatewayBody, body) ?? { kind: 'gateway', line, name, body };
    }
    case 'logger': {
      const interval = cell('interval_ms') ?? '300000';
      if (!/^\d{1,8}$/.test(interval)) return `'${interval}' is no interval in milliseconds`;
      const [calibrationDue, calibrationCertificate] = ['calibration_due', 'certificate'].map(cell);
      const known = Object.entries({ model, calibrationDue, calibrationCertificate }).filter(([, value]) => value);
      const body = { serial: name, intervalMs: Number(interval), ...Object.fromEntries(known) };
      return problemOf(RegisterLoggerBody, body) ?? { kind: 'logger', line, name, body };
    }
    default:
      return "kind must be 'gateway' or 'logger'";
  }
}

/** What the API would object to; null: nothing. */
function problemOf(schema: typeof CreateGatewayBody | typeof RegisterLoggerBody, body: object): string | null {
  const [issue] = schema.safeParse(body).error?.issues ?? [];
  return issue === undefined ? null : `${issue.path.join('.')}: ${issue.message}`;
}

function invalid(problems: readonly string[]): CliError {
  const more = problems.length > TOLD ? `; and ${problems.length - TOLD} more` : '';
  const text = `${problems.slice(0, TOLD).join('; ')}${more}`;
  return new CliError('enrolment-invalid', text, 'correct the file; nothing was registered', 1);
}
