import { createHash } from 'node:crypto';
import { cutIntoFrames, type Gateway, type LogOwner, SystemGatewayClock } from '@coldchain/gateway-kit';
import { sleep, SystemRandom } from '@coldchain/kernel';
import type { FrameReading, LoggerFile } from '@coldchain/telemetry';
import { usageError } from '../cli-error.js';
import type { ExitCode, Invocation } from '../command.js';
import { countOption, gatewayConnection, instantOption } from '../gateway/gateway-connection.js';
import { MqttUplink } from '../gateway/mqtt-uplink.js';
import { openGateway } from '../gateway/open-gateway.js';
import { runUntilAcknowledged } from '../gateway/until-acknowledged.js';
import { loggerFileOf } from './logger-file.js';

const NAME = 'gateway replay';
/** For alarms: how long a reading of the recording holds. */
const REPLAY_INTERVAL_MS = 900_000;
/** The same replay must give the same bytes, so its frames tell nothing of the clocks of this run. */
const sentWithoutClock = (): null => null;

/** Publishes a logger export as a gateway would have; 0 when the platform acknowledged all of it. */
export async function runGatewayReplay(invocation: Invocation): Promise<ExitCode> {
  const { json, options, terminal } = invocation;
  const connection = gatewayConnection(invocation, NAME);
  const size = countOption(invocation, 'frame', 60, 1000, NAME);
  const speed = speedOf(options.text('speed') ?? 'max');
  const clock = new SystemGatewayClock();
  const file = await loggerFileOf(invocation, NAME);
  const shiftEnd = instantOption(invocation, 'shift-end', clock.now(), NAME);
  const readings = readingsOf(invocation, file, shiftEnd);
  if (readings.length === 0) {
    terminal.note('no readings in this file: the device keeps daily summaries only');
    return 2;
  }
  const owner = ownerOf(invocation, connection.gateway, readings, size);
  const gateway = openGateway(invocation, {
    connection,
    owner,
    uplink: new MqttUplink({ ...connection, note: (line) => terminal.note(line) }),
    clock,
    random: new SystemRandom(),
    // There is nothing live beside it.
    bounds: { backlogWindow: Infinity, backlogPerSecond: Infinity },
    repeats: true,
    intervalMs: REPLAY_INTERVAL_MS,
    commandName: NAME,
  });
  const { log } = gateway;
  // Times that were moved stay as they were when the store was begun, or a number would get other bytes.
  const shift = log.startedAt - owner.startedAt;
  const frames = cutIntoFrames(
    readings.map((reading) => ({ ...reading, at: reading.at + shift })),
    size,
  );
  const started = performance.now();
  const complete = await runUntilAcknowledged(gateway, terminal, (signal) => produce(frames, gateway, speed, signal));
  const { rejected } = gateway;
  const summary = {
    boot: log.boot,
    frames: frames.length,
    readings: readings.length,
    acknowledged: complete,
    rejected: rejected.map(({ seq, code }) => [seq, code]),
    durationMs: Math.round(performance.now() - started),
  };
  if (json) terminal.out(JSON.stringify(summary));
  else if (complete)
    terminal.out(`${summary.readings} readings in ${summary.frames} frames acknowledged (boot ${summary.boot})`);
  for (const { seq, code } of rejected) terminal.note(`frame ${seq} was set aside: ${code}`);
  if (!complete) terminal.note(`stopped before everything was acknowledged; ${log.pending} frames are open`);
  return complete ? (rejected.length > 0 ? 1 : 0) : 2;
}

function readingsOf({ options }: Invocation, file: LoggerFile, shiftEnd: number | null): FrameReading[] {
  const logger = options.text('logger') ?? file.serial;
  if (logger === null) throw usageError('--logger is missing, and the file names no serial number', NAME);
  const last = file.readings.at(-1)?.at ?? 0;
  const shift = shiftEnd === null ? 0 : shiftEnd - last;
  return file.readings.map((reading) => ({ ...reading, at: reading.at + shift, logger, counter: null }));
}

/**
 * Without `--boot` the boot follows from what is sent: the same replay a second time is a duplicate that leaves nothing.
 */
function ownerOf({ options }: Invocation, gateway: string, readings: readonly FrameReading[], size: number): LogOwner {
  const startedAt = readings[0]?.at ?? 0;
  const content = readings.map(({ logger, at, milliCelsius, humidityPermille }) => [
    logger,
    at - startedAt,
    milliCelsius,
    humidityPermille,
  ]);
  const digest = createHash('sha256').update(JSON.stringify([size, content]));
  const source = `replay ${digest.copy().digest('hex')}`;
  const boot = options.text('boot') ?? `replay-${digest.update(String(startedAt)).digest('hex').slice(0, 16)}`;
  return { boot, gateway, source, startedAt };
}

async function produce(
  frames: readonly (readonly FrameReading[])[],
  gateway: Gateway,
  speed: number,
  signal: AbortSignal,
): Promise<void> {
  const rest = frames.slice(gateway.log.nextSeq);
  if (speed === Infinity) {
    gateway.record(rest, sentWithoutClock);
    return;
  }
  const begin = performance.now();
  const first = rest[0]?.[0]?.at ?? 0;
  for (const frame of rest) {
    const dueMs = ((frame.at(-1)?.at ?? first) - first) / speed - (performance.now() - begin);
    if (dueMs > 0) await sleep(dueMs, signal);
    if (signal.aborted) return;
    gateway.record([frame], sentWithoutClock);
  }
}

/** How many seconds of the recording pass in a second. */
function speedOf(text: string): number {
  if (text === 'max') return Infinity;
  const speed = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
  if (!(speed > 0)) throw usageError('--speed must be a positive number or max', NAME);
  return speed;
}
