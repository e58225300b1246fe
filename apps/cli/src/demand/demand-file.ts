import { decimalOf, parseDay } from '@coldchain/forecast';
import { CliError } from '../cli-error.js';
import type { Terminal } from '../command.js';
import { columnsOf, type CsvRow, csvRows } from './csv-lines.js';
import { type DemandRows, DemandRowsBuilder } from './demand-rows.js';
import type { RowProblem } from './row-problem.js';

/** What a demand file holds: series in the order of their first row, and those that are refused with the reason. */
export interface DemandFile {
  readonly series: Iterable<DemandRows>;
  readonly count: number;
  readonly refused: readonly RowProblem[];
}

const NEEDED = ['series', 'date', 'quantity'] as const;
const OPTIONAL = ['available'] as const;
const UNKNOWN = new Set(['', 'na', 'null', 'nan']);

/**
 * Reads CSV `series,date,quantity[,available]`. A series with a row that cannot be read is refused whole, with the line of
 * its first such row; the others are kept. @throws CliError `csv-columns`, `csv-invalid`, `file-unreadable`, `demand-empty`
 */
export async function readDemandFile(file: string, terminal: Terminal): Promise<DemandFile> {
  const rows = csvRows(file, terminal);
  const header = await rows.next();
  const columns = columnsOf(header.value ?? undefined, file, NEEDED, OPTIONAL);
  const builders = new Map<string, DemandRowsBuilder>();
  const refused = new Map<string, RowProblem>();
  for await (const row of rows) {
    const series = row.fields[columns.series] ?? '';
    const read = readRow(row, columns);
    if ('code' in read) {
      if (!refused.has(series)) refused.set(series, read);
      continue;
    }
    let builder = builders.get(series);
    if (builder === undefined) builders.set(series, (builder = new DemandRowsBuilder(series)));
    builder.add(row.line, read.day, read.quantity, read.available);
  }
  for (const series of refused.keys()) builders.delete(series);
  if (builders.size + refused.size === 0) throw new CliError('demand-empty', `'${file}' has no rows`, 'add rows');
  return { series: built(builders), count: builders.size, refused: [...refused.values()] };
}

/** Each builder is let go when its rows are taken. */
function* built(builders: Map<string, DemandRowsBuilder>): Generator<DemandRows, void> {
  for (const [series, builder] of builders) {
    builders.delete(series);
    yield builder.build();
  }
}

interface ReadRow {
  readonly day: number;
  readonly quantity: number;
  readonly available: number;
}

function readRow({ line, fields }: CsvRow, columns: Readonly<Record<string, number>>): ReadRow | RowProblem {
  const field = (name: string): string => fields[columns[name] ?? -1] ?? '';
  const series = field('series');
  if (series === '') return problem('series-missing', line, 'no name of a series', 'name the series');
  const date = field('date');
  const day = parseDay(date);
  if (day === null) {
    return problem('date-invalid', line, `'${date}' of series '${series}' is no date`, 'write dates as YYYY-MM-DD');
  }
  const text = field('quantity');
  const unknown = UNKNOWN.has(text.trim().toLowerCase());
  const quantity = unknown ? NaN : decimalOf(text);
  if (Number.isNaN(quantity) && !unknown) {
    return problem(
      'quantity-invalid',
      line,
      `'${text}' of series '${series}' is no number`,
      'write a number, or nothing',
    );
  }
  const share = field('available');
  const available = share === '' ? 1 : decimalOf(share);
  if (!(available >= 0 && available <= 1)) {
    return problem(
      'available-invalid',
      line,
      `'${share}' of series '${series}' is no share`,
      'write 0 to 1, or nothing',
    );
  }
  return { day, quantity, available };
}

/** A problem of one line. */
export function problem(code: string, line: number, text: string, nextStep: string): RowProblem {
  return { code, text: `line ${line}: ${text}`, nextStep };
}
