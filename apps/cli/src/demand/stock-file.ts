import { decimalOf, parseDay, type StockLot, type StockPosition } from '@coldchain/forecast';
import { CliError } from '../cli-error.js';
import type { Terminal } from '../command.js';
import { columnsOf, type CsvRow, csvRows } from './csv-lines.js';

/** One lot of a stock file. */
export interface StockRow {
  readonly onHand: number;
  /** Last day of use; null without one. */
  readonly expiry: number | null;
}

/** Stock of one series. */
export interface StockEntry {
  readonly rows: readonly StockRow[];
  readonly onOrder: number;
  readonly packSize: number;
  readonly minimumOrder: number;
}

const NEEDED = ['series', 'on_hand'] as const;
const OPTIONAL = ['on_order', 'pack_size', 'minimum_order', 'expiry'] as const;

/**
 * Reads CSV `series,on_hand,on_order,pack_size,minimum_order,expiry`, a row for each lot. Orders, pack size and minimum
 * belong to the series: they may be on one of its rows or repeated on all, the greatest counts. Any wrong row refuses the
 * file: an order that leaves out a lot would be a wrong order. @throws CliError `stock-invalid`, `csv-columns`
 */
export async function readStockFile(file: string, terminal: Terminal): Promise<ReadonlyMap<string, StockEntry>> {
  const rows = csvRows(file, terminal);
  const header = await rows.next();
  const columns: Readonly<Record<string, number>> = columnsOf<string>(
    header.value ?? undefined,
    file,
    NEEDED,
    OPTIONAL,
  );
  const entries = new Map<string, StockEntry>();
  for await (const row of rows) {
    const series = row.fields[columns['series'] ?? -1] ?? '';
    const before = entries.get(series) ?? { rows: [], onOrder: 0, packSize: 0, minimumOrder: 0 };
    entries.set(series, {
      rows: [...before.rows, { onHand: number(row, columns, 'on_hand'), expiry: expiryOf(row, columns) }],
      onOrder: Math.max(before.onOrder, number(row, columns, 'on_order')),
      packSize: Math.max(before.packSize, number(row, columns, 'pack_size')),
      minimumOrder: Math.max(before.minimumOrder, number(row, columns, 'minimum_order')),
    });
  }
  return entries;
}

function number(row: CsvRow, columns: Readonly<Record<string, number>>, name: string): number {
  const text = row.fields[columns[name] ?? -1] ?? '';
  // What is on hand has to be told: nothing known is not nothing there.
  const value = text === '' && name !== 'on_hand' ? 0 : decimalOf(text);
  if (value >= 0 && value < Infinity) return value;
  throw refusal(row, `${name} '${text}' is no quantity`, 'write 0 or more');
}

function expiryOf(row: CsvRow, columns: Readonly<Record<string, number>>): number | null {
  const text = row.fields[columns['expiry'] ?? -1] ?? '';
  if (text === '') return null;
  const day = parseDay(text);
  if (day === null) throw refusal(row, `expiry '${text}' is no date`, 'write dates as YYYY-MM-DD');
  return day;
}

const refusal = ({ line }: CsvRow, text: string, nextStep: string): CliError =>
  new CliError('stock-invalid', `line ${line}: ${text}`, nextStep);

/** The position at the end of the history: `end` is the first day after it; a pack may be used on the day it expires. */
export function positionAt(entry: StockEntry, end: number, daysPerPeriod: number): StockPosition {
  const lots: StockLot[] = entry.rows.map(({ onHand, expiry }) => ({
    quantity: onHand,
    expiresIn: expiry === null ? null : (expiry + 1 - end) / daysPerPeriod,
  }));
  const { onOrder, packSize, minimumOrder } = entry;
  return { lots, onOrder, packSize: packSize === 0 ? 1 : packSize, minimumOrder };
}
