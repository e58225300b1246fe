import { Clock } from '@coldchain/kernel';
import { Controller, Req } from '@nestjs/common';
import { Input, type InputOf, Operation } from '../http/operation.decorator.js';
import type { ContextRequest } from '../http/request-context.js';
import { RequestProblem } from '../http/request-problem.js';
import { Work } from '../http/work.js';
import { decisionsOn, legsMeasuredBy, loggerIdOf } from './look-back.queries.js';

/** A calibration that failed: everything that rested on the logger since it was last known to be right. */
@Controller()
export class LookBackController {
  constructor(
    private readonly work: Work,
    private readonly clock: Clock,
  ) {}

  @Operation('lookBack')
  lookBack(@Req() request: ContextRequest, @Input() { params, query }: InputOf<'lookBack'>): Promise<unknown> {
    const from = new Date(query.from);
    const to = query.to === undefined ? new Date(this.clock.now()) : new Date(query.to);
    if (from >= to) throw new RequestProblem('query-invalid', 'from: not before the end of the time');
    return this.work.read(request, async (tx) => {
      const logger = await loggerIdOf(tx, params.serial);
      if (logger === undefined) throw new RequestProblem('logger-unknown', `${params.serial} is not registered here`);
      const legs = await legsMeasuredBy(tx, logger, from, to);
      const batches = new Map(
        legs.flatMap((leg) => leg.batches).map((batch) => [`${batch.gtin} ${batch.lot}`, batch] as const),
      );
      const decisions = await decisionsOn(
        tx,
        legs.map((leg) => leg.unit_id),
        from,
      );
      return {
        logger: params.serial,
        from: from.toISOString(),
        to: to.toISOString(),
        legs: legs.map((leg) => ({
          leg: leg.leg_key,
          sscc: leg.sscc,
          custodian: leg.custodian,
          from: leg.started_at.toISOString(),
          to: leg.ended_at?.toISOString() ?? null,
          coldestMilliCelsius: leg.coldest_milli_celsius,
          hottestMilliCelsius: leg.hottest_milli_celsius,
        })),
        batches: [...batches.values()],
        decisions: decisions.map(({ id, sscc, decision, at, account }) => ({
          case: id,
          sscc,
          decision,
          at: at.toISOString(),
          account,
        })),
      };
    });
  }
}
