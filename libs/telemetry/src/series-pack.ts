import type { Reading } from './reading.js';
import { SeriesCorrupt } from './series-corrupt.js';
import { appendLargeVarint, appendVarint, SMALL, unzigzag, Varints, zigzag } from './varint.js';

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

/** Stands for a humidity that was not measured. */
const DRY = -1;

/** Packs the readings of one logger one after the other, as they are decoded. One series at a time. */
export class SeriesWriter {
  private readonly bytes: Uint8Array;
  private readonly firstAt: number;
  private end: number;
  private count = 1;
  private spanMs = 0;
  private lowMilliCelsius: number;
  private highMilliCelsius: number;
  private milliCelsius: number;
  private humidityPermille = DRY;

  /** `humid`: whether any of the readings has a humidity. `mostReadings`: how many come at most. */
  constructor(
    { at, milliCelsius, humidityPermille }: Reading,
    private readonly humid: boolean,
    mostReadings: number,
  ) {
    // Three numbers of at most eight bytes a reading; what is packed is copied out at the end.
    const most = mostReadings * 24;
    this.bytes = most <= SCRATCH.length ? SCRATCH : new Uint8Array(most);
    this.firstAt = at;
    this.lowMilliCelsius = milliCelsius;
    this.highMilliCelsius = milliCelsius;
    this.milliCelsius = milliCelsius;
    this.end = appendLargeVarint(this.bytes, 0, zigzag(at));
    this.end = appendVarint(this.bytes, this.end, zigzag(milliCelsius));
    if (humid) this.addHumidity(humidityPermille ?? DRY);
  }

  /** The next reading, so many ms after the one before; `humidityPermille` −1: not measured. */
  add(stepMs: number, milliCelsius: number, humidityPermille: number): void {
    if (milliCelsius < this.lowMilliCelsius) this.lowMilliCelsius = milliCelsius;
    else if (milliCelsius > this.highMilliCelsius) this.highMilliCelsius = milliCelsius;
    const { bytes } = this;
    const step = zigzag(stepMs);
    const end = step < SMALL ? appendVarint(bytes, this.end, step) : appendLargeVarint(bytes, this.end, step);
    this.end = appendVarint(bytes, end, zigzag(milliCelsius - this.milliCelsius));
    this.milliCelsius = milliCelsius;
    this.spanMs += stepMs;
    this.count++;
    if (this.humid) this.addHumidity(humidityPermille);
  }

  /** The packed series of what was added. */
  series(logger: string): Series {
    const { count, end, firstAt, spanMs, lowMilliCelsius, highMilliCelsius } = this;
    const start = appendVarint(HEADER, 2, count);
    HEADER[1] = this.humid ? WITH_HUMIDITY : 0;
    const data = Buffer.allocUnsafe(start + end);
    data.set(start === SHORT_HEADER.length ? SHORT_HEADER : HEADER.subarray(0, start));
    data.set(this.bytes.subarray(0, end), start);
    return { logger, firstAt, lastAt: firstAt + spanMs, count, lowMilliCelsius, highMilliCelsius, data };
  }

  private addHumidity(humidityPermille: number): void {
    this.end = appendVarint(this.bytes, this.end, zigzag(humidityPermille - this.humidityPermille));
    this.humidityPermille = humidityPermille;
  }
}

/** The series of one reading. It is packed when its bytes are asked for: single readings are stored without. */
export class SeriesOfOne implements Series {
  constructor(
    readonly logger: string,
    private readonly reading: Reading,
  ) {}

  get firstAt(): number {
    return this.reading.at;
  }

  get lastAt(): number {
    return this.reading.at;
  }

  get count(): number {
    return 1;
  }

  get lowMilliCelsius(): number {
    return this.reading.milliCelsius;
  }

  get highMilliCelsius(): number {
    return this.reading.milliCelsius;
  }

  get data(): Buffer {
    return new SeriesWriter(this.reading, this.reading.humidityPermille !== null, 1).series(this.logger).data;
  }
}

const HEADER = Uint8Array.of(VERSION, ...Array.from({ length: 9 }, () => 0));
/** Of fewer than 128 readings. */
const SHORT_HEADER = HEADER.subarray(0, 3);

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

  /** How many readings there are. */
  get size(): number {
    return this.count;
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
