import type { Reading } from '@coldchain/telemetry';

/** Lowest and highest temperature of a stretch of time, at the time of its first reading. */
export interface Bucket {
  readonly at: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Reduces readings (ascending by time) to at most `points` buckets of equal length that keep both extremes: an excursion
 * of one reading stays visible however far one looks from.
 */
export function decimate(readings: readonly Reading[], from: number, to: number, points: number): readonly Bucket[] {
  const length = Math.max(1, Math.ceil((to - from + 1) / points));
  const buckets: { at: number; low: number; high: number }[] = [];
  let current = -1;
  for (const { at, milliCelsius } of readings) {
    const index = Math.floor((at - from) / length);
    const last = buckets.at(-1);
    if (index !== current || last === undefined) {
      buckets.push({ at, low: milliCelsius, high: milliCelsius });
      current = index;
    } else {
      last.low = Math.min(last.low, milliCelsius);
      last.high = Math.max(last.high, milliCelsius);
    }
  }
  return buckets;
}

/** A stretch without readings. */
export interface Gap {
  readonly from: number;
  readonly to: number;
}

/** Gaps shown at most; longest first are kept. */
const MOST_GAPS = 500;

/**
 * Where a reading held no longer and the next had not come: from the end of its declared interval (a tenth of it is
 * forgiven to clocks) to the next reading, the start and the end of the leg included.
 */
export function gapsOf(readings: readonly Reading[], from: number, to: number, intervalMs: number): readonly Gap[] {
  const forgiven = intervalMs / 10;
  const gaps: Gap[] = [];
  let covered = from;
  for (const { at } of readings) {
    if (at > covered + forgiven) gaps.push({ from: covered, to: at });
    covered = Math.max(covered, at + intervalMs);
  }
  if (to > covered + forgiven) gaps.push({ from: covered, to });
  return gaps
    .sort((a, b) => b.to - b.from - (a.to - a.from))
    .slice(0, MOST_GAPS)
    .sort((a, b) => a.from - b.from);
}
