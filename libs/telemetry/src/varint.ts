import { SeriesCorrupt } from './series-corrupt.js';

/** Small numbers of either sign as small numbers without one. */
export function zigzag(value: number): number {
  return value < 0 ? -value * 2 - 1 : value * 2;
}

/** What {@link zigzag} was given. */
export function unzigzag(value: number): number {
  if (value <= 0x7fff_ffff) return (value >>> 1) ^ -(value & 1);
  return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
}

/** From here on numbers are no small integers of V8. */
export const SMALL = 2 ** 31;

/** Writes a non-negative integer below 2^31; the position after it. */
export function appendVarint(bytes: Uint8Array, start: number, value: number): number {
  let end = start;
  let rest = value;
  while (rest > 127) {
    bytes[end++] = (rest & 127) | 128;
    rest >>>= 7;
  }
  bytes[end++] = rest;
  return end;
}

/** The same below 2^53: times pass 32 bits, and there is no shift for them. */
export function appendLargeVarint(bytes: Uint8Array, start: number, value: number): number {
  let end = start;
  let rest = value;
  while (rest >= SMALL) {
    bytes[end++] = (rest % 128) + 128;
    rest = Math.floor(rest / 128);
  }
  return appendVarint(bytes, end, rest);
}

/** Reads little-endian base-128 numbers one after the other. Each step throws SeriesCorrupt where the bytes are none. */
export class Varints {
  private at = 0;

  constructor(private readonly data: Uint8Array) {}

  next(): number {
    const first = this.data[this.at];
    if (first === undefined || first >= 128) return this.longer();
    this.at++;
    return first;
  }

  /** So many bytes as they are. */
  bytes(length: number): Uint8Array {
    if (this.at + length > this.data.length)
      throw new SeriesCorrupt('a packed series ends early', { bytes: this.data.length });
    return this.data.subarray(this.at, (this.at += length));
  }

  /** What is left. */
  rest(): Uint8Array {
    return this.bytes(this.data.length - this.at);
  }

  /** Nothing may be left. */
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
