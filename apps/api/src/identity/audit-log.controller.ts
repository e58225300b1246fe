import { unreachable } from '@coldchain/kernel';
import { Controller, Req } from '@nestjs/common';
import { Input, type InputOf, Operation } from '../http/operation.decorator.js';
import { cursorOf, pageOf } from '../http/paging.js';
import type { Reply } from '../http/reply.js';
import type { ContextRequest } from '../http/request-context.js';
import { RequestProblem } from '../http/request-problem.js';
import { Work } from '../http/work.js';
import { auditBefore, type AuditPosition, type AuditRow } from './audit-log.queries.js';

/** What was signed with passwords, and what was tried, for who looks after the organisation. */
@Controller()
export class AuditLogController {
  constructor(private readonly work: Work) {}

  @Operation('listAuditLog')
  async list(@Req() request: ContextRequest, @Input() { query }: InputOf<'listAuditLog'>): Promise<Reply> {
    const asked = { before: positionOf(cursorOf(query.after)), kind: query.kind ?? null };
    const rows = await this.work.read(request, (tx) => auditBefore(tx, asked, query.limit + 1));
    return pageOf(
      'listAuditLog',
      query.limit,
      rows,
      ({ at, kind, id }) => `${at.getTime()}.${kind}.${id}`,
      (shown) => ({ entries: shown.map(entryOf) }),
      { kind: query.kind },
    );
  }
}

/** @throws RequestProblem `query-invalid` */
function positionOf(cursor: string | null): AuditPosition | null {
  if (cursor === null) return null;
  const [, at, kind, id] = /^(\d{1,15})\.([a-z-]{1,30})\.(\d{1,15})$/.exec(cursor) ?? [];
  if (at === undefined || kind === undefined || id === undefined) {
    throw new RequestProblem('query-invalid', 'after: not a cursor of this list');
  }
  return { at: new Date(Number(at)), kind, id: Number(id) };
}

function entryOf(row: AuditRow): Record<string, unknown> {
  const entry = { at: row.at.toISOString(), account: row.account, kind: row.kind };
  switch (row.kind) {
    case 'decision-signed':
      return { ...entry, case: row.case_id, entry: row.entry, decision: row.decision, shown: row.shown };
    case 'password-wrong':
    case 'password-refused':
      return { ...entry, purpose: row.purpose };
    case 'password-changed':
      return { ...entry, changedBy: row.changed_by };
    default:
      return unreachable(row);
  }
}
