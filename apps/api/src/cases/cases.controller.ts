import { createHash } from 'node:crypto';
import { Clock } from '@coldchain/kernel';
import type { CaseChange } from '@coldchain/telemetry';
import { Controller, Req, StreamableFile } from '@nestjs/common';
import { ApiOptions } from '../api-options.js';
import { Caller, Input, type InputOf, Operation } from '../http/operation.decorator.js';
import { numberCursorOf, pageOf } from '../http/paging.js';
import { Reply } from '../http/reply.js';
import type { Account, ContextRequest } from '../http/request-context.js';
import { RequestProblem } from '../http/request-problem.js';
import { Work } from '../http/work.js';
import { isConfirmed } from '../verification/unit-judgement.js';
import { checkpoints } from '../verification/verdict.queries.js';
import { CaseChanges, noSuchCase } from './case-changes.js';
import { caseDetail, caseSummary } from './case-detail.js';
import { caseOf, casesBefore, evidenceContent, hasAccount, keepEvidence } from './cases.queries.js';

/** Deviation cases: seen, and handled up to the decision. */
@Controller()
export class CasesController {
  constructor(
    private readonly work: Work,
    private readonly changes: CaseChanges,
    private readonly clock: Clock,
    private readonly options: ApiOptions,
  ) {}

  @Operation('listCases')
  async list(@Req() request: ContextRequest, @Input() { query }: InputOf<'listCases'>): Promise<Reply> {
    const asked = { before: numberCursorOf(query.after), state: query.state, sscc: query.sscc ?? null };
    const rows = await this.work.read(request, (tx) => casesBefore(tx, asked, query.limit + 1));
    return pageOf(
      'listCases',
      query.limit,
      rows,
      (row) => row.id,
      (shown) => ({ cases: shown.map(caseSummary) }),
      { state: query.state, sscc: query.sscc },
    );
  }

  @Operation('getCase')
  get(
    @Req() request: ContextRequest,
    @Input() { params }: InputOf<'getCase'>,
    @Caller() { organisation }: Account,
  ): Promise<unknown> {
    return this.work.read(request, async (tx) => {
      // Read first: what is read after it is at least as new.
      const { evaluation } = await checkpoints(tx);
      const row = await caseOf(tx, params.case);
      if (row === undefined) throw noSuchCase();
      const now = this.clock.now();
      return {
        ...(await caseDetail(tx, row, organisation.party, now)),
        evaluatedTo: evaluation?.toISOString() ?? null,
        stale: !isConfirmed(evaluation?.getTime() ?? null, now, this.options.verdictBoundMs),
      };
    });
  }

  @Operation('acknowledgeCase')
  acknowledge(
    @Req() request: ContextRequest,
    @Input() { params, body }: InputOf<'acknowledgeCase'>,
    @Caller() account: Account,
  ): Promise<Reply> {
    return this.handle(request, account, params.case, { kind: 'acknowledged', reason: body.reason });
  }

  @Operation('assignCase')
  assign(
    @Req() request: ContextRequest,
    @Input() { params, body }: InputOf<'assignCase'>,
    @Caller() account: Account,
  ): Promise<Reply> {
    const { to } = body;
    return this.changes.make(request, account, {
      caseId: params.case,
      standing: 'party',
      change: { kind: 'assigned', to },
      before: async (_row, { transaction }) => {
        if (to !== null && !(await hasAccount(transaction, to))) {
          throw new RequestProblem('account-unknown', `${to} is no account of ${account.organisation.slug}`);
        }
        return 'go-on';
      },
    });
  }

  @Operation('nameCaseCause')
  cause(
    @Req() request: ContextRequest,
    @Input() { params, body }: InputOf<'nameCaseCause'>,
    @Caller() account: Account,
  ): Promise<Reply> {
    return this.handle(request, account, params.case, { kind: 'cause-found', ...body });
  }

  @Operation('commentCase')
  comment(
    @Req() request: ContextRequest,
    @Input() { params, body }: InputOf<'commentCase'>,
    @Caller() account: Account,
  ): Promise<Reply> {
    const change = { kind: 'commented', text: body.text } as const;
    return this.changes.make(request, account, { caseId: params.case, standing: 'viewer', change });
  }

  @Operation('addCaseEvidence')
  addEvidence(
    @Req() request: ContextRequest,
    @Input() { params, body }: InputOf<'addCaseEvidence'>,
    @Caller() account: Account,
  ): Promise<Reply> {
    const content = Buffer.from(body.content, 'base64');
    const sha256 = createHash('sha256').update(content).digest();
    const file = { caseId: params.case, sha256, name: body.name, mediaType: body.mediaType, content };
    return this.changes.make(request, account, {
      caseId: params.case,
      standing: 'viewer',
      change: { kind: 'evidence-added', name: body.name, sha256: sha256.toString('hex') },
      before: async (_row, { transaction }) => {
        const addedAt = new Date(this.clock.now());
        return (await keepEvidence(transaction, { ...file, addedBy: account.name, addedAt })) ? 'go-on' : 'nothing';
      },
    });
  }

  /** Whatever it says of itself, it is given as a file to keep: nothing in it is opened by the page. */
  @Operation('getCaseEvidence')
  evidence(@Req() request: ContextRequest, @Input() { params }: InputOf<'getCaseEvidence'>): Promise<Reply> {
    return this.work.read(request, async (tx) => {
      const found = await evidenceContent(tx, params.case, Buffer.from(params.sha256, 'hex'));
      if (found === undefined) throw new RequestProblem('not-found', 'the case has no such file');
      const disposition = `attachment; filename="${params.sha256}"`;
      return new Reply(new StreamableFile(found.content), { headers: { 'Content-Disposition': disposition } });
    });
  }

  private handle(request: ContextRequest, account: Account, caseId: number, change: CaseChange): Promise<Reply> {
    return this.changes.make(request, account, { caseId, standing: 'party', change });
  }
}
