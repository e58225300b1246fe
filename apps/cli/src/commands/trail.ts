import { ApiClient } from '../api/api-client.js';
import { apiAccess } from '../api/credentials.js';
import type { ExitCode, Invocation } from '../command.js';

interface Trail {
  readonly complete: boolean;
  readonly entries: readonly {
    readonly eventTime: string;
    readonly organisationName: string;
    readonly sentence: string;
    readonly anchor: { readonly state: string; readonly block: number | null; readonly refusal: string | null };
  }[];
}

/** Custody events about a code, oldest first. 2: none is visible, or there are more than one answer holds. */
export async function runTrail(invocation: Invocation): Promise<ExitCode> {
  const { positionals, json, terminal } = invocation;
  const client = new ApiClient(apiAccess(invocation, ['auditor', 'quality', 'dispenser', 'shipper']));
  const trail = (await client.get('/v1/trail', { code: positionals[0] ?? '' })) as Trail;
  if (json) terminal.out(JSON.stringify(trail));
  else {
    for (const { eventTime, organisationName, sentence, anchor } of trail.entries) {
      const place = anchor.block === null ? anchor.state : `block ${anchor.block}`;
      terminal.out(
        `${eventTime}  ${organisationName}: ${sentence} [${place}${anchor.refusal === null ? '' : `, ${anchor.refusal}`}]`,
      );
    }
    if (trail.entries.length === 0) terminal.note('no event about this code is visible to this account');
    else if (!trail.complete) terminal.note('there are older events than one answer holds');
  }
  return trail.entries.length > 0 && trail.complete ? 0 : 2;
}
