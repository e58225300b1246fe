import { observedSince, observeUnits } from '@coldchain/custody';
import type { Sscc } from '@coldchain/gs1';
import { Clock } from '@coldchain/kernel';
import { missingEvidenceMs } from '@coldchain/telemetry';
import { Controller, Req } from '@nestjs/common';
import { ApiOptions } from '../api-options.js';
import { Caller, Input, type InputOf, Operation } from '../http/operation.decorator.js';
import type { Reply } from '../http/reply.js';
import type { Account, ContextRequest } from '../http/request-context.js';
import { RequestProblem } from '../http/request-problem.js';
import { Work } from '../http/work.js';
import { type GoodsClaims, unitJudgementOf } from '../verification/unit-judgement.js';
import { ReturnRefused } from './return-refused.js';
import { customerCustodyOf, evidenceLegsOf, lockUnit } from './returns.queries.js';
import { unitOf, type UnitRow } from './units.queries.js';

/** Disposition of goods that may be sold (CBV 2.0 §7.2). */
const SALEABLE = 'sellable_accessible';

/**
 * Goods that come back from a customer: into saleable stock with one scan, or not at all. Distributors may take back only
 * what was kept as the label asks in the customer's hands, too (EU GDP 2013/C 343/01 §6.3): that is evidence, not a word.
 */
@Controller()
export class ReturnsController {
  constructor(
    private readonly work: Work,
    private readonly clock: Clock,
    private readonly options: ApiOptions,
  ) {}

  @Operation('acceptReturn')
  accept(
    @Req() request: ContextRequest,
    @Input() { body }: InputOf<'acceptReturn'>,
    @Caller() { organisation }: Account,
  ): Promise<Reply> {
    const { sscc } = body;
    const now = this.clock.now();
    return this.work.act(request, {}, { ssccs: [sscc] }, async (act) => {
      const { transaction } = act;
      // First: a hold or a recall that comes now is judged before or after all that follows.
      await lockUnit(transaction, sscc);
      const unit = await unitOf(transaction, sscc);
      if (unit === undefined) throw new RequestProblem('unit-unknown', 'no unit of this SSCC is known here');
      const question = { sscc, asker: organisation.party, now, boundMs: this.options.verdictBoundMs };
      const judgement = await unitJudgementOf(transaction, question);
      if (judgement === null) throw new RequestProblem('unit-unknown', 'no single unit of this SSCC is known here');
      requireNoObjection(sscc, unit, judgement.claims(null));
      const custody = await customerCustodyOf(transaction, unit.unit_key);
      if (custody === undefined) throw new RequestProblem('unit-not-returned', `${sscc} came back from nobody`);
      const [from, to] = [custody.received_at.getTime(), custody.returned_at.getTime()];
      const { budgets } = judgement;
      if (!judgement.evaluated) {
        throw new RequestProblem('evaluation-not-confirmed', `the newest readings of ${sscc} may be missing`);
      }
      const missingMs = missingEvidenceMs(await evidenceLegsOf(transaction, unit.unit_key), from, to);
      // Unbroken is what the strictest of the profiles calls so.
      const allowedMs = Math.min(...budgets.map(({ profile }) => profile.gap.allowedMs));
      if (missingMs > allowedMs) throw new ReturnRefused(sscc, missingMs, from, to);
      if (budgets.length === 0 || budgets.some(({ judged }) => judged.exceeded || judged.freezeTripped)) {
        throw new RequestProblem('return-out-of-limits', `${sscc} is beyond its published budget`);
      }
      // A repeated scan is no second return.
      const before = await observedSince(act, unit.unit_key, SALEABLE, custody.returned_at);
      return [before ?? (await observeUnits(act, { ssccs: [sscc], bizStep: 'inspecting', disposition: SALEABLE }))];
    });
  }
}

/** What no custody and no temperature excuses. @throws RequestProblem `unit-held`, `batch-recalled`, … */
function requireNoObjection(sscc: Sscc, unit: UnitRow, claims: GoodsClaims): void {
  if ((unit.state?.holds.length ?? 0) > 0) throw new RequestProblem('unit-held', `${sscc} is quarantined`);
  for (const [name, code] of OBJECTIONS) {
    const { state, sentence } = claims[name];
    if (state === 'objection') throw new RequestProblem(code, `${sscc}: ${sentence}`);
  }
}

const OBJECTIONS = [
  ['recall', 'batch-recalled'],
  ['hold', 'unit-held'],
  ['expiry', 'batch-expired'],
  ['certified', 'batch-not-certified'],
] as const;
