import { SeriesCorrupt } from './series-corrupt.js';
import { PackedReadings, type Series } from './series-pack.js';
import { appendLargeVarint, appendVarint, SMALL, unzigzag, Varints, zigzag } from './varint.js';

/**
 * Version 1 of the short form of a frame's bytes: byte 1; length and bytes of all before its first reading; number of
 * loggers, and for each length and bytes of its name, length and bytes of its packed series; length of the order in which
 * loggers follow each other (it repeats), and the order; 1 when there are counters, else 0, and per reading the zigzag
 * delta of "counter + 1" (0: without); the bytes behind the last reading. Lengths and numbers are base-128 varints.
 *
 * No message that can be stored begins with byte 1: JSON begins with a bracket or white space, CBOR with 0x80 or more.
 */
const SHORT_FORM = 1;
const WITHOUT = 0;
const WITH = 1;

/** Where the parts of a message lie whose readings are written exactly as `JSON.stringify` writes them. */
export interface PlainOutline {
  /** Behind the bytes before the first reading. */
  readonly headEnd: number;
  /** Behind the last reading. */
  readonly tailStart: number;
}

/** Counters of a frame, packed one after the other; −1: none. */
export class CounterWriter {
  private bytes = new Uint8Array(1_000 * 8);
  private end = 0;
  private before = 0;
  private some = false;

  /** Forgets what was added. */
  begin(): void {
    this.end = 0;
    this.before = 0;
    this.some = false;
  }

  add(counter: number): void {
    const number = counter + 1;
    const step = zigzag(number - this.before);
    this.before = number;
    if (number > 0) this.some = true;
    this.end = step < SMALL ? appendVarint(this.bytes, this.end, step) : appendLargeVarint(this.bytes, this.end, step);
  }

  /** What was added; null where no reading has a counter. Valid until `begin`. */
  get packed(): Uint8Array | null {
    return this.some ? this.bytes.subarray(0, this.end) : null;
  }
}

/**
 * The short form of a frame's bytes, about 5 bytes a reading instead of 60; {@link receivedBytes} gives back every one.
 * @param order for each reading, until it repeats, the place of its logger's series
 * @param series each with the readings of one logger in the order in which they were received
 */
export function shortForm(
  raw: Buffer,
  {
    outline: { headEnd, tailStart },
    series,
    order,
    counters,
  }: {
    readonly outline: PlainOutline;
    readonly series: readonly Series[];
    readonly order: readonly number[];
    readonly counters: Uint8Array | null;
  },
): Buffer {
  let most = 8 + headEnd + 4 + 4 + 3 * order.length + (counters?.length ?? 0) + (raw.length - tailStart);
  for (const { logger, data } of series) most += 4 + logger.length + 4 + data.length;
  const kept = Buffer.allocUnsafe(most);
  kept[0] = SHORT_FORM;
  let at = appendVarint(kept, 1, headEnd);
  at = appendBytes(kept, at, raw, 0, headEnd);
  at = appendVarint(kept, at, series.length);
  for (const { logger, data } of series) {
    at = appendVarint(kept, at, logger.length);
    for (let index = 0; index < logger.length; index++) kept[at++] = logger.charCodeAt(index);
    at = appendVarint(kept, at, data.length);
    kept.set(data, at);
    at += data.length;
  }
  at = appendVarint(kept, at, order.length);
  for (const place of order) at = appendVarint(kept, at, place);
  kept[at++] = counters === null ? WITHOUT : WITH;
  if (counters !== null) {
    kept.set(counters, at);
    at += counters.length;
  }
  at = appendBytes(kept, at, raw, tailStart, raw.length);
  return kept.subarray(0, at);
}

/** A call of the system's costs more than a few bytes. */
function appendBytes(to: Buffer, start: number, from: Buffer, begin: number, end: number): number {
  let at = start;
  for (let index = begin; index < end; index++) to[at++] = from[index] as number;
  return at;
}

/**
 * The bytes of a frame as they were received, of what is kept of them: themselves, or their short form.
 * @throws SeriesCorrupt on a short form that {@link shortForm} would not have written
 */
export function receivedBytes(kept: Buffer): Buffer {
  if (kept[0] !== SHORT_FORM) return kept;
  const source = new Varints(kept.subarray(1));
  const head = source.bytes(source.next());
  const loggers = Array.from({ length: bounded(source.next()) }, () => ({
    name: Buffer.from(source.bytes(source.next())).toString('latin1'),
    readings: new PackedReadings(source.bytes(source.next())),
  }));
  const order = Array.from({ length: bounded(source.next()) }, () => source.next());
  const counters = source.next() === WITH ? source : null;
  const readings: string[] = [];
  const total = loggers.reduce((sum, { readings: { size } }) => sum + size, 0);
  let number = 0;
  while (readings.length < total) {
    const logger = loggers[order[readings.length % order.length] ?? -1];
    if (logger?.readings.next() !== true) throw new SeriesCorrupt('the order of a frame does not fit its series', {});
    if (counters !== null) number += unzigzag(counters.next());
    const { at, milliCelsius, humidityPermille } = logger.readings;
    const humidity = humidityPermille === null ? '' : `,"h":${humidityPermille / 10}`;
    const counter = number === 0 ? '' : `,"n":${number - 1}`;
    readings.push(`{"d":"${logger.name}","t":${at},"c":${milliCelsius / 1000}${humidity}${counter}}`);
  }
  return Buffer.concat([head, Buffer.from(readings.join(','), 'latin1'), source.rest()]);
}

/** The same; of a damaged short form itself: no frame has its digest, so that whoever compares it finds the damage. */
export function receivedOrDamagedBytes(kept: Buffer): Buffer {
  try {
    return receivedBytes(kept);
  } catch (error) {
    if (error instanceof SeriesCorrupt) return kept;
    throw error;
  }
}

/** A number of loggers or readings: no frame has more, so it is damage. */
function bounded(number: number): number {
  if (number === 0 || number > 1_000) throw new SeriesCorrupt('implausible number in a frame', { number });
  return number;
}

/**
 * The shortest beginning of an order that gives all of it when it is repeated. In one pass (Knuth, Morris and Pratt 1977): an
 * order that repeats nearly until its end would else be gone through once for each length.
 */
export function repeating(order: readonly number[]): readonly number[] {
  /** Of each beginning: the longest shorter one that it ends with. */
  const borders = new Int32Array(order.length);
  for (let end = 1, border = 0; end < order.length; end++) {
    while (border > 0 && order[end] !== order[border]) border = borders[border - 1] ?? 0;
    if (order[end] === order[border]) border++;
    borders[end] = border;
  }
  const length = order.length - (borders.at(-1) ?? 0);
  return length <= order.length / 2 ? order.slice(0, length) : order;
}
