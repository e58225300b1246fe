import { ApiClient } from '../api/api-client.js';
import { apiAccess } from '../api/credentials.js';
import { usageError } from '../cli-error.js';
import type { ExitCode, Invocation } from '../command.js';
import { act, eventTime, required, ssccOf } from './acts.js';

interface PlaceList {
  readonly places: readonly {
    readonly name: string;
    readonly identifier: Readonly<Record<string, string | null>>;
    readonly loggers: readonly { readonly serial: string; readonly silentSince: string | null }[];
    readonly units: readonly { readonly sscc: string; readonly since: string }[];
  }[];
}

const pathOf = (place: string): string => `/v1/places/${encodeURIComponent(place)}`;

/** Registers a place, and loggers that watch it from now on. */
export async function runPlaceAdd(invocation: Invocation): Promise<ExitCode> {
  const { positionals, options, json, terminal } = invocation;
  const [name = ''] = positionals;
  const [gln, giai] = [options.text('gln'), options.text('vehicle')];
  if ((gln === undefined) === (giai === undefined)) throw usageError('give --gln or --vehicle', 'place add');
  const extension = options.text('extension') ?? null;
  const identifier = gln === undefined ? { kind: 'vehicle', giai } : { kind: 'location', gln, extension };
  const client = new ApiClient(apiAccess(invocation, ['device-manager', 'administrator']));
  const place = await client.post('/v1/places', { name, identifier });
  const loggers = options.list('logger');
  for (const logger of loggers) await client.post(`${pathOf(name)}/loggers`, { logger });
  if (json) terminal.out(JSON.stringify({ ...(place as object), loggers }));
  else terminal.out(`${name}: ${loggers.length === 0 ? 'no logger watches it' : `watched by ${loggers.join(', ')}`}`);
  return 0;
}

/** One line per place. */
export async function runPlaceList(invocation: Invocation): Promise<ExitCode> {
  const { json, terminal } = invocation;
  const client = new ApiClient(apiAccess(invocation, ['device-manager', 'quality', 'shipper', 'auditor']));
  const answer = (await client.get('/v1/places', { limit: '1000' })) as PlaceList;
  if (json) terminal.out(JSON.stringify(answer));
  else {
    for (const { name, identifier, loggers, units } of answer.places) {
      const where = [identifier['gln'] ?? identifier['giai'], identifier['extension']].filter((part) => part != null);
      const watched = loggers.map(({ serial, silentSince }) =>
        silentSince === null ? serial : `${serial} (silent since ${silentSince})`,
      );
      terminal.out(
        [name, where.join('/'), watched.length === 0 ? 'no logger' : watched.join(', '), `${units.length} units`].join(
          '  ',
        ),
      );
    }
  }
  return 0;
}

/** Takes a logger out of a place. */
export async function runPlaceUnwatch(invocation: Invocation): Promise<ExitCode> {
  const { positionals, json, terminal } = invocation;
  const [place = '', logger = ''] = positionals;
  const client = new ApiClient(apiAccess(invocation, ['device-manager', 'administrator']));
  const answer = await client.delete(`${pathOf(place)}/loggers/${encodeURIComponent(logger)}`);
  terminal.out(json ? JSON.stringify(answer) : `${logger} watches ${place} no longer`);
  return 0;
}

export const runPlaceEnter = (invocation: Invocation): Promise<ExitCode> => move(invocation, 'units');
export const runPlaceLeave = (invocation: Invocation): Promise<ExitCode> => move(invocation, 'departures');

function move(invocation: Invocation, way: 'units' | 'departures'): Promise<ExitCode> {
  const [place = '', ...ssccs] = invocation.positionals;
  const body = { ssccs: ssccs.map(ssccOf), ...eventTime(invocation) };
  return act(invocation, ['shipper', 'dispenser', 'quality'], `${pathOf(place)}/${way}`, body);
}

/** Registers a qualified packaging. */
export async function runPackagingAdd(invocation: Invocation): Promise<ExitCode> {
  const { positionals, json, terminal } = invocation;
  const [name = ''] = positionals;
  const number = (option: string, factor: number): number => {
    const value = Number(required(invocation, option, 'packaging add'));
    if (!Number.isFinite(value)) throw usageError(`--${option} is not a number`, 'packaging add');
    return Math.round(value * factor);
  };
  const client = new ApiClient(apiAccess(invocation, ['quality']));
  const answer = await client.post('/v1/packagings', {
    name,
    qualifiedMs: number('hours', 3_600_000),
    minMilliCelsius: number('min', 1000),
    maxMilliCelsius: number('max', 1000),
    certificate: required(invocation, 'certificate', 'packaging add'),
  });
  terminal.out(json ? JSON.stringify(answer) : `${name} is registered`);
  return 0;
}
