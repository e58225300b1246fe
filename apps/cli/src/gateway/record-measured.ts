import { cutIntoFrames, type Gateway, type SimulatedGatewayClock } from '@coldchain/gateway-kit';
import type { FrameReading } from '@coldchain/telemetry';

/** When a reading was made, and when the gateway hears of it: true times, ms since 1970. */
export interface Measured {
  readonly at: number;
  readonly heardAt: number;
}

/** What makes frames of readings. */
export interface FrameMaking {
  readonly clock: Pick<SimulatedGatewayClock, 'wallAt' | 'upAt'>;
  /** Readings in a frame at most. */
  readonly frameSize: number;
  /** The reading that was made at a true time. */
  readonly readingAt: (at: number) => FrameReading;
}

/** Whether a reading came later than it was made. */
export const isLate = ({ at, heardAt }: Measured): boolean => heardAt > at;

/**
 * Records what a gateway heard. What is heard late comes in frames of its own, as from a logger that was out of range.
 * @throws GatewayLogError: nothing of it is kept, so that all of it can be recorded again
 */
export function recordMeasured(
  gateway: Pick<Gateway, 'record'>,
  heard: readonly Measured[],
  { clock, frameSize, readingAt }: FrameMaking,
): void {
  const trueTimes = new Map<FrameReading, number>();
  const frames = [heard.filter((measured) => !isLate(measured)), heard.filter(isLate)].flatMap((measured) => {
    const readings = measured.map(({ at }) => {
      const reading = readingAt(at);
      trueTimes.set(reading, at);
      return reading;
    });
    return cutIntoFrames(readings, frameSize);
  });
  gateway.record(frames, (frame) => {
    const newest = frame.at(-1);
    const at = newest === undefined ? undefined : trueTimes.get(newest);
    if (at === undefined) return null;
    // How far the simulation has come is the newest of these: a late reading does not set it back.
    return { wall: clock.wallAt(at), up: clock.upAt(at), progress: at };
  });
}
