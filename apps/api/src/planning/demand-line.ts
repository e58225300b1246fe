import { DEMAND_SOURCES, type DemandSource } from '@coldchain/api-contract';
import { decimalOf, GREATEST_QUANTITY, parseDay } from '@coldchain/forecast';
import { Gs1Error, parseGtin } from '@coldchain/gs1';

/** One row of an imported demand list. */
export interface DemandLine {
  readonly line: number;
  /** A GTIN of 14 digits (quantities are packs), or the code of an article (base units). */
  readonly product: string;
  readonly site: string;
  readonly source: DemandSource;
  /** `YYYY-MM-DD` */
  readonly day: string;
  /** null: not known. */
  readonly quantity: number | null;
  readonly available: number;
}

/** What is wrong with a row. */
export interface LineProblem {
  readonly line: number;
  readonly code: string;
  readonly detail: string;
}

/** A row that cannot be read: its problem, and the series that it would have belonged to. */
export interface BadLine {
  readonly problem: LineProblem;
  readonly product: string;
  readonly site: string;
  readonly source: DemandSource;
}

const NEEDED = ['product', 'date', 'quantity'] as const;
const OPTIONAL = ['site', 'source', 'available'] as const;
type Column = (typeof NEEDED)[number] | (typeof OPTIONAL)[number];

/** Where the columns are; -1 where one is not. */
export type Columns = Readonly<Record<Column, number>>;

/** What holds for rows that name none. */
export interface LineDefaults {
  readonly site: string;
  readonly source: DemandSource;
}

/** The columns of a header, or the names that are missing. */
export function columnsOf(header: readonly string[]): Columns | readonly string[] {
  const names = header.map((name) => name.toLowerCase());
  const missing = NEEDED.filter((name) => !names.includes(name));
  if (missing.length > 0) return missing;
  return Object.fromEntries([...NEEDED, ...OPTIONAL].map((name) => [name, names.indexOf(name)])) as Columns;
}

const SITE = /^[^\p{Cc}]{1,63}$/u;
/** 2199-12-31: what lies beyond is a wrong date, and would make a history of nothing but holes. */
const LAST_DAY = 84_005;
const UNKNOWN = new Set(['', 'na', 'null', 'nan']);

/** Reads one row. */
export function readDemandLine(
  line: number,
  fields: readonly string[],
  columns: Columns,
  defaults: LineDefaults,
): DemandLine | BadLine {
  const field = (name: Column): string => fields[columns[name]] ?? '';
  const site = field('site') === '' ? defaults.site : field('site');
  const named = field('source') === '' ? defaults.source : DEMAND_SOURCES.find((known) => known === field('source'));
  const product = productOf(field('product'));
  const bad = (code: string, detail: string): BadLine => ({
    problem: { line, code, detail },
    product: product ?? field('product').slice(0, 63),
    site: site.slice(0, 63),
    source: named ?? defaults.source,
  });
  if (product === null) {
    return bad('product-invalid', `'${field('product').slice(0, 80)}' is no GTIN and no code of an article`);
  }
  if (!SITE.test(site)) return bad('site-invalid', 'a site has 1 to 63 characters without control characters');
  if (named === undefined)
    return bad('source-unknown', `'${field('source')}' is not one of ${DEMAND_SOURCES.join(', ')}`);
  const day = field('date');
  const number = parseDay(day);
  if (number === null || number < 0 || number > LAST_DAY) {
    return bad('date-invalid', `'${day.slice(0, 40)}' is no day as YYYY-MM-DD from 1970 to 2199`);
  }
  const text = field('quantity');
  const unknown = UNKNOWN.has(text.trim().toLowerCase());
  const quantity = decimalOf(text);
  if (!unknown && !(Math.abs(quantity) <= GREATEST_QUANTITY)) {
    return bad('quantity-invalid', `'${text.slice(0, 40)}' is no number within ±1e15`);
  }
  const available = field('available') === '' ? 1 : decimalOf(field('available'));
  if (!(available >= 0 && available <= 1)) {
    return bad('available-invalid', `'${field('available').slice(0, 40)}' is no share from 0 to 1`);
  }
  return { line, product, site, source: named, day, quantity: unknown ? null : quantity, available };
}

/** A GTIN in its 14 digits or a code as it stands; null for neither. */
function productOf(text: string): string | null {
  if (!/^\d{8,14}$/.test(text)) return /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(text) ? text : null;
  try {
    return parseGtin(text);
  } catch (error) {
    if (error instanceof Gs1Error) return null;
    throw error;
  }
}
