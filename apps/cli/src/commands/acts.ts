import { parseCode } from '@coldchain/gs1';
import { ApiClient } from '../api/api-client.js';
import { apiAccess } from '../api/credentials.js';
import { usageError } from '../cli-error.js';
import type { ExitCode, Invocation } from '../command.js';

interface ActAnswer {
  readonly anchor: string;
  readonly repeated: boolean;
  readonly events: readonly { readonly eventHash: string }[];
}

/** Registers a lot and the packs of its first run. */
export function runBatchRegister(invocation: Invocation): Promise<ExitCode> {
  const { options } = invocation;
  const need = (name: string): string => required(invocation, name, 'batch register');
  const version = Number(options.text('profile-version') ?? '1');
  const body = {
    gtin: need('gtin'),
    lot: need('lot'),
    expiry: need('expiry'),
    profileVersion: version,
    serials: options.list('serial'),
    ...eventTime(invocation),
  };
  return act(invocation, ['shipper'], '/v1/batches', body);
}

/** Ships units to a named receiver. */
export function runShip(invocation: Invocation): Promise<ExitCode> {
  const receiver = required(invocation, 'to', 'ship');
  return act(invocation, ['shipper'], '/v1/shipments', {
    ssccs: ssccsOf(invocation),
    receiver,
    ...eventTime(invocation),
  });
}

/** Receives units. */
export function runReceive(invocation: Invocation): Promise<ExitCode> {
  const { options } = invocation;
  const discrepancy = options.text('discrepancy');
  return act(invocation, ['shipper', 'dispenser'], '/v1/receipts', {
    ssccs: ssccsOf(invocation),
    unannounced: options.flag('unannounced'),
    ...(discrepancy === undefined ? {} : { discrepancy }),
    ...eventTime(invocation),
  });
}

/** Dispenses one pack. */
export function runDispense(invocation: Invocation): Promise<ExitCode> {
  const code = parseCode(invocation.positionals[0] ?? '', new Date().getUTCFullYear());
  if (code.gtin === undefined || code.serial === undefined) {
    throw usageError('the code names no single pack: it needs a GTIN (01) and a serial number (21)', 'dispense');
  }
  const path = `/v1/packs/${encodeURIComponent(`${code.gtin}.${code.serial}`)}/decommission`;
  return act(invocation, ['dispenser'], path, {
    status: 'dispensed',
    ...(code.lot === undefined ? {} : { lot: code.lot }),
    ...eventTime(invocation),
  });
}

async function act(invocation: Invocation, roles: readonly string[], path: string, body: unknown): Promise<ExitCode> {
  const answer = (await new ApiClient(apiAccess(invocation, roles)).post(path, body)) as ActAnswer;
  const { json, terminal } = invocation;
  if (json) terminal.out(JSON.stringify(answer));
  else {
    terminal.out(`${answer.repeated ? 'recorded before' : 'recorded'}, anchor ${answer.anchor}`);
    for (const { eventHash } of answer.events) terminal.out(eventHash);
  }
  return 0;
}

function ssccsOf({ positionals }: Invocation): string[] {
  const year = new Date().getUTCFullYear();
  return positionals.map((text) => parseCode(text, year).sscc ?? text);
}

function required({ options }: Invocation, name: string, commandName: string): string {
  const value = options.text(name);
  if (value === undefined) throw usageError(`--${name} is missing`, commandName);
  return value;
}

function eventTime({ options }: Invocation): { readonly eventTime?: string } {
  const value = options.text('event-time');
  return value === undefined ? {} : { eventTime: value };
}
