import type { OrganisationTransaction } from '@coldchain/database';
import { Controller, Req } from '@nestjs/common';
import { Input, type InputOf, Operation } from '../http/operation.decorator.js';
import { numberCursorOf, pageOf } from '../http/paging.js';
import type { Reply } from '../http/reply.js';
import type { ContextRequest } from '../http/request-context.js';
import { Work } from '../http/work.js';
import { flagsBefore } from './flags.queries.js';

/** What is unusual in the readings of the organisation's loggers. */
@Controller()
export class FlagsController {
  constructor(private readonly work: Work) {}

  @Operation('listFlags')
  async list(@Req() request: ContextRequest, @Input() { query }: InputOf<'listFlags'>): Promise<Reply> {
    const before = numberCursorOf(query.after);
    const rows = await this.work.read(request, (tx: OrganisationTransaction) =>
      flagsBefore(tx, query.logger ?? null, before, query.limit + 1),
    );
    return pageOf(
      'listFlags',
      query.limit,
      rows,
      ({ id }) => id,
      (shown) => ({
        flags: shown.map(({ at, raisedAt, expectedAt, ...flag }) => ({
          ...flag,
          expectedAt: expectedAt?.toISOString() ?? null,
          at: at.toISOString(),
          raisedAt: raisedAt.toISOString(),
        })),
      }),
      { logger: query.logger },
    );
  }
}
