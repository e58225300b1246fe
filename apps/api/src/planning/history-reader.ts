import type { EntityTransaction } from '@coldchain/database';
import { type DayNumber, formatDay, type Frequency } from '@coldchain/forecast';
import { type KnownDemand, planningHistory, type StockChange } from './demand-history.js';
import { type Article, articlesOf, demandOf, type PlanningKey, stockChangesOf } from './planning.queries.js';

/** A product at a site with what is known of its demand. */
export interface KeyedHistory {
  readonly key: PlanningKey;
  /** null: the product is a GTIN that belongs to no article. */
  readonly article: Article | null;
  readonly history: ReturnType<typeof planningHistory>;
}

/** Histories of products and sites, in their order. */
export async function historiesOf(
  transaction: EntityTransaction,
  keys: readonly PlanningKey[],
  frequency: Frequency,
  until: DayNumber,
): Promise<KeyedHistory[]> {
  const codes = [...new Set(keys.map(({ product }) => product))];
  const articles = new Map((await articlesOf(transaction, codes)).map((article) => [article.code, article]));
  // What a row's quantity is in base units of the product that is planned.
  const factors = new Map<string, { readonly product: string; readonly baseUnits: number }>();
  for (const code of codes) {
    factors.set(code, { product: code, baseUnits: 1 });
    for (const { gtin, baseUnits } of articles.get(code)?.packs ?? []) factors.set(gtin, { product: code, baseUnits });
  }
  const day = formatDay(until);
  const demand = new Map<string, KnownDemand[]>();
  for (const row of await demandOf(transaction, [...factors.keys()], frequency, day)) {
    const { product, baseUnits } = factors.get(row.product) ?? { product: row.product, baseUnits: 1 };
    const quantity = row.quantity === null ? null : row.quantity * baseUnits;
    append(demand, `${product} ${row.site}`, { ...row, quantity });
  }
  const changes = new Map<string, StockChange[]>();
  for (const row of await stockChangesOf(transaction, [...factors.keys()], day)) {
    const { product, baseUnits } = factors.get(row.gtin) ?? { product: row.gtin, baseUnits: 1 };
    const scaled = { day: row.day, change: row.change * baseUnits, added: row.added * baseUnits };
    append(changes, `${product} ${row.site}`, scaled);
  }
  return keys.map((key) => {
    const name = `${key.product} ${key.site}`;
    const history = planningHistory(demand.get(name) ?? [], changes.get(name) ?? [], frequency, until);
    return { key, article: articles.get(key.product) ?? null, history };
  });
}

function append<Entry>(lists: Map<string, Entry[]>, name: string, entry: Entry): void {
  const list = lists.get(name);
  if (list === undefined) lists.set(name, [entry]);
  else list.push(entry);
}
