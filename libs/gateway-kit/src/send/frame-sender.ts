import type { KeyObject } from 'node:crypto';
import { type Random, sleep } from '@coldchain/kernel';
import type { GatewayClock } from '../gateway-clock.js';
import type { FrameLog, KeptFrame, NewBoot, NewFrame } from '../log/frame-log.js';
import { GatewayLogError } from '../log/gateway-log-error.js';
import { type Acknowledgement, type BootAcknowledgement, readAcknowledgement } from './acknowledgement.js';
import { ClockReport } from './clock-report.js';
import { isSignedBy, readResendRequest } from './platform-message.js';
import { type SendBounds, SendQueue } from './send-queue.js';
import { Settlement } from './settlement.js';
import type { DownChannel, Uplink, UplinkConnection } from './uplink.js';

/** Options of {@link FrameSender}. */
export interface FrameSenderOptions {
  readonly log: FrameLog;
  readonly uplink: Uplink;
  readonly clock: GatewayClock;
  readonly random: Random;
  /** Key that acknowledgements and commands must be signed with; null: any are believed. */
  readonly platformKey: KeyObject | null;
  readonly bounds?: SendBounds;
  /** What the wall clock showed when the counting one was 0, for each boot of this run: its frames are dated by that. */
  readonly wallAtStart: () => ReadonlyMap<string, number>;
  /**
   * The boot that goes on where numbers of another one turn out to be taken; it has the clock of that one, and the name
   * that was given before where it could not be begun then. Left out: the source gives the same bytes under the same
   * numbers, which are sent though they are taken.
   */
  readonly bootInsteadOf?: (boot: string, unbegun: string | null) => NewBoot;
  /** For people. */
  readonly note: (line: string) => void;
}

/** A new boot waits so long for the platform's time before it sends: what is dated by a wrong clock would be set aside. */
const FIRST_ACKNOWLEDGEMENT_MS = 10_000;
/** On later connections what is known there is waited for, so that less is sent twice. */
const ACKNOWLEDGEMENT_MS = 1_500;
const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 15_000;
/** Longest wait until the queue is looked at again. */
const LOOK_MS = 100;
const GOODBYE_MS = 500;

/** A number that the platform set aside, and its code. */
export interface RejectedFrame {
  readonly boot: string;
  readonly seq: number;
  readonly code: string;
}

/**
 * Sends what a log keeps until an application acknowledgement covers it: again after a lost connection, and again when no
 * acknowledgement comes. A transport's confirmation alone proves nothing.
 */
export class FrameSender {
  private readonly queue: SendQueue;
  private connection: UplinkConnection | null = null;
  private wake = new AbortController();
  private readonly clocks: ClockReport;
  private readonly settlement: Settlement;
  /** Frames that are to be sent once more because of their time, and are on the way. */
  private readonly asked = new WeakSet<KeptFrame>();
  /** Why frames could not get other numbers: nothing may be sent under those that they have. */
  private failure: GatewayLogError | null = null;
  private readonly setAside = new Map<string, RejectedFrame>();
  /** Names of boots that could not be begun yet, by the one that each goes on for: their clocks are told already. */
  private readonly unbegun = new Map<string, string>();

  constructor(private readonly options: FrameSenderOptions) {
    this.queue = new SendQueue(options.log, options.bounds ?? {});
    this.clocks = new ClockReport(options.wallAtStart);
    this.settlement = new Settlement(this.clocks);
  }

  /** Numbers that the platform set aside. */
  get rejected(): readonly RejectedFrame[] {
    return [...this.setAside.values()];
  }

  /**
   * Frames that were kept just now: they go before all that waits. `made`: what each was made from, so that it can get
   * another number before it is sent.
   */
  kept(frames: readonly KeptFrame[], made: readonly NewFrame[] = []): void {
    this.clocks.tell(this.connection);
    this.settlement.kept(frames, made);
    this.queue.kept(frames, this.options.clock.up());
    this.wake.abort();
  }

