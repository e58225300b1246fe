import type { Random } from '@coldchain/kernel';
import type { FrameReading } from '@coldchain/telemetry';
import type { AlarmEvent, AlarmMonitor } from './alarm/alarm-monitor.js';
import { encodeFrameAs, type FrameFormat, type FrameSigner } from './frames/frame-format.js';
import type { FrameLog, NewFrame } from './log/frame-log.js';
import { FrameSender, type FrameSenderOptions, type RejectedFrame } from './send/frame-sender.js';

/** What a gateway is put together from. */
export interface GatewayOptions extends Omit<FrameSenderOptions, 'wallAtStart'> {
  readonly format: FrameFormat;
  readonly signer: FrameSigner | null;
  /** Null: nothing is judged here. */
  readonly alarms: AlarmMonitor | null;
  /** Told of each alarm that begins or ends, whether or not the platform can be reached. */
  readonly ring: (event: AlarmEvent) => void;
}

/** When a frame was closed, by both clocks of the gateway. */
export interface FrameTime {
  readonly wall: number;
  readonly up: number;
  /** Where its source goes on after a restart; default: the time of the newest reading. */
  readonly progress?: number;
}

/** A wall clock that moved by more than this against the counting one was set. */
const JUMP_MS = 60_000;

/**
 * A gateway: what is measured is judged, kept, and sent until the platform has it. A boot has one clock: where the wall
 * clock is set while the gateway runs, another boot begins, so that one difference re-dates all frames of a boot.
 */
export class Gateway {
  private readonly sender: FrameSender;
  private readonly wallAtStart = new Map<string, number>();

  constructor(
    private readonly options: GatewayOptions,
    private readonly newBoot: () => string,
  ) {
    this.sender = new FrameSender({ ...options, wallAtStart: () => this.wallAtStart });
  }

  get log(): FrameLog {
    return this.options.log;
  }

  /** Numbers that the platform set aside. */
  get rejected(): readonly RejectedFrame[] {
    return this.sender.rejected;
  }

  /**
   * Judges readings and keeps them as frames. `closed`: when a frame was closed, which is when its newest reading was
   * made (default now); null: the frame does not tell, and is never re-dated. Alarms ring also when the log takes nothing more.
   * @throws GatewayLogError: none of the frames is kept
   */
  record(
    frames: readonly (readonly FrameReading[])[],
    closed?: (frame: readonly FrameReading[]) => FrameTime | null,
  ): void {
    const { alarms, ring, log, clock, format, signer } = this.options;
    for (const event of alarms?.take(frames.flat()) ?? []) ring(event);
    let waiting: NewFrame[] = [];
    const keep = (): void => {
      this.sender.kept(log.append(waiting));
      waiting = [];
    };
    for (const readings of frames) {
      const time = closed === undefined ? { wall: clock.now(), up: clock.up() } : closed(readings);
      if (time !== null && this.isSet(time.wall - time.up)) {
        keep();
        log.beginBoot(this.newBoot());
      }
      if (time !== null && !this.wallAtStart.has(log.boot)) this.wallAtStart.set(log.boot, time.wall - time.up);
      const upMs = time?.up ?? null;
      waiting.push({
        payload: (boot, seq) => encodeFrameAs(format, { boot, seq, upMs, readings }, signer),
        readings: readings.length,
        lastAt: time?.progress ?? Math.max(...readings.map(({ at }) => at)),
      });
    }
    keep();
  }

  /**
   * Connects and sends until aborted.
   * @throws what the uplink refuses for good
   */
  run(signal: AbortSignal): Promise<void> {
    return this.sender.run(signal);
  }

  close(): void {
    this.options.log.close();
  }

  /** Whether the wall clock is not the one that the present boot began with. */
  private isSet(wallAtStart: number): boolean {
    const known = this.wallAtStart.get(this.options.log.boot);
    return known !== undefined && Math.abs(wallAtStart - known) > JUMP_MS;
  }
}

/** A name that no other boot has. */
export function newBootName(random: Random): string {
  return `boot-${random.bytes(8).toString('hex')}`;
}
