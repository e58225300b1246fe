import type { PartyState } from '@coldchain/chaincode/protocol';
import { registerOrganisation, reinstateOrganisation, type Standing, suspendOrganisation } from '@coldchain/custody';
import { Controller, Req } from '@nestjs/common';
import { Input, type InputOf, Operation } from '../http/operation.decorator.js';
import { numberCursorOf, pageOf } from '../http/paging.js';
import type { Reply } from '../http/reply.js';
import type { ContextRequest } from '../http/request-context.js';
import { Work } from '../http/work.js';
import { organisationsAfter } from './organisations.queries.js';

/** Who takes part: registered, suspended and reinstated by the regulator. */
@Controller()
export class OrganisationsController {
  constructor(private readonly work: Work) {}

  @Operation('listOrganisations')
  async list(@Req() request: ContextRequest, @Input() { query }: InputOf<'listOrganisations'>): Promise<Reply> {
    const rows = await this.work.read(request, (tx) =>
      organisationsAfter(tx, numberCursorOf(query.after), query.limit + 1),
    );
    return pageOf(
      'listOrganisations',
      query.limit,
      rows,
      (row) => row.id,
      (shown) => ({ organisations: shown.map(({ id: _id, ...organisation }) => organisation) }),
    );
  }

  @Operation('registerOrganisation')
  register(@Req() request: ContextRequest, @Input() { body }: InputOf<'registerOrganisation'>): Promise<Reply> {
    return this.work.standing(request, async (act) => answerOf(body.slug, await registerOrganisation(act, body)));
  }

  @Operation('suspendOrganisation')
  suspend(@Req() request: ContextRequest, @Input() { params }: InputOf<'suspendOrganisation'>): Promise<Reply> {
    return this.work.standing(request, async (act) =>
      answerOf(params.slug, await suspendOrganisation(act, params.slug)),
    );
  }

  @Operation('reinstateOrganisation')
  reinstate(@Req() request: ContextRequest, @Input() { params }: InputOf<'reinstateOrganisation'>): Promise<Reply> {
    return this.work.standing(request, async (act) =>
      answerOf(params.slug, await reinstateOrganisation(act, params.slug)),
    );
  }
}

const answerOf = (slug: string, { state, repeated }: Standing<PartyState>) => ({
  slug,
  party: state.party,
  state: state.state,
  repeated,
});
