import type { Frame } from './frame.js';
import type { Sample } from './excursion/sample.js';
import type { Reading } from './reading.js';
import { PackedReadings, type Series, SeriesOfOne, SeriesWriter, unpackSeries } from './series-pack.js';

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
  if (first !== undefined && frame.readings.length === 1) return [new SeriesOfOne(first.logger, first)];
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
  const [first] = ascending;
  if (first === undefined) throw new RangeError('a series has at least one reading');
  const humid = readings.some(({ humidityPermille }) => humidityPermille !== null);
  const writer = new SeriesWriter(first, humid, readings.length);
  let before = first.at;
  for (let index = 1; index < ascending.length; index++) {
    const { at, milliCelsius, humidityPermille } = ascending[index] as Reading;
    writer.add(at - before, milliCelsius, humidityPermille ?? -1);
    before = at;
  }
  return writer.series(logger);
}

function isAscending(readings: readonly Reading[]): boolean {
  let before = -Infinity;
  for (const { at } of readings) {
    if (at < before) return false;
    before = at;
  }
  return true;
}
