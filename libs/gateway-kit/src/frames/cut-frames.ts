import { FRAME_LIMITS, type FrameReading } from '@coldchain/telemetry';

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
      Math.abs(reading.at - first.at) > FRAME_LIMITS.spanMs
    ) {
      open = [];
      frames.push(open);
    }
    open.push(reading);
  }
  return frames;
}
