import { ApiClient } from '../api/api-client.js';
import { apiAccess } from '../api/credentials.js';
import { CliError, usageError } from '../cli-error.js';
import type { ExitCode, Invocation } from '../command.js';

interface CreatedGateway {
  readonly name: string;
  readonly user: string;
  readonly password: string | null;
  readonly topic: string;
}

/** Registers a gateway, and loggers with it; prints the password, which is never shown again. */
export async function runGatewayAdd(invocation: Invocation): Promise<ExitCode> {
  const { positionals, options, json, terminal } = invocation;
  const loggers = options.list('logger').map(loggerOf);
  const client = new ApiClient(apiAccess(invocation, ['device-manager', 'administrator']));
  for (const logger of loggers) await client.post('/v1/loggers', logger);
  const gateway = (await client.post('/v1/gateways', {
    name: positionals[0] ?? '',
    acceptsUnsequenced: options.flag('unsequenced'),
  })) as CreatedGateway;
  if (gateway.password === null) {
    throw new CliError(
      'password-not-shown',
      'the gateway was made by an earlier request, which showed its password',
      'add one with another name',
    );
  }
  if (json) terminal.out(JSON.stringify({ ...gateway, loggers: loggers.map(({ serial }) => serial) }));
  else {
    terminal.out(`user     ${gateway.user}\npassword ${gateway.password}\ntopic    ${gateway.topic}`);
    terminal.note('The password is not kept anywhere in clear: note it now.');
  }
  return 0;
}

/** `SERIAL[:INTERVAL]`, the interval in ms. */
function loggerOf(text: string): { serial: string; intervalMs: number } {
  const [, serial = '', interval] = /^(.+?)(?::(\d+))?$/.exec(text) ?? [];
  if (serial === '') throw usageError(`'${text}' is not SERIAL[:INTERVAL]`, 'gateway add');
  return { serial, intervalMs: interval === undefined ? 300_000 : Number(interval) };
}
