import { ActRefused } from '@coldchain/custody';
import { EntityDatabase } from '@coldchain/database';
import { Clock } from '@coldchain/kernel';
import { Controller, Req } from '@nestjs/common';
import { Caller, Input, type InputOf, Operation } from '../http/operation.decorator.js';
import { pageOf } from '../http/paging.js';
import type { Reply } from '../http/reply.js';
import type { Account, ContextRequest } from '../http/request-context.js';
import { RequestProblem } from '../http/request-problem.js';
import { Work } from '../http/work.js';
import { adviceFacts } from './advice-facts.js';
import { storedDocument, whatIfService } from './forecast-series.js';
import { keyCursorOf, keyText } from './planning-key.js';
import { articleOfPack, articlesOf, planningSetting } from './planning.queries.js';
import { adviceOf, ageOf, provenanceOf } from './reorder.js';
import { freeStockElsewhere } from './shared-stock.js';
import { sharersWith } from './stock-shares.queries.js';
import { batchKeyOf, forecastsAfter, newestInput, ownSite, replaceCount } from './stock.queries.js';
import { impactOf } from './supply-impact.js';

/** Sites whose supply one answer judges. */
const MOST_SITES = 1000;
/** Organisations whose shared stock one answer looks at. */
const MOST_SHARERS = 100;

/** Forecasts, and what they say about ordering and supply. */
@Controller()
export class ForecastsController {
  constructor(
    private readonly work: Work,
    private readonly database: EntityDatabase,
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
      const facts = await adviceFacts(tx, rows.slice(0, query.limit), this.clock.now());
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
  async impact(
    @Req() request: ContextRequest,
    @Input() { query }: InputOf<'getSupplyImpact'>,
    @Caller() { organisation }: Account,
  ): Promise<unknown> {
    const { gtin, lot } = query;
    const now = this.clock.now();
    const own = await this.work.read(request, async (tx) => {
      const batchKey = await batchKeyOf(tx, gtin, lot);
      if (batchKey === undefined) throw new ActRefused('batch-unknown', { gtin, lot });
      const product = (await articleOfPack(tx, gtin)) ?? gtin;
      const [article] = await articlesOf(tx, [product]);
      const rows = await forecastsAfter(tx, { product, after: null, count: MOST_SITES });
      return {
        batchKey,
        product,
        baseUnitsByGtin: new Map(article?.packs.map((pack) => [pack.gtin, pack.baseUnits]) ?? [[gtin, 1]]),
        facts: await adviceFacts(tx, rows, now),
        sharers: await sharersWith(tx, MOST_SHARERS),
      };
    });
    const { batchKey, product, baseUnitsByGtin, facts, sharers } = own;
    const question = { batchKey, gtin, lot, baseUnitsByGtin };
    // After the own transaction: a request that holds one connection must not wait for another.
    const elsewhere = await freeStockElsewhere(this.database, sharers, organisation.id, question, now);
    return { gtin, lot, product, ...impactOf(facts, batchKey, elsewhere), freeStockOfOthers: elsewhere };
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
