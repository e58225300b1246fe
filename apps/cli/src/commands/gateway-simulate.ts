import {
  COLD_STORE_KINDS,
  ColdStore,
  type ColdStoreKind,
  type Fault,
  FaultInvalid,
  type Gateway,
  GatewayLogError,
  lateBy,
  LONGEST_LATE_MS,
  parseFault,
  SimulatedGatewayClock,
  SimulatedSensor,
  UnreliableUplink,
} from '@coldchain/gateway-kit';
import { type Clock, SeededRandom, sleep, SystemClock, SystemRandom } from '@coldchain/kernel';
import type { FrameReading } from '@coldchain/telemetry';
import { usageError } from '../cli-error.js';
import type { ExitCode, Invocation } from '../command.js';
import { countOption, gatewayConnection, instantOption } from '../gateway/gateway-connection.js';
import { MqttUplink } from '../gateway/mqtt-uplink.js';
import { openGateway } from '../gateway/open-gateway.js';
import { isLate, type Measured, recordMeasured } from '../gateway/record-measured.js';
import { runUntilAcknowledged } from '../gateway/until-acknowledged.js';

const NAME = 'gateway simulate';
const DAY_MS = 86_400_000;
/** A simulator that was away for longer tells only the end of what it missed. */
const LONGEST_CATCH_UP_MS = 7 * DAY_MS;
const CATCH_UP_READINGS = 6_000;
const DEFAULT_FAILURE_MS = 600_000;
/** Wait for a log that takes nothing. */
const FULL_MS = 5_000;

/** Publishes the readings of a simulated cold store, from `--from` on and then as time passes. */
export async function runGatewaySimulate(invocation: Invocation): Promise<ExitCode> {
  const { json, options, terminal } = invocation;
  const connection = gatewayConnection(invocation, NAME);
  const logger = options.text('logger');
  if (logger === undefined) throw usageError('--logger is missing', NAME);
  const truth = new SystemClock();
  const random = new SystemRandom();
  const kind = kindOf(options.text('profile') ?? 'fridge-2-8');
  const seed = options.text('seed') ?? logger;
  const begun = truth.now();
  const startedAt = instantOption(invocation, 'from', begun, NAME) ?? begun;
  const faults = faultsOf(invocation, kind, startedAt, begun);
  const clock = new SimulatedGatewayClock(truth, startedAt, faults);
  const intervalMs = countOption(invocation, 'interval', 300_000, DAY_MS, NAME);
  const uplink = new MqttUplink({ ...connection, note: (line) => terminal.note(line) });
  const gateway = openGateway(invocation, {
    connection,
    // Each start of a gateway counts anew: a number is never used twice, whatever its disk has lost.
    owner: {
      boot: options.text('boot') ?? `sim-${random.bytes(8).toString('hex')}`,
      gateway: connection.gateway,
      source: `simulate ${kind} ${seed} ${logger}`,
      startedAt,
    },
    uplink: new UnreliableUplink(uplink, faults, truth, new SeededRandom(`${seed}/uplink`)),
    clock,
    random,
    // A simulated gateway that begins in the past is to be there soon.
    bounds: { backlogWindow: 50, backlogPerSecond: 200 },
    repeats: false,
    intervalMs,
    commandName: NAME,
  });
  const { log } = gateway;
  const plan = { kind, seed, startedAt: log.startedAt, faults };
  const simulation: Simulation = {
    logger,
    seed,
    sensor: new SimulatedSensor(new ColdStore(plan), seed, faults),
    faults,
    startedAt: log.startedAt,
    clock,
    intervalMs,
    endsAt: log.startedAt + durationOf(options.text('duration')),
    frameSize: countOption(invocation, 'frame', 60, 1000, NAME),
  };
  const complete = await runUntilAcknowledged(gateway, terminal, (signal) =>
    produce(simulation, gateway, truth, (line) => terminal.note(line), signal),
  );
  const { rejected } = gateway;
  if (json) {
    terminal.out(
      JSON.stringify({
        boot: log.boot,
        frames: log.nextSeq,
        acknowledged: complete,
        open: log.pending,
        rejected: rejected.map(({ seq, code }) => [seq, code]),
      }),
    );
  }
  for (const { seq, code } of rejected) terminal.note(`frame ${seq} was set aside: ${code}`);
  if (rejected.length > 0) return 1;
  // Without a duration being stopped is how it ends.
  return complete || simulation.endsAt === Infinity ? 0 : 2;
}

interface Simulation {
  readonly logger: string;
  readonly seed: string;
  readonly sensor: SimulatedSensor;
  readonly faults: readonly Fault[];
  /** True time, ms since 1970. */
  readonly startedAt: number;
  readonly clock: SimulatedGatewayClock;
  readonly intervalMs: number;
  /** ms since 1970; Infinity: goes on until it is stopped. */
  readonly endsAt: number;
  readonly frameSize: number;
}

