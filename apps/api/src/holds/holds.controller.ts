import { assessHold, placeHold, releaseHold } from '@coldchain/custody';
import { Controller, Req } from '@nestjs/common';
import { requireReleasedCases } from '../cases/released-cases.js';
import { Input, type InputOf, Operation } from '../http/operation.decorator.js';
import { numberCursorOf, pageOf } from '../http/paging.js';
import type { Reply } from '../http/reply.js';
import type { ContextRequest } from '../http/request-context.js';
import { Work } from '../http/work.js';
import { holdIdOf, summaryOf } from '../shipments/unit-summary.js';
import { heldUnitsAfter } from '../shipments/units.queries.js';
import { holdReferenceOf, reasonOf } from './hold-reference.js';

/** Quarantine: placed, assessed by owners, released. */
@Controller()
export class HoldsController {
  constructor(private readonly work: Work) {}

  @Operation('placeHold')
  place(@Req() request: ContextRequest, @Input() { body }: InputOf<'placeHold'>): Promise<Reply> {
    const { ssccs, kind, note } = body;
    const reason = reasonOf(kind);
    return this.work.act(
      request,
      body,
      (acts) => ({ holds: acts.map(({ commitment }) => holdIdOf({ commitment, reason })) }),
      async (act) => [await placeHold(act, { ssccs, kind, ...(note === undefined ? {} : { note }) })],
    );
  }

  @Operation('listHolds')
  async list(@Req() request: ContextRequest, @Input() { query }: InputOf<'listHolds'>): Promise<Reply> {
    const rows = await this.work.read(request, (tx) =>
      heldUnitsAfter(tx, numberCursorOf(query.after), query.limit + 1),
    );
    return pageOf(
      'listHolds',
      query.limit,
      rows,
      (row) => row.id,
      (shown) => ({ units: shown.map(summaryOf) }),
    );
  }

  @Operation('assessHold')
  assess(@Req() request: ContextRequest, @Input() { params, body }: InputOf<'assessHold'>): Promise<Reply> {
    const hold = holdReferenceOf(params.hold);
    const { conclusion } = body;
    return this.work.act(request, body, { holds: [params.hold] }, async (act) => [
      await assessHold(act, { hold, conclusion, ...chosen(body) }),
    ]);
  }

  @Operation('releaseHold')
  release(@Req() request: ContextRequest, @Input() { params, body }: InputOf<'releaseHold'>): Promise<Reply> {
    const hold = holdReferenceOf(params.hold);
    return this.work.act(request, body, { holds: [params.hold] }, async (act) => {
      await requireReleasedCases(act, hold, body.ssccs);
      return [await releaseHold(act, { hold, ...chosen(body) })];
    });
  }
}

type Chosen = Pick<InputOf<'releaseHold'>['body'], 'ssccs' | 'note'>;

const chosen = ({ ssccs, note }: Chosen): { readonly [Name in keyof Chosen]?: NonNullable<Chosen[Name]> } => ({
  ...(ssccs === undefined ? {} : { ssccs }),
  ...(note === undefined ? {} : { note }),
});
