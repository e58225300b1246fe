import { ApiClient } from '../api/api-client.js';
import { apiAccess } from '../api/credentials.js';
import type { ExitCode, Invocation } from '../command.js';

interface AuditLog {
  readonly entries: readonly ({ readonly at: string; readonly account: string; readonly kind: string } & Readonly<
    Record<string, unknown>
  >)[];
}

/** Signed decisions, wrong passwords and changed ones, newest first, one line each. */
export async function runAuditList(invocation: Invocation): Promise<ExitCode> {
  const { options, json, terminal } = invocation;
  const client = new ApiClient(apiAccess(invocation, ['auditor', 'administrator']));
  const kind = options.text('kind');
  for await (const page of client.pages('/v1/audit-log', kind === undefined ? {} : { kind })) {
    for (const entry of (page as AuditLog).entries) {
      const { at, account, kind: what, ...details } = entry;
      const told = Object.entries(details).map(([name, value]) => `${name} ${String(value)}`);
      terminal.out(json ? JSON.stringify(entry) : [at, account, what, ...told].join('  '));
    }
  }
  return 0;
}
