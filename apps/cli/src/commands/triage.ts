import { ApiClient } from '../api/api-client.js';
import { apiAccess } from '../api/credentials.js';
import { usageError } from '../cli-error.js';
import type { ExitCode, Invocation } from '../command.js';

interface Triage {
  readonly entries: readonly {
    readonly sscc: string;
    readonly gtin: string | null;
    readonly lot: string | null;
    readonly product: string | null;
    readonly answer: string;
    readonly until: string | null;
    readonly why: string;
    readonly call: { readonly name: string; readonly gln: string };
  }[];
  readonly complete: boolean;
}

/** What lies in a place whose cooling failed, most urgent first. 0: all usable, 1: something is to be held, 2: not all told. */
export async function runTriage(invocation: Invocation): Promise<ExitCode> {
  const { options, json, terminal } = invocation;
  const since = options.text('since');
  if (since === undefined) throw usageError('--since is missing', 'triage');
  const [celsius, place, logger] = [options.text('celsius'), options.text('place'), options.text('logger')];
  const client = new ApiClient(apiAccess(invocation, ['quality', 'dispenser', 'shipper', 'auditor']));
  const answer = (await client.get('/v1/triage', {
    failedAt: since,
    ...(celsius === undefined ? {} : { celsius }),
    ...(place === undefined ? {} : { place }),
    ...(logger === undefined ? {} : { logger }),
  })) as Triage;
  if (json) terminal.out(JSON.stringify(answer));
  else {
    for (const { sscc, product, gtin, lot, answer: said, until, why, call } of answer.entries) {
      const word = until === null ? said : `usable until ${until}`;
      terminal.out(
        [sscc, product ?? gtin ?? '-', lot ?? '-', word, why, `call ${call.name} (GLN ${call.gln})`].join('  '),
      );
    }
  }
  if (answer.entries.length === 0) terminal.note('nothing of yours is recorded there');
  if (!answer.complete) terminal.note('there is more than one answer holds: ask by logger');
  if (answer.entries.some(({ answer: said }) => said === 'hold')) return 1;
  return answer.complete ? 0 : 2;
}
