import { type EntityTransaction } from '@coldchain/database';
import { ActRefused } from '@coldchain/custody';
import { Clock } from '@coldchain/kernel';
import { Controller, Req } from '@nestjs/common';
import { Input, type InputOf, Operation } from '../http/operation.decorator.js';
import { pageOf } from '../http/paging.js';
import type { Reply } from '../http/reply.js';
import type { ContextRequest } from '../http/request-context.js';
import { RequestProblem } from '../http/request-problem.js';
import { Work } from '../http/work.js';
import { storedDocument, whatIfService } from './forecast-series.js';
import { keyCursorOf, keyText } from './planning-key.js';
import { articleOfPack, articlesOf, planningSetting } from './planning.queries.js';
import { adviceOf, type AdviceFacts, ageOf, provenanceOf } from './reorder.js';
import { lotsInStock, sitesWithStock } from './stock-position.js';
import {
  batchKeyOf,
  type ForecastRow,
  forecastsAfter,
  newestInput,
  ownSite,
  productNames,
  replaceCount,
} from './stock.queries.js';
import { impactOf } from './supply-impact.js';

/** Sites whose supply one answer judges. */
const MOST_SITES = 1000;

/** Forecasts, and what they say about ordering and supply. */
@Controller()
export class ForecastsController {
  constructor(
    private readonly work: Work,
    private readonly clock: Clock,
  ) {}

  @Operation('listForecasts')
  async list(@Req() request: ContextRequest, @Input() { query }: InputOf<'listForecasts'>): Promise<Reply> {
    const rows = await this.work.read(request, (tx) => forecastsAfter(tx, pageAsked(query)));
    const now = this.clock.now();
    return pageOf(
      'listForecasts',
      query.limit,
      rows,
      keyText,
      (shown) => ({
        forecasts: shown.map((row) => {
          const { frequency, steps, outOfDate } = ageOf(row, now);
          const { reconciled: addsUp } = storedDocument(row.document);
          return { ...provenanceOf(row), outOfDate, documentSha256: row.document_sha256, addsUp, frequency, steps };
        }),
      }),
      { product: query.product, site: query.site },
    );
  }

  @Operation('listReorder')
  async reorder(@Req() request: ContextRequest, @Input() { query }: InputOf<'listReorder'>): Promise<Reply> {
    return this.work.read(request, async (tx) => {
      const rows = await forecastsAfter(tx, pageAsked(query));
      const facts = await this.factsOf(tx, rows.slice(0, query.limit));
      return pageOf('listReorder', query.limit, rows, keyText, () => ({ advice: facts.map(adviceOf) }), {
        product: query.product,
        site: query.site,
      });
    });
  }

  /** One fit of a model: some ten milliseconds. @throws RequestProblem `not-found` */
  @Operation('whatIfService')
  async whatIf(@Req() request: ContextRequest, @Input() { query }: InputOf<'whatIfService'>): Promise<unknown> {
    const { product } = query;
    const { site, input } = await this.work.read(request, async (tx) => {
      const asked = query.site ?? (await ownSite(tx));
      return { site: asked, input: await newestInput(tx, product, asked) };
    });
    if (input === undefined) throw new RequestProblem('not-found', 'nothing was forecast of this product and site');
    return { product, site, ...whatIfService(input) };
  }

  /** @throws RequestProblem `site-has-custody` */
  @Operation('countStock')
  count(@Req() request: ContextRequest, @Input() { body }: InputOf<'countStock'>): Promise<Reply> {
    return this.work.change(request, async ({ transaction }) => {
      const { decommissionsAre } = await planningSetting(transaction);
      if (decommissionsAre === 'dispensed' && (await ownSite(transaction)) === body.site) {
        throw new RequestProblem('site-has-custody', `${body.site} is the place of the organisation`);
      }
      const countedAt = new Date(this.clock.now());
      await replaceCount(transaction, body.site, body.lots, countedAt);
      return {
        body: { site: body.site, lots: body.lots.length, countedAt: countedAt.toISOString() },
        status: 200,
      };
    });
  }

  /** @throws ActRefused `batch-unknown` */
  @Operation('getSupplyImpact')
  impact(@Req() request: ContextRequest, @Input() { query }: InputOf<'getSupplyImpact'>): Promise<unknown> {
    const { gtin, lot } = query;
    return this.work.read(request, async (tx) => {
      const batchKey = await batchKeyOf(tx, gtin, lot);
      if (batchKey === undefined) throw new ActRefused('batch-unknown', { gtin, lot });
      const product = (await articleOfPack(tx, gtin)) ?? gtin;
      const rows = await forecastsAfter(tx, { product, after: null, count: MOST_SITES });
      const facts = await this.factsOf(tx, rows);
      return { gtin, lot, product, ...impactOf(facts, batchKey) };
    });
  }

  /** What advice is given from, for forecasts of any products. */
  private async factsOf(tx: EntityTransaction, rows: readonly ForecastRow[]): Promise<AdviceFacts[]> {
    const now = this.clock.now();
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
}

function pageAsked(query: InputOf<'listForecasts'>['query']): Parameters<typeof forecastsAfter>[1] {
  const after = keyCursorOf(query.after);
  return {
    product: query.product,
    site: query.site,
    after: after === null ? null : [after.product, after.site],
    count: query.limit + 1,
  };
}
