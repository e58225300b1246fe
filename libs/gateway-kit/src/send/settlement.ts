import type { KeptFrame, NewFrame } from '../log/frame-log.js';
import type { ClockReport } from './clock-report.js';
import { type BootAcknowledgement, isSettled } from './acknowledgement.js';

/** What an acknowledgement of one boot means for the frames that are kept of it. */
export interface Settled {
  /** Needed no more. */
  readonly settled: readonly KeptFrame[];
  /** Their numbers are taken by frames that are not here: they were never sent. */
  readonly taken: ReadonlyMap<KeptFrame, NewFrame>;
  /** Set aside for their time, perhaps because the clock of their boot was not known: once more to be sent. */
  readonly undated: readonly KeptFrame[];
}

/**
 * Decides what an acknowledgement settles. It is believed for no frame that this run did not send: the number may have been
 * used by a log that was lost, restored or spoiled. Codes of time are believed only of a frame that was sent, and
 * confirmed, while the platform knew the clock of its boot.
 */
export class Settlement {
  private readonly handed = new WeakSet<KeptFrame>();
  /** Frames of this run that were not sent yet, and how to make them under another number. */
  private readonly unsent = new WeakMap<KeptFrame, NewFrame>();
  private readonly dated = new WeakSet<KeptFrame>();

  constructor(private readonly clocks: ClockReport) {}

  /** Frames were kept. `made`: what they were made from, in the same order; where it is missing they keep their numbers. */
  kept(frames: readonly KeptFrame[], made: readonly NewFrame[]): void {
    for (const [index, frame] of frames.entries()) {
      const from = made[index];
      if (from !== undefined) this.unsent.set(frame, from);
    }
  }

  /** A frame is handed to the uplink. Gives what to call when the transport confirms it. */
  sent(frame: KeptFrame): () => void {
    this.handed.add(frame);
    this.unsent.delete(frame);
    const isDated = this.clocks.isKnown(frame.boot);
    return () => {
      if (isDated) this.dated.add(frame);
    };
  }

  /** @param frames those of the boot that are kept */
  read(told: BootAcknowledgement, frames: readonly KeptFrame[]): Settled {
    const codes = new Map(told.rejected);
    const settled: KeptFrame[] = [];
    const undated: KeptFrame[] = [];
    const taken = new Map<KeptFrame, NewFrame>();
    for (const frame of frames) {
      if (!isSettled(told, frame.seq)) continue;
      const made = this.unsent.get(frame);
      if (made !== undefined) taken.set(frame, made);
      // What an earlier run left is sent once more: a duplicate costs nothing, and other bytes are set aside with a code.
      else if (!this.handed.has(frame)) continue;
      else if (this.clocks.hasHeard && isOfTime(codes.get(frame.seq)) && !this.dated.has(frame)) undated.push(frame);
      else settled.push(frame);
    }
    return { settled, taken, undated };
  }
}

function isOfTime(code: string | undefined): boolean {
  return code?.startsWith('time-') === true;
}
