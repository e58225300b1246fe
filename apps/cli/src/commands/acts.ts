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
  const place = invocation.options.text('place');
  return act(invocation, ['shipper'], '/v1/shipments', {
    ssccs: ssccsOf(invocation),
    receiver,
    ...(place === undefined ? {} : { place }),
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

/** Puts a unit that came back into saleable stock. */
export const runReturn = (invocation: Invocation): Promise<ExitCode> =>
  act(invocation, ['shipper', 'dispenser', 'quality'], '/v1/returns', {
    sscc: ssccOf(invocation.positionals[0] ?? ''),
  });

/** Dispenses one pack. */
export function runDispense(invocation: Invocation): Promise<ExitCode> {
  const { path, lot } = packOf(invocation, 'dispense');
  return act(invocation, ['dispenser'], `${path}/decommission`, {
    status: 'dispensed',
    ...lot,
    ...eventTime(invocation),
  });
}

/** The pack of a scanned code. @throws CliError for a code that names no single pack */
function packOf({ positionals }: Invocation, name: string): { path: string; lot: { readonly lot?: string } } {
  const code = parseCode(positionals[0] ?? '', new Date().getUTCFullYear());
  if (code.gtin === undefined || code.serial === undefined) {
    throw usageError('the code names no single pack: it needs a GTIN (01) and a serial number (21)', name);
  }
  return {
    path: `/v1/packs/${encodeURIComponent(`${code.gtin}.${code.serial}`)}`,
    lot: code.lot === undefined ? {} : { lot: code.lot },
  };
}

/** Recalls a lot, or ends the organisation's own recall of it. */
export function runBatchRecall(invocation: Invocation): Promise<ExitCode> {
  const { options } = invocation;
  return act(invocation, ['quality'], `${batchPath(invocation, 'batch recall')}/recall`, {
    class: Number(required(invocation, 'class', 'batch recall')),
    depth: options.text('depth') ?? 'patient',
    ...eventTime(invocation),
  });
}
export const runBatchLift = (invocation: Invocation): Promise<ExitCode> =>
  act(invocation, ['quality'], `${batchPath(invocation, 'batch lift')}/recall/lift`, eventTime(invocation));

function batchPath(invocation: Invocation, name: string): string {
  const [gtin, lot] = [required(invocation, 'gtin', name), required(invocation, 'lot', name)];
  return `/v1/batches/${encodeURIComponent(gtin)}/${encodeURIComponent(lot)}`;
}

/** Calls back what was shipped and not received. */
export const runShipmentCancel = (invocation: Invocation): Promise<ExitCode> =>
  act(invocation, ['shipper'], `${shipmentPath(invocation)}/cancellation`, {
    ...someUnits(invocation),
    ...eventTime(invocation),
  });

/** Does not take what is on its way. */
export const runShipmentRefuse = (invocation: Invocation): Promise<ExitCode> =>
  act(invocation, ['shipper', 'dispenser'], `${shipmentPath(invocation)}/refusal`, {
    discrepancy: required(invocation, 'discrepancy', 'shipment refuse'),
    ...someUnits(invocation),
    ...eventTime(invocation),
  });

const shipmentPath = ({ positionals }: Invocation): string =>
  `/v1/shipments/${encodeURIComponent(positionals[0] ?? '')}`;

/** Puts back a pack that was taken out by mistake. */
export function runRevert(invocation: Invocation): Promise<ExitCode> {
  const { path, lot } = packOf(invocation, 'revert');
  return act(invocation, ['dispenser', 'quality'], `${path}/revert`, { ...lot, ...eventTime(invocation) });
}

/** Quarantines units. */
export const runHoldPlace = (invocation: Invocation): Promise<ExitCode> =>
  act(invocation, ['quality', 'shipper', 'dispenser'], '/v1/holds', {
    ssccs: ssccsOf(invocation),
    kind: required(invocation, 'kind', 'hold place'),
    ...note(invocation),
    ...eventTime(invocation),
  });

/** An owner says whether his goods are usable. */
export const runHoldAssess = (invocation: Invocation): Promise<ExitCode> =>
  act(invocation, ['quality'], `${holdPath(invocation)}/assessment`, {
    conclusion: required(invocation, 'conclusion', 'hold assess'),
    ...someUnits(invocation),
    ...note(invocation),
    ...eventTime(invocation),
  });

/** Ends a hold. */
export const runHoldRelease = (invocation: Invocation): Promise<ExitCode> =>
  act(invocation, ['quality'], `${holdPath(invocation)}/release`, {
    ...someUnits(invocation),
    ...note(invocation),
    ...eventTime(invocation),
  });

const holdPath = ({ positionals }: Invocation): string => `/v1/holds/${encodeURIComponent(positionals[0] ?? '')}`;

/** Sends an act and prints where it stands. */
export async function act(
  invocation: Invocation,
  roles: readonly string[],
  path: string,
  body: unknown,
): Promise<ExitCode> {
  const answer = (await new ApiClient(apiAccess(invocation, roles)).post(path, body)) as ActAnswer;
  const { json, terminal } = invocation;
  if (json) terminal.out(JSON.stringify(answer));
  else {
    terminal.out(`${answer.repeated ? 'recorded before' : 'recorded'}, anchor ${answer.anchor}`);
    for (const { eventHash } of answer.events) terminal.out(eventHash);
  }
  return 0;
}

const ssccsOf = ({ positionals }: Invocation): string[] => positionals.map(ssccOf);
/** An SSCC as typed or scanned. */
export const ssccOf = (text: string): string => parseCode(text, new Date().getUTCFullYear()).sscc ?? text;

/** The units that `--unit` names; without it the server takes all that are meant. */
function someUnits({ options }: Invocation): { readonly ssccs?: readonly string[] } {
  const units = options.list('unit');
  return units.length === 0 ? {} : { ssccs: units.map(ssccOf) };
}

function note({ options }: Invocation): { readonly note?: string } {
  const value = options.text('note');
  return value === undefined ? {} : { note: value };
}

/** An option that must be there. @throws CliError */
export function required({ options }: Invocation, name: string, commandName: string): string {
  const value = options.text(name);
  if (value === undefined) throw usageError(`--${name} is missing`, commandName);
  return value;
}

/** When the act happened, where the caller says so. */
export function eventTime({ options }: Invocation): { readonly eventTime?: string } {
  const value = options.text('event-time');
  return value === undefined ? {} : { eventTime: value };
}
