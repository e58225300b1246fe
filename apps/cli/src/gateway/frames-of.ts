import { encodeFrame, FRAME_LIMITS, type FrameReading } from '@coldchain/telemetry';
import type { FrameStore } from './frame-store.js';

/** Cuts readings (ascending by time) into frames of at most `size` readings and at most a day. */
export function cutIntoFrames(readings: readonly FrameReading[], size: number): FrameReading[][] {
  const frames: FrameReading[][] = [];
  let open: FrameReading[] | undefined;
  for (const reading of readings) {
    const first = open?.[0];
    if (
      open === undefined ||
      first === undefined ||
      open.length >= size ||
      reading.at - first.at > FRAME_LIMITS.spanMs
    ) {
      open = [];
      frames.push(open);
    }
    open.push(reading);
  }
  return frames;
}

/** Numbers frames on from the store's next number, encodes them and keeps them. */
export function keepFrames(store: FrameStore, frames: readonly (readonly FrameReading[])[]): void {
  const first = store.nextSeq;
  store.append(
    frames.map((readings, index) => ({
      payload: encodeFrame({ boot: store.header.boot, seq: first + index, readings }),
      readings: readings.length,
      lastAt: readings.at(-1)?.at ?? 0,
    })),
  );
}
