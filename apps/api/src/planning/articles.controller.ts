import { createReadStream } from 'node:fs';
import { Controller, Req } from '@nestjs/common';
import { Input, type InputOf, Operation } from '../http/operation.decorator.js';
import { cursorOf, pageOf } from '../http/paging.js';
import type { Reply } from '../http/reply.js';
import { type ContextRequest, contextOf } from '../http/request-context.js';
import { RequestProblem } from '../http/request-problem.js';
import { Work } from '../http/work.js';
import { csvRows } from './csv-rows.js';
import type { LineProblem } from './demand-line.js';
import { articlesAfter, planningSetting, setArticle, setPlanning, setPrices } from './planning.queries.js';
import { MOST_PRICE_PROBLEMS, readPrices } from './price-lines.js';
import { withReceivedFile } from './received-file.js';

/** What is planned, and how. */
@Controller()
export class ArticlesController {
  constructor(private readonly work: Work) {}

  @Operation('setPlanning')
  setPlanning(@Req() request: ContextRequest, @Input() { body }: InputOf<'setPlanning'>): Promise<Reply> {
    return this.work.change(request, async ({ transaction }) => {
      await setPlanning(transaction, body);
      return { body, status: 200 };
    });
  }

  @Operation('getPlanning')
  getPlanning(@Req() request: ContextRequest): Promise<unknown> {
    return this.work.read(request, planningSetting);
  }

  @Operation('setArticle')
  setArticle(@Req() request: ContextRequest, @Input() { body }: InputOf<'setArticle'>): Promise<Reply> {
    return this.work.change(request, async ({ transaction }) => {
      const taken = await setArticle(transaction, body);
      if (taken.length > 0) throw new RequestProblem('pack-of-other-article', taken.join(', '));
      return { body, status: 200 };
    });
  }

  /** @throws RequestProblem `csv-invalid`, `prices-invalid` */
  @Operation('importPrices')
  importPrices(@Req() request: ContextRequest): Promise<Reply> {
    return withReceivedFile(request, async ({ path, sha256 }) => {
      // An Idempotency-Key stands for the content, too.
      contextOf(request).input = { sha256: sha256.toString('hex') };
      const { prices, problems } = await readPrices(csvRows(createReadStream(path)));
      if (problems.length > 0) throw wrongRows(problems);
      return this.work.change(request, async ({ transaction }) => {
        const { unknown, changed } = await setPrices(transaction, prices);
        if (unknown.size > 0) {
          throw wrongRows(
            prices
              .filter(({ article }) => unknown.has(article))
              .slice(0, MOST_PRICE_PROBLEMS)
              .map(({ line, article }) => ({
                line,
                code: 'article-unknown',
                detail: `${article} is no article of yours`,
              })),
          );
        }
        return { body: { articles: prices.length, changed }, status: 200 };
      });
    });
  }

  @Operation('listArticles')
  async list(@Req() request: ContextRequest, @Input() { query }: InputOf<'listArticles'>): Promise<Reply> {
    const rows = await this.work.read(request, (tx) => articlesAfter(tx, cursorOf(query.after), query.limit + 1));
    return pageOf(
      'listArticles',
      query.limit,
      rows,
      ({ code }) => code,
      (articles) => ({ articles }),
    );
  }
}

const wrongRows = (problems: readonly LineProblem[]): RequestProblem =>
  new RequestProblem(
    'prices-invalid',
    problems.map(({ line, detail }) => `line ${line}: ${detail}`).join('; '),
    problems.map(({ line, code, detail }) => ({ pointer: `line ${line}`, code, detail })),
  );
