import { aggregateUnit, bindLogger, disaggregateUnit, observeUnits, unbindLogger } from '@coldchain/custody';
import { Controller, Req } from '@nestjs/common';
import { Input, type InputOf, Operation } from '../http/operation.decorator.js';
import { numberCursorOf, pageOf } from '../http/paging.js';
import type { Reply } from '../http/reply.js';
import type { ContextRequest } from '../http/request-context.js';
import { RequestProblem } from '../http/request-problem.js';
import { Work } from '../http/work.js';
import { rejectedUnits } from '../verification/verdict.queries.js';
import { releasesOf, summaryOf } from './unit-summary.js';
import { contentsOf, unitOf, unitsAfter } from './units.queries.js';

/** Logistic units: packed, unpacked, watched by loggers. */
@Controller()
export class UnitsController {
  constructor(private readonly work: Work) {}

  @Operation('aggregateUnit')
  aggregate(@Req() request: ContextRequest, @Input() { body }: InputOf<'aggregateUnit'>): Promise<Reply> {
    const { eventTime: _eventTime, logger, place, packaging, ...contents } = body;
    return this.work.act(request, body, { sscc: body.sscc }, async (act) => [
      await aggregateUnit(act, {
        ...contents,
        ...(logger === undefined ? {} : { logger }),
        ...(place === undefined ? {} : { place }),
        ...(packaging === undefined ? {} : { packaging }),
      }),
    ]);
  }

  @Operation('listUnits')
  async list(@Req() request: ContextRequest, @Input() { query }: InputOf<'listUnits'>): Promise<Reply> {
    const rows = await this.work.read(request, (tx) => unitsAfter(tx, numberCursorOf(query.after), query.limit + 1));
    return pageOf(
      'listUnits',
      query.limit,
      rows,
      (row) => row.id,
      (shown) => ({ units: shown.map(summaryOf) }),
    );
  }

  @Operation('getUnit')
  async get(@Req() request: ContextRequest, @Input() { params }: InputOf<'getUnit'>): Promise<unknown> {
    return this.work.read(request, async (tx) => {
      const unit = await unitOf(tx, params.sscc);
      if (unit === undefined) throw new RequestProblem('not-found', 'no unit of this SSCC is visible to the account');
      const contents = await contentsOf(tx, unit);
      return {
        ...summaryOf(unit),
        releases: releasesOf(unit),
        rejected: (await rejectedUnits(tx, [unit.unit_key])).length > 0,
        children: contents.children,
        batches: contents.batches,
        packs: contents.packs,
        loggers: contents.loggers,
        thermal: {
          coldestMilliCelsius: contents.coldest_milli_celsius,
          hottestMilliCelsius: contents.hottest_milli_celsius,
          gapMs: contents.gap_ms,
          evaluatedTo: contents.evaluated_to?.toISOString() ?? null,
          openExcursions: contents.open_excursions,
        },
      };
    });
  }

  @Operation('disaggregateUnit')
  disaggregate(@Req() request: ContextRequest, @Input() { params, body }: InputOf<'disaggregateUnit'>): Promise<Reply> {
    return this.work.act(request, body, { sscc: params.sscc }, async (act) => [
      await disaggregateUnit(act, { sscc: params.sscc, children: body.children }),
    ]);
  }

  @Operation('bindLogger')
  bind(@Req() request: ContextRequest, @Input() { params, body }: InputOf<'bindLogger'>): Promise<Reply> {
    return this.work.act(request, body, { sscc: params.sscc }, async (act) => [
      await bindLogger(act, { sscc: params.sscc, logger: body.logger }),
    ]);
  }

  @Operation('unbindLogger')
  unbind(@Req() request: ContextRequest, @Input() { params }: InputOf<'unbindLogger'>): Promise<Reply> {
    return this.work.act(request, {}, { sscc: params.sscc }, async (act) => [await unbindLogger(act, params)]);
  }

  @Operation('observeUnits')
  observe(@Req() request: ContextRequest, @Input() { body }: InputOf<'observeUnits'>): Promise<Reply> {
    const { ssccs, bizStep, disposition } = body;
    return this.work.act(request, body, { ssccs }, async (act) => [
      await observeUnits(act, { ssccs, bizStep, ...(disposition === undefined ? {} : { disposition }) }),
    ]);
  }
}
