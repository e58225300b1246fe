import type { Random } from '@coldchain/kernel';
import type { FrameReading } from '@coldchain/telemetry';
import type { AlarmEvent, AlarmMonitor } from './alarm/alarm-monitor.js';
import { encodeFrameAs, type FrameFormat, type FrameSigner } from './frames/frame-format.js';
import type { FrameLog, NewBoot, NewFrame } from './log/frame-log.js';
import { FrameSender, type FrameSenderOptions, type RejectedFrame } from './send/frame-sender.js';

/** What a gateway is put together from. */
export interface GatewayOptions extends Omit<FrameSenderOptions, 'wallAtStart' | 'bootInsteadOf'> {
  readonly format: FrameFormat;
  readonly signer: FrameSigner | null;
  /** Null: nothing is judged here. */
  readonly alarms: AlarmMonitor | null;
  /** The source gives the same bytes under the same numbers each time (a replay): numbers are never given anew. */
  readonly repeats: boolean;
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
    const { log, repeats } = options;
    this.sender = new FrameSender({
      ...options,
      wallAtStart: () => this.wallAtStart,
      ...(repeats
        ? {}
        : { bootInsteadOf: (boot: string, unbegun: string | null) => this.bootInsteadOf(boot, unbegun) }),
    });
    if (log.isDoubtful && !repeats) log.beginBoot({ boot: newBoot() });
    // An earlier run's boots are told as well while the counting clock is the one that they counted by.
    for (const [boot, { wallAtStart, span }] of log.clocks) {
      if (span === options.clock.span) this.wallAtStart.set(boot, wallAtStart);
    }
    this.forgetClocks();
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
   * @throws GatewayLogError: none of the frames is kept, so that all of them can be recorded again
   */
  record(
    frames: readonly (readonly FrameReading[])[],
    closed?: (frame: readonly FrameReading[]) => FrameTime | null,
  ): void {
    const { alarms, ring, log, clock, format, signer } = this.options;
    for (const event of alarms?.take(frames.flat()) ?? []) ring(event);
    const begun = new Map<string, number>();
    let { boot } = log;
    const made = frames.map((readings): NewFrame => {
      let told: Pick<NewFrame, 'clock'> = {};
      const time = closed === undefined ? { wall: clock.now(), up: clock.up() } : closed(readings);
      if (time !== null) {
        const wallAtStart = time.wall - time.up;
        const known = begun.get(boot) ?? this.wallAtStart.get(boot);
        const isSet = known !== undefined && Math.abs(wallAtStart - known) > JUMP_MS;
        if (isSet) boot = this.newBoot();
        if (isSet || known === undefined) {
          begun.set(boot, wallAtStart);
          if (clock.span !== null) told = { clock: { wallAtStart, span: clock.span } };
        }
      }
      const upMs = time?.up ?? null;
      return {
        payload: (of, seq) => encodeFrameAs(format, { boot: of, seq, upMs, readings }, signer),
        readings: readings.length,
        lastAt: time?.progress ?? Math.max(...readings.map(({ at }) => at)),
        boot,
        ...told,
      };
    });
    // One write, also where the clock was set between: what is tried again must not be kept in part.
    const kept = log.append(made);
    for (const [of, wallAtStart] of begun) this.wallAtStart.set(of, wallAtStart);
    if (begun.size > 0) this.forgetClocks();
    this.sender.kept(kept, made);
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

  /** A clock that counts in steps begins boots for ever: where nothing is kept of one any more, its clock is needed no more. */
  private forgetClocks(): void {
    const { log } = this.options;
    const needed = new Set([log.boot]);
    for (const { boot } of log.frames()) needed.add(boot);
    for (const boot of this.wallAtStart.keys()) if (!needed.has(boot)) this.wallAtStart.delete(boot);
  }

  /** Another boot with the clock of one whose numbers are taken. */
  private bootInsteadOf(boot: string, unbegun: string | null): NewBoot {
    const instead = unbegun ?? this.newBoot();
    const wallAtStart = this.wallAtStart.get(boot);
    if (wallAtStart === undefined) return { boot: instead };
    this.wallAtStart.set(instead, wallAtStart);
    const { span } = this.options.clock;
    return { boot: instead, ...(span === null ? {} : { clock: { wallAtStart, span } }) };
  }
}

/** A name that no other boot has. */
export function newBootName(random: Random): string {
  return `boot-${random.bytes(8).toString('hex')}`;
}
