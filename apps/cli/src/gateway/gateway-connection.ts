import { createPublicKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { loadConfiguration } from '@coldchain/runtime';
import { CliError, usageError } from '../cli-error.js';
import type { Invocation } from '../command.js';

/** Where to publish, and as whom. */
export interface GatewayConnection {
  readonly url: string;
  readonly gateway: string;
  readonly password: string;
  readonly platformKey: KeyObject | null;
}

/** @throws CliError where something is missing */
export function gatewayConnection({ options, terminal }: Invocation, commandName: string): GatewayConnection {
  const configuration = loadConfiguration('cli', terminal.environment);
  const gateway = options.text('gateway') ?? '';
  if (!/^[a-z0-9][a-z0-9-]*\/[A-Za-z0-9][A-Za-z0-9._-]*$/.test(gateway)) {
    throw usageError(`--gateway ORGANISATION/NAME is missing or has another shape: '${gateway}'`, commandName);
  }
  const password = options.text('password') ?? configuration.gatewayPassword;
  if (password === null) {
    throw new CliError(
      'password-missing',
      `no password for ${gateway}`,
      'set CCT_GATEWAY_PASSWORD or give --password',
      64,
    );
  }
  const url =
    options.text('url') ?? configuration.mqttUrl ?? `mqtt://${configuration.mqttHost}:${configuration.mqttPort}`;
  if (!/^(mqtts?|wss?):\/\//.test(url) || !URL.canParse(url))
    throw usageError(`'${url}' is no MQTT address`, commandName);
  return { url, gateway, password, platformKey: platformKeyOf(options.text('platform-key'), commandName) };
}

function platformKeyOf(path: string | undefined, commandName: string): KeyObject | null {
  if (path === undefined) return null;
  try {
    return createPublicKey(readFileSync(path));
  } catch (cause) {
    throw usageError(`--platform-key: '${path}' holds no public key (${String(cause)})`, commandName);
  }
}

/** A whole number of an option. @throws CliError */
export function countOption(
  { options }: Invocation,
  name: string,
  fallback: number,
  largest: number,
  commandName: string,
): number {
  const text = options.text(name);
  if (text === undefined) return fallback;
  const value = /^\d{1,12}$/.test(text) ? Number(text) : NaN;
  if (!(value >= 1 && value <= largest))
    throw usageError(`--${name} must be a whole number from 1 to ${largest}`, commandName);
  return value;
}

/** An instant of an option, ms since 1970; `now` is allowed. @throws CliError */
export function instantOption({ options }: Invocation, name: string, now: number, commandName: string): number | null {
  const text = options.text(name);
  if (text === undefined) return null;
  if (text === 'now') return now;
  const at = /^\d{4}-\d\d-\d\d(T.*)?$/.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(at)) throw usageError(`--${name} must be a time such as 2026-11-21T08:00:00Z, or now`, commandName);
  return at;
}
