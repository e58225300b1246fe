import { type Clock, sleep, SystemClock, SystemRandom } from '@coldchain/kernel';
import {
  type FrameReading,
  type SimulatedKind,
  type SimulatedPlace,
  simulatedMilliCelsius,
} from '@coldchain/telemetry';
import { usageError } from '../cli-error.js';
import type { ExitCode, Invocation } from '../command.js';
import { FrameSender } from '../gateway/frame-sender.js';
import { FrameStore } from '../gateway/frame-store.js';
import { cutIntoFrames, keepFrames } from '../gateway/frames-of.js';
import { countOption, gatewayConnection, instantOption } from '../gateway/gateway-connection.js';
import { sendUntilAcknowledged } from '../gateway/until-acknowledged.js';

const NAME = 'gateway simulate';
const KINDS = ['fridge-2-8', 'freezer-20', 'crt', 'failing-fridge'] as const satisfies readonly SimulatedKind[];
const DAY_MS = 86_400_000;
/** A simulator that was away for longer tells only the end of what it missed. */
const LONGEST_CATCH_UP_MS = 7 * DAY_MS;
const CATCH_UP_READINGS = 6_000;

/** Publishes the readings of a simulated place, from `--from` on and then as time passes. */
export async function runGatewaySimulate(invocation: Invocation): Promise<ExitCode> {
  const { json, options, terminal } = invocation;
  const connection = gatewayConnection(invocation, NAME);
  const logger = options.text('logger');
  if (logger === undefined) throw usageError('--logger is missing', NAME);
  const clock = new SystemClock();
  const random = new SystemRandom();
  const kind = kindOf(options.text('profile') ?? 'fridge-2-8');
  const seed = options.text('seed') ?? logger;
  const source = `simulate ${kind} ${seed} ${logger}`;
  const header = {
    boot: options.text('boot') ?? `sim-${random.bytes(8).toString('hex')}`,
    gateway: connection.gateway,
    source,
    startedAt: instantOption(invocation, 'from', clock.now(), NAME) ?? clock.now(),
  };
  const path = options.text('store');
  const store = path === undefined ? FrameStore.inMemory(header) : FrameStore.open(path, header);
  const simulation: Simulation = {
    logger,
    place: placeOf(invocation, kind, seed, store.header.startedAt, clock.now()),
    intervalMs: countOption(invocation, 'interval', 300_000, DAY_MS, NAME),
    endsAt: store.header.startedAt + durationOf(options.text('duration')),
    frameSize: countOption(invocation, 'frame', 60, 1000, NAME),
  };
  const sender = new FrameSender({ ...connection, store, clock, random, note: (line) => terminal.note(line) });
  const complete = await sendUntilAcknowledged(sender, store, terminal, (signal) =>
    produce(simulation, store, sender, clock, signal),
  );
  const endless = simulation.endsAt === Infinity;
  if (json) {
    const { boot } = store.header;
    terminal.out(
      JSON.stringify({
        boot,
        frames: store.nextSeq,
        acknowledged: complete,
        open: store.pending,
        rejected: [...sender.rejected],
      }),
    );
  }
  for (const [seq, code] of sender.rejected) terminal.note(`frame ${seq} was set aside: ${code}`);
  if (sender.rejected.size > 0) return 1;
  // Without a duration being stopped is how it ends.
  return complete || endless ? 0 : 2;
}

interface Simulation {
  readonly logger: string;
  readonly place: SimulatedPlace;
  readonly intervalMs: number;
  /** ms since 1970; Infinity: goes on until it is stopped. */
  readonly endsAt: number;
  readonly frameSize: number;
}

async function produce(
  simulation: Simulation,
  store: FrameStore,
  sender: FrameSender,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const { intervalMs, endsAt, frameSize } = simulation;
  let next = firstDue(simulation, store, clock.now());
  while (!signal.aborted && next <= endsAt) {
    const now = clock.now();
    const due = readingsDue(simulation, next, Math.min(now, endsAt));
    if (due.length > 0) {
      keepFrames(store, cutIntoFrames(due, frameSize));
      sender.nudge();
      next += due.length * intervalMs;
    }
    // Lets the sender work between two large steps of a catch-up.
    await sleep(Math.max(0, Math.min(next - clock.now(), 60_000)), signal);
  }
}

/** After the last reading that is kept or was acknowledged; on the grid of the interval from the start on. */
function firstDue({ place, intervalMs }: Simulation, store: FrameStore, now: number): number {
  const after = store.lastReadingAt === null ? place.startedAt : store.lastReadingAt + intervalMs;
  const earliest = store.lastReadingAt === null ? place.startedAt : Math.max(after, now - LONGEST_CATCH_UP_MS);
  return place.startedAt + Math.ceil((earliest - place.startedAt) / intervalMs) * intervalMs;
}

function readingsDue({ logger, place, intervalMs }: Simulation, from: number, to: number): FrameReading[] {
  const count = Math.min(Math.max(0, Math.floor((to - from) / intervalMs) + 1), CATCH_UP_READINGS);
  return Array.from({ length: count }, (_, index) => {
    const at = from + index * intervalMs;
    return { logger, at, milliCelsius: simulatedMilliCelsius(place, at), humidityPermille: null, counter: null };
  });
}

function placeOf(
  invocation: Invocation,
  kind: SimulatedKind,
  seed: string,
  startedAt: number,
  now: number,
): SimulatedPlace {
  const failsAt = instantOption(invocation, 'fails-at', now, NAME);
  if (failsAt === null) return { kind, seed, startedAt };
  if (kind !== 'failing-fridge') throw usageError('--fails-at goes with --profile failing-fridge only', NAME);
  return { kind, seed, startedAt, failsAfterMs: failsAt - startedAt };
}

function kindOf(text: string): SimulatedKind {
  const kind = KINDS.find((known) => known === text);
  if (kind === undefined) throw usageError(`there is no profile '${text}', only ${KINDS.join(', ')}`, NAME);
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
