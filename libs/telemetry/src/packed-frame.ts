import type { Frame, RefusedFrame } from './frame.js';
import type { FrameReading } from './reading.js';
import type { Series } from './series-pack.js';

/** A frame with its readings packed by logger: what is stored of it. */
export interface PackedFrame extends Omit<Frame, 'readings'> {
  /** How many readings it has. */
  readonly count: number;
  /** One for each logger, in the order in which they first appear. */
  readonly series: readonly Series[];
  /** The reading of a frame of one; null where there are several. */
  readonly single: FrameReading | null;
  /** Short form of the received bytes, which `receivedBytes` gives back; null: there is none, keep them as they are. */
  readonly kept: Buffer | null;
}

/** What became of a message. */
export type DecodedPackedFrame = { readonly ok: true; readonly frame: PackedFrame } | RefusedFrame;
