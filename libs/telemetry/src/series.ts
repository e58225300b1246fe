import type { Frame } from './frame.js';
import type { Sample } from './excursion/sample.js';
import type { Reading } from './reading.js';
import { PackedReadings, packReadings, unpackSeries } from './series-pack.js';

/** One logger's readings of one frame, ascending by time, packed. Kept even when a time repeats. */
export interface Series {
  readonly logger: string;
  readonly firstAt: number;
  readonly lastAt: number;
  readonly count: number;
  readonly lowMilliCelsius: number;
  readonly highMilliCelsius: number;
  /** What {@link unpackSeries} reads. */
  readonly data: Buffer;
}

/** What a row of the store holds: a packed series, or, without `data`, the single reading beside it (`at` then is its time). */
export interface StoredReadings {
  readonly data: Uint8Array | null;
  readonly at: Date | null;
  readonly milliCelsius: number | null;
  readonly humidityPermille: number | null;
}

/**
 * The readings of a row, ascending by time.
 * @throws SeriesCorrupt on packed bytes that packing would not have written
 */
export function readingsOfRow({ data, at, milliCelsius, humidityPermille }: StoredReadings): readonly Reading[] {
  if (data !== null) return unpackSeries(data);
  return milliCelsius === null || at === null ? [] : [{ at: at.getTime(), milliCelsius, humidityPermille }];
}

/**
 * Adds the readings of a row to samples that a leg is folded from, without making readings of them: a leg of months has
 * a hundred thousand.
 * @throws SeriesCorrupt on packed bytes that packing would not have written
 */
export function addSamplesOfRow(row: StoredReadings, samples: Sample[], after: number, before: number): void {
  const { data, milliCelsius, humidityPermille } = row;
  if (data === null) {
    const at = row.at?.getTime();
    if (at !== undefined && milliCelsius !== null && at > after && at < before) {
      samples.push(sampleOf(at, milliCelsius, humidityPermille));
    }
    return;
  }
  const packed = new PackedReadings(data);
  while (packed.next()) {
    const { at } = packed;
    if (at > after && at < before) samples.push(sampleOf(at, packed.milliCelsius, packed.humidityPermille));
  }
}

function sampleOf(at: number, milliCelsius: number, humidityPermille: number | null): Sample {
  return { at, low: milliCelsius, high: milliCelsius, humidityPermille, until: null };
}

/** A frame's readings by logger, in the order in which the loggers first appear. */
export function splitFrame(frame: Pick<Frame, 'readings'>): readonly Series[] {
  const [first] = frame.readings;
  // Most frames have one logger.
  if (first !== undefined && frame.readings.every(({ logger }) => logger === first.logger)) {
    return [packSeries(first.logger, frame.readings)];
  }
  const byLogger = new Map<string, Reading[]>();
  for (const reading of frame.readings) {
    const list = byLogger.get(reading.logger);
    if (list === undefined) byLogger.set(reading.logger, [reading]);
    else list.push(reading);
  }
  return Array.from(byLogger, ([logger, readings]) => packSeries(logger, readings));
}

/** Packs readings of one logger (at least one, any order). Equal times keep the order they came in. */
export function packSeries(logger: string, readings: readonly Reading[]): Series {
  const ascending = isAscending(readings) ? readings : readings.toSorted((one, other) => one.at - other.at);
  const first = ascending[0];
  const last = ascending.at(-1);
  if (first === undefined || last === undefined) throw new RangeError('a series has at least one reading');
  let lowMilliCelsius = first.milliCelsius;
  let highMilliCelsius = first.milliCelsius;
  for (const { milliCelsius } of ascending) {
    if (milliCelsius < lowMilliCelsius) lowMilliCelsius = milliCelsius;
    if (milliCelsius > highMilliCelsius) highMilliCelsius = milliCelsius;
  }
  const count = ascending.length;
  return {
    logger,
    firstAt: first.at,
    lastAt: last.at,
    count,
    lowMilliCelsius,
    highMilliCelsius,
    data: packReadings(ascending),
  };
}

function isAscending(readings: readonly Reading[]): boolean {
  let before = -Infinity;
  for (const { at } of readings) {
    if (at < before) return false;
    before = at;
  }
  return true;
}
