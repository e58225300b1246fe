import { decimalOf } from '@coldchain/forecast';
import type { CsvRow } from './csv-rows.js';
import type { LineProblem } from './demand-line.js';

/** What an article costs, and the line that says so. */
export interface PriceLine {
  readonly line: number;
  /** Code of an article. */
  readonly article: string;
  /** Money for a base unit; null: it is not known any more. */
  readonly unitPrice: number | null;
}

/** What a list of prices says, and what is wrong with it. */
export interface PriceList {
  readonly prices: readonly PriceLine[];
  readonly problems: readonly LineProblem[];
}

const COLUMNS = ['article', 'unit_price'] as const;
/** More articles than one organisation has: a column in the wrong place. */
const MOST_PRICES = 100_000;
/** A list that has so many bad rows is another list. */
export const MOST_PRICE_PROBLEMS = 100;
const ARTICLE = /^(?!\d{14}$)[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;
const GREATEST_PRICE = 1e9;
/** What the database keeps. */
const PRICE = /^\d{1,10}(?:\.\d{1,6})?$/;

/**
 * Reads a list of prices. Strict: an article stands once, and every row has as many fields as the header, because a price
 * in the wrong column ranks an article wrong and nobody sees it.
 */
export async function readPrices(rows: AsyncIterable<CsvRow>): Promise<PriceList> {
  const prices: PriceLine[] = [];
  const problems: LineProblem[] = [];
  const lines = new Map<string, number>();
  let columns: Columns | null = null;
  for await (const { line, fields } of rows) {
    if (problems.length === MOST_PRICE_PROBLEMS) break;
    if (fields === null) {
      problems.push({ line, code: 'csv-invalid', detail: 'a quote is not closed, or it is too long for a row' });
      break;
    }
    if (columns === null) {
      const header = headerOf(line, fields);
      if ('code' in header) return { prices, problems: [header] };
      columns = header;
      continue;
    }
    const read = readPrice(line, fields, columns);
    if ('code' in read) {
      problems.push(read);
      continue;
    }
    const earlier = lines.get(read.article);
    if (earlier !== undefined) {
      problems.push({ line, code: 'article-repeated', detail: `${read.article} stands in line ${earlier} already` });
      continue;
    }
    lines.set(read.article, line);
    prices.push(read);
    if (prices.length > MOST_PRICES) {
      problems.push({ line, code: 'csv-invalid', detail: `a list may have ${MOST_PRICES} articles` });
      break;
    }
  }
  if (columns === null && problems.length === 0) problems.push(headerMissing(1, COLUMNS));
  return { prices, problems };
}

interface Columns {
  readonly article: number;
  readonly unitPrice: number;
  readonly count: number;
}

const headerMissing = (line: number, missing: readonly string[]): LineProblem => ({
  line,
  code: 'csv-columns',
  detail: `the header lacks ${missing.join(', ')}: it has to be ${COLUMNS.join(',')}, with commas`,
});

function headerOf(line: number, fields: readonly string[]): Columns | LineProblem {
  const names = fields.map((name) => name.toLowerCase());
  const missing = COLUMNS.filter((name) => !names.includes(name));
  if (missing.length > 0) return headerMissing(line, missing);
  const twice = COLUMNS.find((name) => names.indexOf(name) !== names.lastIndexOf(name));
  if (twice !== undefined) return { line, code: 'csv-columns', detail: `the column ${twice} stands twice` };
  return { article: names.indexOf('article'), unitPrice: names.indexOf('unit_price'), count: names.length };
}

function readPrice(line: number, fields: readonly string[], columns: Columns): PriceLine | LineProblem {
  if (fields.length !== columns.count) {
    const detail = `has ${fields.length} fields, the header ${columns.count}; a decimal point is a point`;
    return { line, code: 'fields-wrong', detail };
  }
  const article = fields[columns.article] ?? '';
  if (!ARTICLE.test(article)) {
    return { line, code: 'article-invalid', detail: `'${article.slice(0, 63)}' is no code of an article` };
  }
  const text = fields[columns.unitPrice] ?? '';
  if (text === '') return { line, article, unitPrice: null };
  const unitPrice = decimalOf(text);
  if (!PRICE.test(text) || !(unitPrice <= GREATEST_PRICE)) {
    const detail = `'${text.slice(0, 40)}' is no price: write digits with a point and up to six decimals, at most 1000000000, or nothing where it is not known`;
    return { line, code: 'price-invalid', detail };
  }
  return { line, article, unitPrice };
}
