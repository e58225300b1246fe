import { ApiClient } from '../api/api-client.js';
import { apiAccess } from '../api/credentials.js';
import type { ExitCode, Invocation } from '../command.js';

interface Holds {
  readonly units: readonly {
    readonly sscc: string;
    readonly custodian: string | null;
    readonly holds: readonly {
      readonly id: string;
      readonly reason: string;
      readonly placedBy: string;
      readonly placedAt: string;
      readonly assessments: readonly { readonly by: string; readonly conclusion: string }[];
    }[];
  }[];
}

/** Units in quarantine, one line per unit and hold; the last word of a line names the hold. */
export async function runHoldList(invocation: Invocation): Promise<ExitCode> {
  const { json, terminal } = invocation;
  const client = new ApiClient(apiAccess(invocation, ['quality', 'shipper', 'dispenser', 'auditor']));
  const answer = (await client.get('/v1/holds', { limit: '1000' })) as Holds;
  if (json) {
    terminal.out(JSON.stringify(answer));
    return 0;
  }
  for (const { sscc, custodian, holds } of answer.units) {
    for (const { id, reason, placedBy, placedAt, assessments } of holds) {
      const said = assessments.map(({ by, conclusion }) => `${by}: ${conclusion}`).join(', ');
      terminal.out(
        [sscc, custodian ?? '-', reason, placedBy, placedAt, said === '' ? 'not assessed' : said, id].join('  '),
      );
    }
  }
  return 0;
}
