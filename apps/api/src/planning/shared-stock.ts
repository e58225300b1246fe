import type { EntityDatabase } from '@coldchain/database';
import { isSaleable } from '@coldchain/forecast';
import { adviceFacts } from './advice-facts.js';
import { storedDocument } from './forecast-series.js';
import { type AdviceFacts, ageOf } from './reorder.js';
import { stockLot } from './stock-position.js';
import { productsSharedWith, type Sharer } from './stock-shares.queries.js';
import { type ForecastRow, forecastsAfter } from './stock.queries.js';

/** Free stock of one site of another organisation. */
export interface FreeElsewhere {
  readonly organisation: string;
  readonly name: string;
  readonly site: string;
  /** Base units of the asker. */
  readonly free: number;
}

/** What is asked for: stock without a lot, of packs that the asker knows, in his base units. */
export interface FreeStockQuestion {
  readonly batchKey: string;
  readonly gtin: string;
  readonly lot: string;
  readonly baseUnitsByGtin: ReadonlyMap<string, number>;
}

/** Sites of one product of a sharer that are looked at. */
const MOST_SITES = 1000;

/**
 * What sharers have to spare now. Each is read in its own name, where its share is looked at again: what is not shared, or
 * not any more, is never read.
 */
export async function freeStockElsewhere(
  database: EntityDatabase,
  sharers: readonly Sharer[],
  receiverId: number,
  question: FreeStockQuestion,
  now: number,
): Promise<FreeElsewhere[]> {
  const gtins = [...question.baseUnitsByGtin.keys()];
  const found: FreeElsewhere[] = [];
  for (const { id, slug, name } of sharers) {
    const facts = await database.withOrganisation(id, async (tx) => {
      const forecasts: ForecastRow[] = [];
      for (const product of await productsSharedWith(tx, receiverId, gtins)) {
        forecasts.push(...(await forecastsAfter(tx, { product, after: null, count: MOST_SITES })));
      }
      return forecasts.length === 0 ? [] : adviceFacts(tx, forecasts, now);
    });
    for (const one of facts) {
      const free = freeForOthers(one, question);
      if (free > 0) found.push({ organisation: slug, name, site: one.forecast.site, free });
    }
  }
  return found.sort((one, other) => other.free - one.free || (one.organisation < other.organisation ? -1 : 1));
}

/**
 * What a site can spare above its own reorder point, of the packs that are asked for, in the base units of who asks: the
 * same pack may be counted in boxes here and in tablets there. Nothing where the stock or the demand of the site is not
 * known.
 */
export function freeForOthers(facts: AdviceFacts, question: FreeStockQuestion): number {
  const { forecast, article, now } = facts;
  if (facts.lots === null || ageOf(forecast, now).outOfDate) return 0;
  const { batchKey, gtin, lot, baseUnitsByGtin } = question;
  let [saleable, asked, askedInTheirs] = [0, 0, 0];
  for (const one of facts.lots) {
    // Of what was counted the key is not always known; its lot number always is.
    if (one.state !== 'free' || one.batchKey === batchKey || (one.gtin === gtin && one.lot === lot)) continue;
    const baseUnits = article?.packs.find((pack) => pack.gtin === one.gtin)?.baseUnits ?? 1;
    const stock = stockLot(one, baseUnits, now, 1);
    if (!isSaleable(stock)) continue;
    saleable += stock.quantity;
    const theirs = baseUnitsByGtin.get(one.gtin);
    if (theirs === undefined) continue;
    asked += stock.quantity;
    askedInTheirs += one.packs * theirs;
  }
  const spare = Math.min(saleable - storedDocument(forecast.document).reorder.reorderPoint, asked);
  return spare > 0 ? Math.round(((spare * askedInTheirs) / asked) * 1000) / 1000 : 0;
}
