import { Clock } from '@coldchain/kernel';
import { Controller, Req } from '@nestjs/common';
import { Caller, Input, type InputOf, Operation } from '../http/operation.decorator.js';
import type { Reply } from '../http/reply.js';
import type { Account, ContextRequest } from '../http/request-context.js';
import { RequestProblem } from '../http/request-problem.js';
import { Passwords } from '../identity/passwords.js';
import { assess, reject, release } from './case-acts.js';
import { CaseChanges } from './case-changes.js';
import { caseDetail } from './case-detail.js';

/** What goes from a case to the ledger: the owner's assessment and the decision of who has the goods. */
@Controller()
export class CaseDecisionsController {
  constructor(
    private readonly changes: CaseChanges,
    private readonly passwords: Passwords,
    private readonly clock: Clock,
  ) {}

  @Operation('assessCase')
  assess(
    @Req() request: ContextRequest,
    @Input() { params, body }: InputOf<'assessCase'>,
    @Caller() account: Account,
  ): Promise<Reply> {
    return this.changes.make(request, account, {
      caseId: params.case,
      standing: 'viewer',
      change: { kind: 'assessed', ...body },
      effect: (row, context) => assess(row, context, body.conclusion, body.reason),
    });
  }

  /** The password first: a wrong one is counted, and says nothing about the case. */
  @Operation('decideCase')
  async decide(
    @Req() request: ContextRequest,
    @Input() { params, body }: InputOf<'decideCase'>,
    @Caller() account: Account,
  ): Promise<Reply> {
    const { decision, reason, shown } = body;
    await this.passwords.prove(account, body.password);
    return this.changes.make(request, account, {
      caseId: params.case,
      standing: 'custodian',
      change: { kind: 'decided', decision, reason, shown },
      before: async (row, { transaction, organisation }) => {
        const now = await caseDetail(transaction, row, organisation.party, this.clock.now());
        if (now.digest !== shown) {
          throw new RequestProblem('case-changed', `it has ${row.entries} entries and the digest ${now.digest}`);
        }
        return 'go-on';
      },
      effect: (row, context) => (decision === 'release' ? release(row, context, reason) : reject(row, context, reason)),
    });
  }
}
