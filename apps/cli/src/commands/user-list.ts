import { ApiClient } from '../api/api-client.js';
import { apiAccess } from '../api/credentials.js';
import type { ExitCode, Invocation } from '../command.js';

interface UserList {
  readonly users: readonly { readonly account: string; readonly kind: string; readonly roles: readonly string[] }[];
}

/** Accounts of the organisation, one line each: name, kind and roles. */
export async function runUserList(invocation: Invocation): Promise<ExitCode> {
  const { json, terminal } = invocation;
  const client = new ApiClient(apiAccess(invocation, ['quality', 'responsible-person', 'shipper', 'dispenser']));
  for await (const page of client.pages('/v1/users')) {
    for (const user of (page as UserList).users) {
      terminal.out(json ? JSON.stringify(user) : [user.account, user.kind, user.roles.join(', ')].join('  '));
    }
  }
  return 0;
}
