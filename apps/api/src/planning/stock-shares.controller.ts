import { ActRefused, organisationOf } from '@coldchain/custody';
import type { OrganisationTransaction } from '@coldchain/database';
import { parseGtin } from '@coldchain/gs1';
import { Clock } from '@coldchain/kernel';
import { Controller, Req } from '@nestjs/common';
import { Input, type InputOf, Operation } from '../http/operation.decorator.js';
import { numberCursorOf, pageOf } from '../http/paging.js';
import type { Reply } from '../http/reply.js';
import type { ContextRequest } from '../http/request-context.js';
import { RequestProblem } from '../http/request-problem.js';
import { Work } from '../http/work.js';
import { articleOfPack, articlesOf } from './planning.queries.js';
import { endShare, giveShare, sharesAfter, type StockShareRow } from './stock-shares.queries.js';

/** Whom the organisation lets know of its free stock. */
@Controller()
export class StockSharesController {
  constructor(
    private readonly work: Work,
    private readonly clock: Clock,
  ) {}

  /** @throws RequestProblem `article-unknown`, `share-with-itself`; ActRefused `organisation-unknown` */
  @Operation('shareStock')
  share(@Req() request: ContextRequest, @Input() { body }: InputOf<'shareStock'>): Promise<Reply> {
    return this.work.change(request, async (context) => {
      const { transaction, organisation } = context;
      const product = await productOf(transaction, body.product);
      const receiver = await organisationOf(context, body.receiver);
      if (receiver === undefined) throw new ActRefused('organisation-unknown', { organisation: body.receiver });
      if (receiver.id === organisation.id) throw new RequestProblem('share-with-itself', body.receiver);
      const row = await giveShare(transaction, product, receiver.id, new Date(this.clock.now()));
      return { body: answerOf(row), status: 200 };
    });
  }

  @Operation('listStockShares')
  async list(@Req() request: ContextRequest, @Input() { query }: InputOf<'listStockShares'>): Promise<Reply> {
    const rows = await this.work.read(request, (tx) => sharesAfter(tx, numberCursorOf(query.after), query.limit + 1));
    return pageOf(
      'listStockShares',
      query.limit,
      rows,
      ({ id }) => id,
      (shown) => ({ shares: shown.map(answerOf) }),
    );
  }

  /** @throws RequestProblem `share-unknown` */
  @Operation('withdrawStockShare')
  withdraw(@Req() request: ContextRequest, @Input() { params }: InputOf<'withdrawStockShare'>): Promise<Reply> {
    return this.work.change(request, async ({ transaction }) => {
      const row = await endShare(transaction, Number(params.share), new Date(this.clock.now()));
      if (row === undefined)
        throw new RequestProblem('share-unknown', `the organisation gave no share ${params.share}`);
      return { body: answerOf(row), status: 200 };
    });
  }
}

/** An own article goes before a GTIN: national codes of medicines have eight digits, too. */
async function productOf(transaction: OrganisationTransaction, text: string): Promise<string> {
  if ((await articlesOf(transaction, [text])).length > 0) return text;
  if (!/^\d{8,14}$/.test(text)) throw new RequestProblem('article-unknown', `no article has the code ${text}`);
  const gtin = parseGtin(text);
  return (await articleOfPack(transaction, gtin)) ?? gtin;
}

const answerOf = (row: StockShareRow): Record<string, unknown> => ({
  id: String(row.id),
  direction: row.given ? 'given' : 'received',
  organisation: row.other,
  product: row.product,
  sharedAt: row.shared_at.toISOString(),
  withdrawnAt: row.withdrawn_at?.toISOString() ?? null,
});
