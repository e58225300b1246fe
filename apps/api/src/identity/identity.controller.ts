import { Controller } from '@nestjs/common';
import { Caller, Operation } from '../http/operation.decorator.js';
import { actionsOf } from '../http/policy.js';
import type { Account } from '../http/request-context.js';

/** Who asks. */
@Controller()
export class IdentityController {
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
