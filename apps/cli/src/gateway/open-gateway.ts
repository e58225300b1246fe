import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  AlarmMonitor,
  type AlarmEvent,
  FileLogStorage,
  FRAME_FORMATS,
  FrameLog,
  type FrameFormat,
  type FrameSigner,
  Gateway,
  type GatewayClock,
  GatewayLogError,
  type LogOwner,
  MemoryLogStorage,
  newBootName,
  type SendBounds,
  type Uplink,
} from '@coldchain/gateway-kit';
import type { Random } from '@coldchain/kernel';
import { isPresetName, PRESET_NAMES, presetProfile } from '@coldchain/telemetry';
import { CliError, usageError } from '../cli-error.js';
import type { Invocation } from '../command.js';
import type { GatewayConnection } from './gateway-connection.js';

/** What a command puts a gateway together from. */
export interface OpenGateway {
  readonly connection: GatewayConnection;
  readonly owner: LogOwner;
  readonly uplink: Uplink;
  readonly clock: GatewayClock;
  readonly random: Random;
  readonly bounds: SendBounds;
  /** The source gives the same bytes under the same numbers each time. */
  readonly repeats: boolean;
  readonly intervalMs: number;
  readonly commandName: string;
}

/**
 * A gateway of the kit as `--store`, `--format`, `--sign-key` and `--alarm` say.
 * @throws CliError `store-of-another`, `store-unusable`, usage
 */
export function openGateway(invocation: Invocation, parts: OpenGateway): Gateway {
  const { terminal, options } = invocation;
  const { connection, owner, random, intervalMs, commandName } = parts;
  const format = formatOf(options.text('format'), commandName);
  const signer = signerOf(options.text('sign-key'), options.text('key-id'), commandName);
  if (format === 'cose' && signer === null) throw usageError('--format cose needs --sign-key', commandName);
  const alarms = alarmsOf(options.text('alarm'), intervalMs, commandName);
  return new Gateway(
    {
      ...parts,
      platformKey: connection.platformKey,
      log: openLog(options.text('store'), owner),
      format,
      signer,
      alarms,
      ring: (event) => terminal.note(lineOf(event)),
      note: (line) => terminal.note(line),
    },
    () => newBootName(random),
  );
}

function openLog(path: string | undefined, owner: LogOwner): FrameLog {
  try {
    return FrameLog.open(path === undefined ? new MemoryLogStorage() : new FileLogStorage(path), owner);
  } catch (error) {
    if (error instanceof GatewayLogError && error.code === 'log-of-another') {
      throw new CliError('store-of-another', error.message, 'name another folder with --store', 1, { cause: error });
    }
    const reason = error instanceof Error ? error.message : String(error);
    throw new CliError('store-unusable', `'${path}': ${reason}`, 'name a folder that can be written', 1, {
      cause: error,
    });
  }
}

function formatOf(text: string | undefined, commandName: string): FrameFormat {
  const format = FRAME_FORMATS.find((known) => known === (text ?? 'compact'));
  if (format === undefined) throw usageError(`--format: one of ${FRAME_FORMATS.join(', ')}`, commandName);
  return format;
}

function signerOf(path: string | undefined, kid: string | undefined, commandName: string): FrameSigner | null {
  if (path === undefined) return null;
  try {
    const privateKey = createPrivateKey(readFileSync(path));
    const algorithm = privateKey.asymmetricKeyType === 'ed25519' ? 'Ed25519' : 'ES256';
    if (algorithm === 'ES256' && privateKey.asymmetricKeyDetails?.namedCurve !== 'prime256v1')
      throw new Error('neither Ed25519 nor P-256');
    return { kid: kid ?? 'k1', algorithm, privateKey };
  } catch (cause) {
    throw usageError(`--sign-key: '${path}' holds no private key that can be used (${String(cause)})`, commandName);
  }
}

function alarmsOf(name: string | undefined, intervalMs: number, commandName: string): AlarmMonitor | null {
  if (name === undefined) return null;
  if (!isPresetName(name)) throw usageError(`--alarm: one of ${PRESET_NAMES.join(', ')}`, commandName);
  return new AlarmMonitor({ profile: presetProfile(name).thermal, intervalMs });
}

function lineOf({ state, alarm }: AlarmEvent): string {
  const { logger, rule, since, extremeMilliCelsius, durationMs } = alarm;
  const facts = `${logger} ${rule} since ${new Date(since).toISOString()}, ${extremeMilliCelsius / 1000} °C`;
  return state === 'ringing' ? `ALARM ${facts}` : `alarm over: ${facts} at most, ${Math.round(durationMs / 1000)} s`;
}