async function produce(
  simulation: Simulation,
  gateway: Gateway,
  truth: Clock,
  note: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const { intervalMs, endsAt } = simulation;
  let next = firstDue(simulation, gateway, truth.now());
  let held = untold(simulation, next);
  while (!signal.aborted && (next <= endsAt || held.length > 0)) {
    const now = truth.now();
    const due = measuredDue(simulation, next, Math.min(now, endsAt));
    next += due.length * intervalMs;
    held.push(...due);
    const heard = held.filter(({ heardAt }) => heardAt <= now || next > endsAt);
    if (!recorded(simulation, gateway, heard, note)) {
      await sleep(FULL_MS, signal);
      continue;
    }
    held = held.filter((measured) => !heard.includes(measured));
    // Lets the sender work between two large steps of a catch-up.
    const wakeAt = Math.min(next <= endsAt ? next : Infinity, ...held.map(({ heardAt }) => heardAt));
    if (wakeAt < Infinity) await sleep(Math.max(0, Math.min(wakeAt - truth.now(), 60_000)), signal);
  }
}

/** False: the log took nothing; loggers keep what they measured, and it is tried again. */
function recorded(
  simulation: Simulation,
  gateway: Gateway,
  heard: readonly Measured[],
  note: (line: string) => void,
): boolean {
  try {
    recordMeasured(gateway, heard, { ...simulation, readingAt: (at) => readingOf(simulation, at) });
    return true;
  } catch (error) {
    if (!(error instanceof GatewayLogError)) throw error;
    note(`${error.code}: ${error.message}, trying again`);
    return false;
  }
}

function readingOf({ logger, sensor, clock, startedAt, intervalMs }: Simulation, at: number): FrameReading {
  const counter = Math.round((at - startedAt) / intervalMs);
  return { logger, at: clock.wallAt(at), milliCelsius: sensor.milliCelsiusAt(at), humidityPermille: null, counter };
}

/** After the last reading that is kept or was acknowledged; on the grid of the interval from the start on. */
function firstDue({ startedAt, intervalMs }: Simulation, { log }: Gateway, now: number): number {
  const { lastReadingAt } = log;
  if (lastReadingAt === null) return startedAt;
  const earliest = Math.max(lastReadingAt + intervalMs, now - LONGEST_CATCH_UP_MS);
  return startedAt + Math.ceil((earliest - startedAt) / intervalMs) * intervalMs;
}

/** What loggers still had to tell when an earlier run ended; some of it may have been told. */
function untold(simulation: Simulation, next: number): Measured[] {
  const { startedAt, intervalMs } = simulation;
  const steps = Math.min(Math.floor(LONGEST_LATE_MS / intervalMs), (next - startedAt) / intervalMs);
  const before = measuredDue(simulation, next - steps * intervalMs, next - intervalMs);
  return before.filter((measured) => isLate(measured) && measured.heardAt >= next - intervalMs);
}

function measuredDue({ faults, seed, intervalMs }: Simulation, from: number, to: number): Measured[] {
  const count = Math.min(Math.max(0, Math.floor((to - from) / intervalMs) + 1), CATCH_UP_READINGS);
  return Array.from({ length: count }, (_, index) => {
    const at = from + index * intervalMs;
    return { at, heardAt: at + lateBy(faults, seed, at) };
  });
}

function faultsOf(invocation: Invocation, kind: ColdStoreKind, startedAt: number, now: number): readonly Fault[] {
  const failsAt = instantOption(invocation, 'fails-at', now, NAME);
  if (failsAt !== null && kind !== 'failing-fridge')
    throw usageError('--fails-at goes with --profile failing-fridge only', NAME);
  const failure: Fault = {
    kind: 'no-compressor',
    from: failsAt ?? startedAt + DEFAULT_FAILURE_MS,
    until: Infinity,
    value: 0,
  };
  try {
    const given = invocation.options.list('fault').map((text) => parseFault(text, startedAt));
    return kind === 'failing-fridge' ? [failure, ...given] : given;
  } catch (error) {
    if (error instanceof FaultInvalid) throw usageError(error.message, NAME);
    throw error;
  }
}

function kindOf(text: string): ColdStoreKind {
  const kind = COLD_STORE_KINDS.find((known) => known === text);
  if (kind === undefined) throw usageError(`there is no profile '${text}', only ${COLD_STORE_KINDS.join(', ')}`, NAME);
  return kind;
}

/** `90s`, `10m`, `2h`, `3d`, or ms. Without one it never ends. */
function durationOf(text: string | undefined): number {
  if (text === undefined) return Infinity;
  const [, count, unit = 'ms'] = /^(\d{1,12})(ms|s|m|h|d)?$/.exec(text) ?? [];
  if (count === undefined) throw usageError('--duration must be like 90s, 10m, 2h or 3d', NAME);
  const factors: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: DAY_MS };
  return Number(count) * (factors[unit] ?? 1);
}
