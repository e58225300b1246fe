import { Clock } from '@coldchain/kernel';
import { Controller, Req } from '@nestjs/common';
import { Caller, Input, type InputOf, Operation } from '../http/operation.decorator.js';
import type { Account, ContextRequest } from '../http/request-context.js';
import { type EvidenceLegRow, evidenceLegsOf } from '../evidence/unit-evidence.queries.js';
import { RequestProblem } from '../http/request-problem.js';
import { Work } from '../http/work.js';
import { objectKeysOf } from '../verification/object-keys.js';
import { subjectOf } from '../verification/scanned-code.js';
import { budgetAnswer, budgetsOf, productsOf } from '../verification/unit-budget.js';
import { ssccOfKey } from './budget.queries.js';

/** What is left of the budgets of a unit (or of the unit that a pack lies in), and who spent what. */
@Controller()
export class BudgetController {
  constructor(
    private readonly work: Work,
    private readonly clock: Clock,
  ) {}

  @Operation('getBudget')
  budget(
    @Req() request: ContextRequest,
    @Input() { query }: InputOf<'getBudget'>,
    @Caller() { organisation }: Account,
  ): Promise<unknown> {
    const now = this.clock.now();
    const subject = subjectOf(query.code, now);
    return this.work.read(request, async (tx) => {
      const { unitKeys } = await objectKeysOf(tx, subject);
      const sscc = subject.kind === 'unit' ? subject.sscc : await ssccOfKey(tx, unitKeys[0] ?? '');
      const budgets = sscc === undefined ? null : await budgetsOf(tx, sscc, organisation.party, now);
      if (budgets === null) throw new RequestProblem('not-found', 'no unit of this code is visible to the account');
      const products = await productsOf(tx, budgets);
      return {
        sscc,
        budgets: budgets.map((budget) => budgetAnswer(budget, products.get(budget.id))),
        legs: (await evidenceLegsOf(tx, unitKeys)).map((leg) => ({
          custodian: leg.slug,
          from: leg.started_at.toISOString(),
          to: leg.ended_at?.toISOString() ?? null,
          evidence: evidenceText(leg),
          readings: leg.readings,
          gapMs: leg.gap_ms,
          coldestMilliCelsius: leg.coldest_milli_celsius,
          hottestMilliCelsius: leg.hottest_milli_celsius,
          spent: leg.exposures.map(({ profile, usedMs }) => ({ profile, usedMs })),
        })),
      };
    });
  }
}

/** What watched a leg, in words. A logger of another organisation has no name here. */
function evidenceText({ sources, vouched_ms }: EvidenceLegRow): string {
  const loggers = sources.map(
    ({ kind, logger }) => `${logger ?? 'logger of another organisation'}${kind === 'place' ? ' (place)' : ''}`,
  );
  return [...new Set(loggers)]
    .sort()
    .concat(vouched_ms > 0 ? ['qualified packaging'] : [])
    .join(', ');
}
