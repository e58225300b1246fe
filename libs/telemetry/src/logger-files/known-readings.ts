import type { Reading } from '../reading.js';

/** A file's readings beside what is known of the same logger. */
export interface ComparedReadings {
  /** What the file adds: times without a known reading, and values that a known one does not say. */
  readonly fresh: readonly Reading[];
  readonly duplicates: number;
  /** Of `fresh`, how many are at a time of which another value is known. */
  readonly differing: number;
}

/** Exports write tenths: a known value within one of them says the same. */
const SAME_MILLI_CELSIUS = 100;

/**
 * Takes out of a file what live data of the same logger says already. Exports write whole minutes, so one reading is the
 * same as another within half an interval. A value that differs is kept beside the known one: nothing warm is lost to
 * something cold, or the other way about.
 * @param known ascending by time
 */
export function compareWithKnown(
  readings: readonly Reading[],
  known: readonly Reading[],
  intervalMs: number,
): ComparedReadings {
  const fresh: Reading[] = [];
  let differing = 0;
  let from = 0;
  for (const reading of readings) {
    while ((known[from]?.at ?? Infinity) <= reading.at - intervalMs / 2) from++;
    let isNear = false;
    let isSame = false;
    for (let index = from; (known[index]?.at ?? Infinity) < reading.at + intervalMs / 2; index++) {
      isNear = true;
      const difference = Math.abs((known[index]?.milliCelsius ?? 0) - reading.milliCelsius);
      if (difference <= SAME_MILLI_CELSIUS) isSame = true;
    }
    if (isSame) continue;
    if (isNear) differing++;
    fresh.push(reading);
  }
  return { fresh, duplicates: readings.length - fresh.length, differing };
}
