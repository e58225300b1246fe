import { ApiClient } from '../api/api-client.js';
import { apiAccess } from '../api/credentials.js';
import { usageError } from '../cli-error.js';
import type { ExitCode, Invocation } from '../command.js';

interface LookBack {
  readonly legs: readonly {
    readonly sscc: string;
    readonly custodian: string;
    readonly from: string;
    readonly to: string | null;
  }[];
  readonly batches: readonly { readonly gtin: string; readonly lot: string; readonly owner: string }[];
  readonly decisions: readonly {
    readonly case: number;
    readonly sscc: string;
    readonly decision: string;
    readonly at: string;
    readonly account: string;
  }[];
}

/** What rested on a logger whose calibration failed. 0: nothing, 1: something. */
export async function runLoggerLookBack(invocation: Invocation): Promise<ExitCode> {
  const { positionals, options, json, terminal } = invocation;
  const since = options.text('since');
  if (since === undefined) throw usageError('--since is missing', 'logger look-back');
  const until = options.text('until');
  const client = new ApiClient(apiAccess(invocation, ['quality', 'device-manager', 'auditor']));
  const path = `/v1/loggers/${encodeURIComponent(positionals[0] ?? '')}/look-back`;
  const answer = (await client.get(path, {
    from: since,
    ...(until === undefined ? {} : { to: until }),
  })) as LookBack;
  if (json) terminal.out(JSON.stringify(answer));
  else {
    for (const { sscc, custodian, from, to } of answer.legs)
      terminal.out(`leg  ${sscc}  ${custodian}  ${from} to ${to ?? 'now'}`);
    for (const { gtin, lot, owner } of answer.batches) terminal.out(`batch  ${gtin}  ${lot}  ${owner}`);
    for (const one of answer.decisions)
      terminal.out(`decision  case ${one.case}  ${one.sscc}  ${one.decision}  ${one.at}  ${one.account}`);
  }
  return answer.legs.length > 0 ? 1 : 0;
}
