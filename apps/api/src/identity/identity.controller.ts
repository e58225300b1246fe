import { Organisation } from '@coldchain/database';
import { Controller, Req } from '@nestjs/common';
import { MoreThan } from 'typeorm';
import { Caller, Input, type InputOf, Operation } from '../http/operation.decorator.js';
import { numberCursorOf, pageOf } from '../http/paging.js';
import { actionsOf } from '../http/policy.js';
import type { Reply } from '../http/reply.js';
import type { Account, ContextRequest } from '../http/request-context.js';
import { Work } from '../http/work.js';

/** Who takes part, and who asks. */
@Controller()
export class IdentityController {
  constructor(private readonly work: Work) {}

  @Operation('listOrganisations')
  async organisations(
    @Req() request: ContextRequest,
    @Input() { query }: InputOf<'listOrganisations'>,
  ): Promise<Reply> {
    const rows = await this.work.read(request, (tx) =>
      tx.manager.find(Organisation, {
        where: { id: MoreThan(numberCursorOf(query.after) ?? 0) },
        order: { id: 'ASC' },
        take: query.limit + 1,
      }),
    );
    return pageOf(
      'listOrganisations',
      query.limit,
      rows,
      (row) => row.id,
      (shown) => ({
        organisations: shown.map(({ slug, name, party, gln, roles, served }) => ({
          slug,
          name,
          party,
          gln,
          roles,
          served,
        })),
      }),
    );
  }

  @Operation('getMe')
  me(@Caller() { name, kind, roles, organisation }: Account): unknown {
    const { slug, name: organisationName, party, gln } = organisation;
    return {
      account: name,
      kind,
      roles,
      organisation: { slug, name: organisationName, party, gln },
      actions: actionsOf(roles),
    };
  }
}