  /**
   * Connects, sends and connects again until aborted.
   * @throws what the uplink refuses for good
   */
  async run(signal: AbortSignal): Promise<void> {
    let failures = 0;
    const stop = (): void => this.wake.abort();
    signal.addEventListener('abort', stop);
    try {
      while (!signal.aborted) {
        if (await this.serve(signal)) failures = 0;
        else {
          const wait = Math.min(FIRST_RETRY_MS * 2 ** failures++, LONGEST_RETRY_MS);
          await sleep(wait * (0.5 + this.options.random.unit() / 2), signal);
        }
      }
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  /** One connection from its begin to its end; false: there was none that served. */
  private async serve(signal: AbortSignal): Promise<boolean> {
    const closed = new AbortController();
    const acknowledged = new AbortController();
    const connection = await this.options.uplink.connect(
      {
        heard: (channel, payload) => {
          if (this.heard(channel, payload)) acknowledged.abort();
        },
        closed: () => {
          closed.abort();
          acknowledged.abort();
          this.wake.abort();
        },
      },
      signal,
    );
    if (connection === null) return false;
    this.connection = connection;
    this.queue.connected(this.options.clock.up());
    this.clocks.connected();
    this.failure = null;
    try {
      // Not waited for: a platform that cannot store now confirms nothing.
      connection.publish('status', status('online'), true).catch(() => undefined);
      this.clocks.tell(connection);
      const patienceMs = this.clocks.hasHeard ? ACKNOWLEDGEMENT_MS : FIRST_ACKNOWLEDGEMENT_MS;
      await sleep(patienceMs, AbortSignal.any([acknowledged.signal, signal]));
      while (!closed.signal.aborted && !signal.aborted) {
        this.wake = new AbortController();
        this.fill(connection);
        await sleep(LOOK_MS, this.wake.signal);
      }
    } catch (error) {
      if (!closed.signal.aborted) this.options.note(`connection lost (${textOf(error)})`);
    } finally {
      this.connection = null;
      if (!closed.signal.aborted) await this.leave(connection);
      await connection.close();
    }
    return this.failure === null;
  }

  /** Says goodbye, so that the last will stays unsaid; not for long: the broker may be busy holding its PUBACKs. */
  private async leave(connection: UplinkConnection): Promise<void> {
    const done = new AbortController();
    const said = connection.publish('status', status('offline'), true);
    await Promise.race([said.catch(() => undefined), sleep(GOODBYE_MS, done.signal)]);
    done.abort();
  }

  private fill(connection: UplinkConnection): void {
    if (this.failure !== null) throw this.failure;
    for (let frame = this.take(); frame !== null; frame = this.take()) {
      const sent = frame;
      const confirmed = this.settlement.sent(sent);
      const done = (note: () => void): void => {
        if (connection !== this.connection) return;
        note();
        this.wake.abort();
      };
      // A connection that ended is told by `closed`; its frames are backlog of the next one.
      connection.publish('readings', sent.payload, false).then(
        () => {
          confirmed();
          done(() => this.queue.confirmed(sent, this.options.clock.up()));
        },
        () => done(() => this.queue.givenUp(sent)),
      );
    }
  }

  private take(): KeptFrame | null {
    return this.queue.next(this.options.clock.up());
  }

  /** True: it was an acknowledgement that is believed. */
  private heard(channel: DownChannel, payload: Buffer): boolean {
    const { platformKey, note } = this.options;
    if (platformKey !== null && !isSignedBy(payload, platformKey)) {
      note('a message that the platform did not sign was ignored');
      return false;
    }
    if (channel === 'commands') {
      const request = readResendRequest(payload);
      if (request !== null) this.queue.ask(request.boot, request.ranges);
      this.wake.abort();
      return false;
    }
    const acknowledgement = readAcknowledgement(payload);
    if (acknowledgement === null) return false;
    this.acknowledged(acknowledgement);
    this.wake.abort();
    return true;
  }

  private acknowledged({ boots, time }: Acknowledgement): void {
    this.clocks.acknowledged(time, this.options.clock.up());
    this.clocks.tell(this.connection);
    for (const told of boots) this.settle(told);
  }

  private settle(told: BootAcknowledgement): void {
    const { log } = this.options;
    const { boot } = told;
    const frames = [...log.frames()].filter((frame) => frame.boot === boot);
    const { settled, taken, undated } = this.settlement.read(told, frames);
    const codes = new Map(told.rejected);
    for (const { seq } of settled) {
      const code = codes.get(seq);
      if (code !== undefined) this.setAside.set(`${seq} ${boot}`, { boot, seq, code });
    }
    log.settle(
      boot,
      settled.map(({ seq }) => seq),
    );
    if (this.clocks.isKnown(boot)) this.askAgain(undated);
    this.leaveTaken(told, taken);
  }

  private askAgain(frames: readonly KeptFrame[]): void {
    for (const frame of frames) {
      if (this.asked.has(frame)) continue;
      this.asked.add(frame);
      this.queue.ask(frame.boot, [[frame.seq, frame.seq]]);
    }
  }

  /** Goes on in another boot where the platform has frames under numbers that are not sent yet, or not even given. */
  private leaveTaken(told: BootAcknowledgement, taken: ReadonlyMap<KeptFrame, NewFrame>): void {
    const { log, bootInsteadOf, note } = this.options;
    const { boot, contiguous, last = -1 } = told;
    const isNextTaken = log.boot === boot && Math.max(contiguous, last) >= log.nextSeq;
    if (bootInsteadOf === undefined || (taken.size === 0 && !isNextTaken)) return;
    note(`the platform has other frames of boot ${boot} than this log: another boot begins`);
    // On a full disk it is tried again with each connection, and a name for each would be told and never used.
    const instead = bootInsteadOf(boot, this.unbegun.get(boot) ?? null);
    this.unbegun.set(boot, instead.boot);
    try {
      if (taken.size === 0) log.beginBoot(instead);
      else {
        const anew = new Map([...taken].map(([frame, made], index) => [frame, inBoot(made, instead, index === 0)]));
        this.kept(log.renumber(anew), [...anew.values()]);
      }
      this.unbegun.delete(boot);
    } catch (error) {
      if (!(error instanceof GatewayLogError)) throw error;
      this.failure = error;
    }
  }
}

/** The first frame of a boot says how its clock stands. */
function inBoot(made: NewFrame, { boot, clock }: NewBoot, isFirst: boolean): NewFrame {
  return { ...made, boot, ...(isFirst && clock !== undefined ? { clock } : {}) };
}

function status(state: 'online' | 'offline'): Buffer {
  return Buffer.from(JSON.stringify({ state }));
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
