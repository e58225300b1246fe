import type { AnswerOf } from '@coldchain/api-contract';
import { sleep } from '@coldchain/kernel';
import { ApiClient } from '../api/api-client.js';
import { apiAccess } from '../api/credentials.js';
import { CliError } from '../cli-error.js';
import type { ExitCode, Invocation } from '../command.js';

type Arrivals = AnswerOf<'listArrivals'>;
type Arrival = Arrivals['arrivals'][number];

const POLL_MS = 500;
const PAGE = 200;

/**
 * Shows what arrives from gateways as it comes, and why something was refused, until it is stopped. An API that is away
 * for a moment is waited for: nothing is missed, because what comes next is asked for by its place.
 */
export async function runGatewayTail(invocation: Invocation): Promise<ExitCode> {
  const { positionals, options, json, terminal } = invocation;
  const client = new ApiClient(apiAccess(invocation, ['device-manager', 'administrator', 'auditor']));
  const [gateway] = positionals;
  const query = { limit: String(PAGE), ...(gateway === undefined ? {} : { gateway }) };
  const show = ({ arrivals }: Arrivals): void => {
    for (const arrival of arrivals) terminal.out(json ? JSON.stringify(arrival) : lineOf(arrival));
  };
  let page = (await client.get('/v1/arrivals', query)) as Arrivals;
  show(page);
  if (options.flag('once')) return 0;
  if (terminal.interactive) terminal.note('waiting for what arrives; Ctrl-C ends');
  let away = false;
  while (!terminal.stopped.aborted) {
    try {
      page = (await client.get('/v1/arrivals', { ...query, after: page.next })) as Arrivals;
      away = false;
    } catch (error) {
      if (!(error instanceof CliError) || error.exitCode !== 2) throw error;
      if (!away) terminal.note(`${error.message}, trying again`);
      away = true;
      page = { arrivals: [], next: page.next };
    }
    show(page);
    if (page.arrivals.length < PAGE) await sleep(POLL_MS, terminal.stopped);
  }
  return 0;
}

function lineOf(arrival: Arrival): string {
  const { gateway, boot, sequence, receivedAt } = arrival;
  const number = boot === null || sequence === null ? 'without number' : `${boot}/${sequence}`;
  const head = `${receivedAt} ${gateway} ${number}`;
  switch (arrival.kind) {
    case 'refused':
      return `${head} REFUSED ${arrival.code} (${arrival.bytes} bytes) – ${arrival.nextStep}`;
    case 'stored': {
      const { loggers, readings, lagMs, clockOffsetMs, shiftMs, signed } = arrival;
      const facts = [
        loggers.map((logger) => logger ?? 'logger of another organisation').join(','),
        `${readings} ${readings === 1 ? 'reading' : 'readings'}`,
        `lag ${secondsOf(lagMs)}`,
        ...(clockOffsetMs === null
          ? []
          : [`clock ${clockOffsetMs < 0 ? 'ahead' : 'behind'} ${secondsOf(Math.abs(clockOffsetMs))}`]),
        ...(shiftMs === null ? [] : [`re-dated by ${secondsOf(shiftMs)}`]),
        ...(signed ? ['signed'] : []),
      ];
      return `${head} ${facts.join(', ')}`;
    }
  }
}

function secondsOf(ms: number): string {
  return Math.abs(ms) < 120_000 ? `${(ms / 1_000).toFixed(1)} s` : `${Math.round(ms / 60_000)} min`;
}
