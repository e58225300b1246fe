import type { FrameLog, KeptFrame } from '../log/frame-log.js';
import { BacklogPace } from './backlog-pace.js';

/** How much may be on its way. */
export interface SendBounds {
  /** Frames without PUBACK at most. Default 200. */
  readonly window?: number;
  /** Of these, frames of the backlog. Default 4. */
  readonly backlogWindow?: number;
  /**
   * Frames of the backlog in a second, down to a fifth of it while confirmations come late. Default 10; Infinity for a
   * replay that has nothing else to send.
   */
  readonly backlogPerSecond?: number;
}

/** A frame whose PUBACK came but which no acknowledgement covers is sent again after this time. */
const RESEND_MS = 10_000;
/** A frame is live for so long, also on a connection that is made after it was kept. */
const LIVE_MS = 60_000;
const WINDOW = 200;
const BACKLOG_WINDOW = 4;
/** What is sent so long after the last that was not live is not held up by it. */
const ALONE_MS = 1_000;
const BACKLOG_PER_SECOND = 10;

interface Flight {
  readonly frame: KeptFrame;
  readonly sentAt: number;
  /** What was just measured goes `live`, what was asked for or is sent again `anew`. */
  readonly as: 'live' | 'anew' | 'backlog';
}

/**
 * Decides what is sent next: what was just measured before everything else, then what the platform asked for, then what
 * nobody acknowledged in time, then the backlog, of which only so much is on its way and goes in a second. Times are
 * those of a clock that only counts (ms).
 */
export class SendQueue {
  private live: KeptFrame[] = [];
  private readonly recent: { readonly frame: KeptFrame; readonly keptAt: number }[] = [];
  private asked: KeptFrame[] = [];
  private backlog: KeptFrame[] = [];
  private backlogNext = 0;
  /** Sent on this connection, in the order of sending; `confirmed` says that the PUBACK came. */
  private readonly sent = new Map<KeptFrame, Flight>();
  private readonly unconfirmed = new Map<KeptFrame, Flight>();
  private backlogInFlight = 0;
  /** Of the backlog or sent anew. */
  private bulkInFlight = 0;
  /** When any of these was last sent or on its way. */
  private bulkAt = -Infinity;
  private readonly pace: BacklogPace;

  constructor(
    private readonly log: FrameLog,
    private readonly bounds: SendBounds,
  ) {
    this.pace = new BacklogPace(bounds.backlogPerSecond ?? BACKLOG_PER_SECOND);
  }

  /**
   * A connection begins, and nothing is on its way. What was measured in the last minute is live, all else that is kept
   * is backlog.
   */
  connected(now: number): void {
    this.forgetOld(now);
    this.pace.connected(now);
    this.live = this.recent.map(({ frame }) => frame);
    this.asked = [];
    const live = new Set(this.live);
    this.backlog = [...this.log.frames()].filter((frame) => !live.has(frame));
    this.backlogNext = 0;
    this.sent.clear();
    this.unconfirmed.clear();
    this.backlogInFlight = 0;
    this.bulkInFlight = 0;
  }

  /** Frames that were kept just now. */
  kept(frames: readonly KeptFrame[], now: number): void {
    this.forgetOld(now);
    for (const frame of frames) {
      this.live.push(frame);
      this.recent.push({ frame, keptAt: now });
    }
  }

  /** The platform asks for numbers: they go out at once, whatever was sent a moment ago. */
  ask(boot: string, ranges: readonly (readonly [from: number, to: number])[]): void {
    for (const frame of this.log.frames()) {
      if (frame.boot === boot && ranges.some(([from, to]) => frame.seq >= from && frame.seq <= to)) {
        this.sent.delete(frame);
        this.asked.push(frame);
      }
    }
  }

  /** The frame to send now; null: none may be. It counts as sent. */
  next(now: number): KeptFrame | null {
    if (this.unconfirmed.size >= (this.bounds.window ?? WINDOW)) return null;
    const live = this.first(this.live);
    if (live !== null) return this.send(live, now, 'live');
    const anew = this.first(this.asked) ?? this.expired(now);
    if (anew !== null) return this.send(anew, now, 'anew');
    const late = this.fromBacklog(now);
    return late === null ? null : this.send(late, now, 'backlog');
  }

  /** The transport confirmed a frame. */
  confirmed(frame: KeptFrame, now: number): void {
    const flight = this.unconfirmed.get(frame);
    if (flight !== undefined) {
      if (this.bulkInFlight > 0) this.bulkAt = now;
      this.pace.confirmed(now - flight.sentAt, now, flight.sentAt - this.bulkAt >= ALONE_MS);
    }
    this.givenUp(frame);
  }

  /** The transport gave a frame up: nothing of it is on its way. */
  givenUp(frame: KeptFrame): void {
    const flight = this.unconfirmed.get(frame);
    if (flight === undefined) return;
    this.unconfirmed.delete(frame);
    if (flight.as === 'backlog') this.backlogInFlight--;
    if (flight.as !== 'live') this.bulkInFlight--;
  }

  private forgetOld(now: number): void {
    const young = this.recent.findIndex(({ keptAt }) => now - keptAt < LIVE_MS);
    this.recent.splice(0, young < 0 ? this.recent.length : young);
  }

  private first(queue: KeptFrame[]): KeptFrame | null {
    for (let frame = queue.shift(); frame !== undefined; frame = queue.shift()) if (this.isDue(frame)) return frame;
    return null;
  }

  private expired(now: number): KeptFrame | null {
    for (const { frame, sentAt } of this.sent.values()) {
      if (now - sentAt < RESEND_MS) return null;
      this.sent.delete(frame);
      if (this.log.has(frame.boot, frame.seq)) return frame;
    }
    return null;
  }

  private fromBacklog(now: number): KeptFrame | null {
    const { backlogWindow = BACKLOG_WINDOW } = this.bounds;
    if (this.backlogInFlight >= Math.min(backlogWindow, this.bounds.window ?? WINDOW)) return null;
    while (this.backlogNext < this.backlog.length && !this.isDue(this.backlog[this.backlogNext])) this.backlogNext++;
    const frame = this.backlog[this.backlogNext];
    if (frame === undefined || !this.pace.take(now)) return null;
    this.backlogNext++;
    return frame;
  }

  private isDue(frame: KeptFrame | undefined): boolean {
    return frame !== undefined && this.log.has(frame.boot, frame.seq) && !this.sent.has(frame);
  }

  private send(frame: KeptFrame, now: number, as: Flight['as']): KeptFrame {
    const flight = { frame, sentAt: now, as };
    this.givenUp(frame);
    this.sent.set(frame, flight);
    this.unconfirmed.set(frame, flight);
    if (as === 'backlog') this.backlogInFlight++;
    if (as !== 'live') {
      this.bulkInFlight++;
      this.bulkAt = now;
    }
    return frame;
  }
}
