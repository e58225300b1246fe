import { grantAccess, revokeAccess } from '@coldchain/custody';
import { Clock } from '@coldchain/kernel';
import { Controller, Req } from '@nestjs/common';
import { Input, type InputOf, Operation } from '../http/operation.decorator.js';
import { numberCursorOf, pageOf } from '../http/paging.js';
import type { Reply } from '../http/reply.js';
import type { ContextRequest } from '../http/request-context.js';
import { Work } from '../http/work.js';
import { type GrantRow, grantsAfter } from './access-grants.queries.js';

/** Who may read whose data, and until when. */
@Controller()
export class AccessGrantsController {
  constructor(
    private readonly work: Work,
    private readonly clock: Clock,
  ) {}

  @Operation('grantAccess')
  grant(@Req() request: ContextRequest, @Input() { body }: InputOf<'grantAccess'>): Promise<Reply> {
    const { object, receiver, until } = body;
    return this.work.standing(request, async (act) => {
      const { id, repeated } = await grantAccess(act, { object, receiver, until: Date.parse(until) });
      return { id: String(id), repeated };
    });
  }

  @Operation('listAccessGrants')
  async list(@Req() request: ContextRequest, @Input() { query }: InputOf<'listAccessGrants'>): Promise<Reply> {
    const now = this.clock.now();
    const rows = await this.work.read(request, (tx) => grantsAfter(tx, numberCursorOf(query.after), query.limit + 1));
    return pageOf(
      'listAccessGrants',
      query.limit,
      rows,
      (row) => row.id,
      (shown) => ({ grants: shown.map((row) => answerOf(row, now)) }),
    );
  }

  @Operation('revokeAccess')
  revoke(@Req() request: ContextRequest, @Input() { params }: InputOf<'revokeAccess'>): Promise<Reply> {
    return this.work.standing(request, async (act) => {
      const { repeated } = await revokeAccess(act, Number(params.grant));
      return { id: params.grant, repeated };
    });
  }
}

function stateOf(row: GrantRow, now: number): 'granted' | 'revoked' | 'over' {
  if (row.revoked_at !== null) return 'revoked';
  return row.until.getTime() <= now ? 'over' : 'granted';
}

const answerOf = (row: GrantRow, now: number): Record<string, unknown> => ({
  id: String(row.id),
  direction: row.given ? 'given' : 'received',
  organisation: row.other,
  object: row.object,
  grantedAt: row.granted_at.toISOString(),
  until: row.until.toISOString(),
  state: stateOf(row, now),
});
