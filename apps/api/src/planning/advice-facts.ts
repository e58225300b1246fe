import type { OrganisationTransaction } from '@coldchain/database';
import { articlesOf } from './planning.queries.js';
import type { AdviceFacts } from './reorder.js';
import { lotsInStock, sitesWithStock } from './stock-position.js';
import { type ForecastRow, productNames } from './stock.queries.js';

/** What advice is given from, for forecasts of any products of the organisation. */
export async function adviceFacts(
  tx: OrganisationTransaction,
  rows: readonly ForecastRow[],
  now: number,
): Promise<AdviceFacts[]> {
  const sites = await sitesWithStock(tx);
  const codes = [...new Set(rows.map(({ product }) => product))];
  const articles = new Map((await articlesOf(tx, codes)).map((article) => [article.code, article]));
  const packsOf = (product: string): string[] => articles.get(product)?.packs.map(({ gtin }) => gtin) ?? [product];
  const gtins = [...new Set(rows.flatMap(({ product }) => packsOf(product)))];
  const lots = (await lotsInStock(tx, gtins, now)).filter((lot) => sites.counts(lot));
  const names = await productNames(tx, gtins);
  return rows.map((forecast) => {
    const article = articles.get(forecast.product) ?? null;
    const packs = packsOf(forecast.product);
    return {
      forecast,
      article,
      name:
        article === null
          ? (names.get(forecast.product) ?? forecast.product)
          : `${article.substance} ${article.strength} ${article.form}`,
      countedAt: sites.countedAt(forecast.site),
      lots: sites.isKnown(forecast.site)
        ? lots.filter(({ gtin, site }) => packs.includes(gtin) && site === forecast.site)
        : null,
      now,
    };
  });
}
