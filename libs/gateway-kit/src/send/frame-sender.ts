import type { KeyObject } from 'node:crypto';
import { type Random, sleep } from '@coldchain/kernel';
import type { GatewayClock } from '../gateway-clock.js';
import type { FrameLog, KeptFrame } from '../log/frame-log.js';
import { type Acknowledgement, isSettled, readAcknowledgement } from './acknowledgement.js';
import { isSignedBy, readResendRequest } from './platform-message.js';
import { type SendBounds, SendQueue } from './send-queue.js';
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
  /** The platform's time, and what this gateway's counting clock showed when it was heard. */
  private heardTime: { readonly time: number; readonly up: number } | null = null;
  /** Boots whose clock this connection was told. */
  private readonly told = new Set<string>();
  private readonly setAside = new Map<string, RejectedFrame>();

  constructor(private readonly options: FrameSenderOptions) {
    this.queue = new SendQueue(options.log, options.bounds ?? {});
  }

  /** Numbers that the platform set aside. */
  get rejected(): readonly RejectedFrame[] {
    return [...this.setAside.values()];
  }

  /** Frames that were kept just now: they go before all that waits. */
  kept(frames: readonly KeptFrame[]): void {
    this.tellClocks();
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

  /** One connection from its begin to its end; false: there was none. */
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
    this.told.clear();
    try {
      // Not waited for: a platform that cannot store now confirms nothing.
      connection.publish('status', status('online'), true).catch(() => undefined);
      this.tellClocks();
      const patienceMs = this.heardTime === null ? FIRST_ACKNOWLEDGEMENT_MS : ACKNOWLEDGEMENT_MS;
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
    return true;
  }

  /** Says goodbye, so that the last will stays unsaid; not for long: the broker may be busy holding its PUBACKs. */
  private async leave(connection: UplinkConnection): Promise<void> {
    const done = new AbortController();
    const said = connection.publish('status', status('offline'), true);
    await Promise.race([said.catch(() => undefined), sleep(GOODBYE_MS, done.signal)]);
    done.abort();
  }

  private fill(connection: UplinkConnection): void {
    for (let frame = this.take(); frame !== null; frame = this.take()) {
      const sent = frame;
      const done = (): void => {
        if (connection !== this.connection) return;
        this.queue.confirmed(sent);
        this.wake.abort();
      };
      // A connection that ended is told by `closed`; its frames are backlog of the next one.
      connection.publish('readings', sent.payload, false).then(done, done);
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
    const { log, clock } = this.options;
    if (time !== null) this.heardTime = { time, up: clock.up() };
    this.tellClocks();
    for (const told of boots) {
      const { boot } = told;
      for (const [seq, code] of told.rejected) {
        if (log.has(boot, seq)) this.setAside.set(`${seq} ${boot}`, { boot, seq, code });
      }
      const settled = [...log.frames()].flatMap(({ boot: of, seq }) =>
        of === boot && isSettled(told, seq) ? [seq] : [],
      );
      log.settle(boot, settled);
    }
  }

  /**
   * Tells the platform, once a connection for each boot, how this gateway's clock stands to the platform's own time as it
   * was heard here: that does not depend on how long this message is on its way. It goes out before the frames of the
   * boot, which are dated by it where the clock is wrong.
   */
  private tellClocks(): void {
    const { connection, heardTime: heard } = this;
    if (connection === null || heard === null) return;
    for (const [boot, wall] of this.options.wallAtStart()) {
      if (this.told.has(boot)) continue;
      this.told.add(boot);
      const said = { state: 'online', boot, time: wall + heard.up, up: heard.up, heard };
      // Not for who comes later: what is retained says when it was true to nobody. Lost, it is told again.
      connection.publish('status', Buffer.from(JSON.stringify(said)), false).catch(() => undefined);
    }
  }
}

function status(state: 'online' | 'offline'): Buffer {
  return Buffer.from(JSON.stringify({ state }));
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
