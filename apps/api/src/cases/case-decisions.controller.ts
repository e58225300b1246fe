import { ActRefused } from '@coldchain/custody';
import type { OrganisationTransaction } from '@coldchain/database';
import { Clock } from '@coldchain/kernel';
import { Controller, Req } from '@nestjs/common';
import { ApiOptions } from '../api-options.js';
import { Caller, Input, type InputOf, Operation } from '../http/operation.decorator.js';
import type { Reply } from '../http/reply.js';
import type { Account, ContextRequest } from '../http/request-context.js';
import { RequestProblem } from '../http/request-problem.js';
import { Work } from '../http/work.js';
import { Passwords } from '../identity/passwords.js';
import { assess, reject, release } from './case-acts.js';
import { CaseChanges } from './case-changes.js';
import { caseDetail } from './case-detail.js';
import { type CaseRow, ownsBatchOf } from './cases.queries.js';
import { isConfirmed } from '../verification/unit-judgement.js';
import { checkpoints } from '../verification/verdict.queries.js';

/** What goes from a case to the ledger: the owner's assessment and the decision of who has the goods. */
@Controller()
export class CaseDecisionsController {
  constructor(
    private readonly work: Work,
    private readonly changes: CaseChanges,
    private readonly passwords: Passwords,
    private readonly clock: Clock,
    private readonly options: ApiOptions,
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
      effect: async (row, context) => {
        try {
          return await assess(row, context, body.conclusion, body.reason);
        } catch (error) {
          if (!(error instanceof ActRefused) || error.code !== 'hold-unknown') throw error;
          if (await ownsBatchOf(context.transaction, row, account.organisation.party)) throw error;
          throw new RequestProblem('batch-not-owned', `no batch in ${row.sscc} is of ${account.organisation.slug}`);
        }
      },
    });
  }

  /**
   * The password first: a wrong one is counted, and says nothing about the case. Only what was decided before under the
   * same key, by the same person, is answered without it: nothing happens.
   */
  @Operation('decideCase')
  async decide(
    @Req() request: ContextRequest,
    @Input() { params, body }: InputOf<'decideCase'>,
    @Caller() account: Account,
  ): Promise<Reply> {
    const { decision, reason, shown } = body;
    const earlier = await this.work.earlier(request);
    if (earlier !== null) return earlier;
    await this.passwords.prove(account, body.password);
    // Read before the case is: what is decided on is at least as new.
    const { evaluation } = await this.work.read(request, checkpoints);
    const evaluatedTo = evaluation?.toISOString() ?? null;
    return this.changes.make(request, account, {
      caseId: params.case,
      standing: 'custodian',
      change: { kind: 'decided', decision, reason, shown, evaluatedTo },
      before: async (row, { transaction, organisation }) => {
        const now = await caseDetail(transaction, row, organisation.party, this.clock.now());
        if (now.digest !== shown) {
          throw new RequestProblem(
            'case-changed',
            `it has ${row.entries} entries; its alarms, holds or files may be others, too`,
          );
        }
        if (decision === 'release') await this.requireEvaluated(transaction, row);
        return 'go-on';
      },
      effect: async (row, context) => {
        const signed = { caseId: row.id, entry: row.entries + 1, decision, shown };
        await this.passwords.keepSignature(context.transaction, account, signed);
        return decision === 'release' ? release(row, context, reason) : reject(row, context, reason);
      },
    });
  }

  /** What was measured last may be what speaks against a release. @throws RequestProblem `evaluation-not-confirmed` */
  private async requireEvaluated(transaction: OrganisationTransaction, { id }: CaseRow): Promise<void> {
    const { evaluation } = await checkpoints(transaction);
    if (isConfirmed(evaluation?.getTime() ?? null, this.clock.now(), this.options.verdictBoundMs)) return;
    throw new RequestProblem('evaluation-not-confirmed', `the newest readings may be missing from case ${id}`);
  }
}
