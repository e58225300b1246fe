import { DomainError } from '@coldchain/kernel';
import type { Reading } from './reading.js';

/**
 * Version 1 of the packed form, little-endian base-128 varints throughout (frames-lab §11: about 3 bytes a reading):
 * byte 1; byte flags (1: humidity follows); count; first time in ms; first milli-degrees (zigzag); [first humidity + 1];
 * then per further reading the zigzag deltas of time, milli-degrees [and of humidity + 1]. Humidity 0 in "+ 1" counting is
 * a reading without it.
 */
const VERSION = 1;
const WITH_HUMIDITY = 1;
/** A frame's limit leaves room; more can only come from damage. */
const MOST_READINGS = 100_000;

/** Room for a frame of the usual size, used again and again. */
const SCRATCH = new Uint8Array(32 * 1024);

/** Packed bytes that are not what {@link packReadings} writes. */
export class SeriesCorrupt extends DomainError<'series-corrupt'> {
  readonly code = 'series-corrupt';
}

/** Packs readings that are ascending by time. */
export function packReadings(readings: readonly Reading[]): Buffer {
  const humid = readings.some(({ humidityPermille }) => humidityPermille !== null);
  // Three numbers of at most eight bytes a reading; what is packed is copied out at the end.
  const most = 16 + readings.length * 24;
  const bytes = most <= SCRATCH.length ? SCRATCH : new Uint8Array(most);
  bytes[0] = VERSION;
  bytes[1] = humid ? WITH_HUMIDITY : 0;
  let end = append(bytes, 2, readings.length);
  let previousAt = 0;
  let previousMilliCelsius = 0;
  let previousWetness = 0;
  for (const { at, milliCelsius, humidityPermille } of readings) {
    const wetness = humidityPermille === null ? 0 : humidityPermille + 1;
    end = append(bytes, end, zigzag(at - previousAt));
    end = append(bytes, end, zigzag(milliCelsius - previousMilliCelsius));
    if (humid) end = append(bytes, end, zigzag(wetness - previousWetness));
    previousAt = at;
    previousMilliCelsius = milliCelsius;
    previousWetness = wetness;
  }
  const packed = Buffer.allocUnsafe(end);
  packed.set(bytes.subarray(0, end));
  return packed;
}

/**
 * The readings of a packed series, ascending by time.
 * @throws SeriesCorrupt on any byte that packing would not have written
 */
export function unpackSeries(data: Uint8Array): readonly Reading[] {
  const packed = new PackedReadings(data);
  const readings: Reading[] = [];
  while (packed.next()) {
    const { at, milliCelsius, humidityPermille } = packed;
    readings.push({ at, milliCelsius, humidityPermille });
  }
  return readings;
}

/** Goes through a packed series, ascending by time, without making objects: one reading after the other is in its members. */
export class PackedReadings implements Reading {
  at = 0;
  milliCelsius = 0;
  humidityPermille: number | null = null;
  private readonly source: Varints;
  private readonly humid: boolean;
  private readonly count: number;
  private index = 0;
  private wetness = 0;

  /** @throws SeriesCorrupt on a head that packing would not have written */
  constructor(data: Uint8Array) {
    const source = new Varints(data);
    if (source.next() !== VERSION)
      throw new SeriesCorrupt('unknown version of a packed series', { version: data[0] ?? null });
    const flags = source.next();
    if (flags > WITH_HUMIDITY) throw new SeriesCorrupt('unknown flags of a packed series', { flags });
    const count = source.next();
    if (count === 0 || count > MOST_READINGS)
      throw new SeriesCorrupt('implausible count of a packed series', { count });
    this.source = source;
    this.humid = flags === WITH_HUMIDITY;
    this.count = count;
  }

  /** Goes to the next reading; false after the last one. @throws SeriesCorrupt */
  next(): boolean {
    const { source, index } = this;
    if (index === this.count) {
      source.end();
      return false;
    }
    const step = unzigzag(source.next());
    this.at += step;
    this.milliCelsius += unzigzag(source.next());
    if (this.humid) this.wetness += unzigzag(source.next());
    if ((index > 0 && step < 0) || !Number.isSafeInteger(this.at) || this.wetness < 0 || this.wetness > 1001) {
      throw new SeriesCorrupt('implausible reading in a packed series', { index });
    }
    this.humidityPermille = this.wetness === 0 ? null : this.wetness - 1;
    this.index++;
    return true;
  }
}

function zigzag(value: number): number {
  return value < 0 ? -value * 2 - 1 : value * 2;
}

function unzigzag(value: number): number {
  if (value <= 0x7fff_ffff) return (value >>> 1) ^ -(value & 1);
  return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
}

/** Writes a non-negative integer below 2^53; the position after it. Times pass 32 bits: there is no shift for them. */
function append(bytes: Uint8Array, start: number, value: number): number {
  let end = start;
  let rest = value;
  while (rest > 0x7fff_ffff) {
    bytes[end++] = (rest % 128) + 128;
    rest = Math.floor(rest / 128);
  }
  while (rest > 127) {
    bytes[end++] = (rest & 127) | 128;
    rest >>>= 7;
  }
  bytes[end++] = rest;
  return end;
}

class Varints {
  private at = 0;

  constructor(private readonly data: Uint8Array) {}

  next(): number {
    const first = this.data[this.at];
    if (first === undefined || first >= 128) return this.longer();
    this.at++;
    return first;
  }

  end(): void {
    if (this.at !== this.data.length)
      throw new SeriesCorrupt('bytes after a packed series', { bytes: this.data.length - this.at });
  }

  /** A number of more than one byte. */
  private longer(): number {
    let value = 0;
    let factor = 1;
    for (;;) {
      const byte = this.data[this.at++];
      if (byte === undefined) throw new SeriesCorrupt('a packed series ends early', { bytes: this.data.length });
      value += (byte & 127) * factor;
      if (value > Number.MAX_SAFE_INTEGER)
        throw new SeriesCorrupt('a number of a packed series is too large', { at: this.at });
      if (byte < 128) return value;
      factor *= 128;
    }
  }
}
