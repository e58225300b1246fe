import type { PackedFrame } from './packed-frame.js';
import type { Reading } from './reading.js';
import { packSeries } from './series.js';
import { unpackSeries } from './series-pack.js';

/** How the clock of a boot stood, as its gateway told it against a time that it had heard of the platform. */
export interface BootClock {
  /** What its wall clock showed when its counting clock was 0, ms since 1970. */
  readonly wallAtStart: number;
  /** What is to be added to its wall clock, ms. */
  readonly shiftMs: number;
}

/** A clock that is off by less is left alone: it is shown, and judged with the logger's clock uncertainty. */
export const CLOCK_TOLERANCE_MS = 120_000;
/** The newest reading of a frame that is dated by the gateway's clock was made when the frame was closed, or so long before. */
const AGREEMENT_MS = 60_000;

/**
 * A frame as its boot's true clock would have dated it; null where it is not to be re-dated: it does not say `up`, the
 * clock was right, or its readings are not dated by that clock (a logger with a clock of its own). All its readings are
 * moved by the same time, so nothing between them changes.
 */
export function redateFrame(frame: PackedFrame, clock: BootClock): PackedFrame | null {
  const { boot, seq, upMs, lastAt, firstAt, signature, count, series, single, kept } = frame;
  const { shiftMs, wallAtStart } = clock;
  if (upMs === null || Math.abs(shiftMs) < CLOCK_TOLERANCE_MS) return null;
  if (Math.abs(wallAtStart + upMs - lastAt) > AGREEMENT_MS) return null;
  const moved = <R extends Reading>(reading: R): R => ({ ...reading, at: reading.at + shiftMs });
  return {
    ...{ boot, seq, upMs, signature, count, kept },
    series: series.map(({ logger, data }) => packSeries(logger, unpackSeries(data).map(moved))),
    single: single === null ? null : moved(single),
    firstAt: firstAt + shiftMs,
    lastAt: lastAt + shiftMs,
  };
}
