import { Controller, Req } from '@nestjs/common';
import { Input, type InputOf, Operation } from '../http/operation.decorator.js';
import { numberCursorOf, pageOf } from '../http/paging.js';
import type { Reply } from '../http/reply.js';
import type { ContextRequest } from '../http/request-context.js';
import { Work } from '../http/work.js';
import { usersAfter } from './users.queries.js';

/** Who works in the organisation: whom a case can be given to. */
@Controller()
export class UsersController {
  constructor(private readonly work: Work) {}

  @Operation('listUsers')
  async list(@Req() request: ContextRequest, @Input() { query }: InputOf<'listUsers'>): Promise<Reply> {
    const rows = await this.work.read(request, (tx) => usersAfter(tx, numberCursorOf(query.after), query.limit + 1));
    return pageOf(
      'listUsers',
      query.limit,
      rows,
      (row) => row.id,
      (shown) => ({ users: shown.map(({ name, kind, roles }) => ({ account: name, kind, roles })) }),
    );
  }
}
