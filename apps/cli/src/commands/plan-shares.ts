import { ApiClient } from '../api/api-client.js';
import { apiAccess } from '../api/credentials.js';
import type { ExitCode, Invocation } from '../command.js';

interface Share {
  readonly id: string;
  readonly direction: 'given' | 'received';
  readonly organisation: string;
  readonly product: string;
  readonly sharedAt: string;
  readonly withdrawnAt: string | null;
}

const lineOf = ({ id, direction, organisation, product, sharedAt, withdrawnAt }: Share): string =>
  [
    id,
    `${direction === 'given' ? 'to' : 'from'} ${organisation}`,
    product,
    sharedAt,
    ...(withdrawnAt === null ? [] : [`withdrawn ${withdrawnAt}`]),
  ].join('  ');

function show({ json, terminal }: Invocation, share: Share): void {
  terminal.out(json ? JSON.stringify(share) : lineOf(share));
}

/** Shares free stock of a product. */
export async function runPlanShare(invocation: Invocation): Promise<ExitCode> {
  const [product = '', receiver = ''] = invocation.positionals;
  const client = new ApiClient(apiAccess(invocation, ['quality']));
  show(invocation, (await client.post('/v1/stock-shares', { product, receiver })) as Share);
  return 0;
}

/** Every share, given or received. */
export async function runPlanShares(invocation: Invocation): Promise<ExitCode> {
  const client = new ApiClient(apiAccess(invocation, ['quality', 'shipper', 'dispenser', 'auditor']));
  for await (const page of client.pages('/v1/stock-shares')) {
    for (const share of (page as { readonly shares: readonly Share[] }).shares) show(invocation, share);
  }
  return 0;
}

/** Ends a share. */
export async function runPlanUnshare(invocation: Invocation): Promise<ExitCode> {
  const id = encodeURIComponent(invocation.positionals[0] ?? '');
  const client = new ApiClient(apiAccess(invocation, ['quality']));
  show(invocation, (await client.post(`/v1/stock-shares/${id}/withdrawal`, undefined)) as Share);
  return 0;
}
