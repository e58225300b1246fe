import { Controller, Req } from '@nestjs/common';
import { Input, type InputOf, Operation } from '../http/operation.decorator.js';
import { cursorOf, pageOf } from '../http/paging.js';
import type { Reply } from '../http/reply.js';
import type { ContextRequest } from '../http/request-context.js';
import { RequestProblem } from '../http/request-problem.js';
import { Work } from '../http/work.js';
import { articlesAfter, planningSetting, setArticle, setPlanning } from './planning.queries.js';

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
