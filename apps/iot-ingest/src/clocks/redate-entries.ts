import { type BootClock, dayOf, type PackedFrame, redateFrame } from '@coldchain/telemetry';
import type { Entry, FrameEntry } from '../accept/entry.js';
import { type BootClocks, type BootKey, bootName } from './boot-clocks.js';

/** A frame that its boot's clock may have to date: as it was received, and what it is otherwise. */
export interface Redatable {
  readonly index: number;
  /** Without a look at its times: those may be of any year. */
  readonly frame: FrameEntry;
}

/** Which times are believed, ms since 1970. */
export interface PlausibleTimes {
  readonly oldest: number;
  readonly newest: number;
}

/**
 * Dates frames by the clocks of their boots where those were wrong. What is still implausible then, or what no clock is
 * known for, stays as it was.
 */
export async function redateEntries(
  entries: Entry[],
  candidates: readonly Redatable[],
  clocks: BootClocks,
  plausible: PlausibleTimes,
): Promise<void> {
  const known = await clocks.of(candidates.map(({ frame }) => keyOf(frame)));
  const wrong = candidates.filter(({ frame }) => {
    const clock = known.get(bootName(keyOf(frame)));
    return clock !== undefined && dated(frame, clock, plausible) !== null;
  });
  if (wrong.length === 0) return;
  const fixed = await clocks.use(wrong.map(({ frame }) => keyOf(frame)));
  for (const { index, frame: entry } of wrong) {
    const clock = fixed.get(bootName(keyOf(entry)));
    const frame = clock === undefined ? null : dated(entry, clock, plausible);
    if (clock === undefined || frame === null) continue;
    entries[index] = {
      ...entry,
      frame,
      day: dayOf(frame.firstAt),
      redated: { shiftMs: clock.shiftMs, receivedDay: dayOf(entry.frame.firstAt) },
    };
  }
}

/** The frame as the clock dates it; null: it does not, or to a time that is not believed either. */
function dated({ frame }: FrameEntry, clock: BootClock, { oldest, newest }: PlausibleTimes): PackedFrame | null {
  // Looked at before anything is moved: what a gateway tells of its clock may be any number.
  if (!(frame.firstAt + clock.shiftMs >= oldest && frame.lastAt + clock.shiftMs <= newest)) return null;
  return redateFrame(frame, clock);
}

function keyOf({ message, boot }: FrameEntry): BootKey {
  return { gatewayId: message.gateway.id, boot };
}
