/**
 * Array parameters in PostgreSQL's binary format (`array_send`): one dimension, no NULLs. A `Buffer` parameter is sent
 * as it is by `pg`, so a group of frames costs no text encoding and no parsing on the server. Instants count from
 * 2000-01-01.
 */
const OID = { bit: 1560, bytea: 17, int8: 20, int2: 21, int4: 23, date: 1082, timestamptz: 1184 } as const;
const BYTES = { int8: 8, int2: 2, int4: 4, date: 4, timestamptz: 8 } as const;
const EPOCH_MS = Date.UTC(2000, 0, 1);
const DAY_MS = 86_400_000;
const HEADER_BYTES = 20;
const HIGH = 0x1_0000_0000;

/** Types of fixed width. */
export type ColumnType = keyof typeof BYTES;

/** An array of a known number of values of fixed width, written one after the other. */
export class Column {
  private readonly view: DataView;
  private readonly buffer: Buffer;
  private readonly width: number;
  private offset = HEADER_BYTES;
  private text = '';
  private day = 0;

  constructor(type: ColumnType, length: number) {
    this.width = BYTES[type];
    this.buffer = withHeader(OID[type], length, length * (4 + this.width));
    this.view = new DataView(this.buffer.buffer, this.buffer.byteOffset, this.buffer.length);
  }

  /** smallint */
  int2(value: number): void {
    this.view.setInt16(this.next(), value);
  }

  /** integer */
  int4(value: number): void {
    this.view.setInt32(this.next(), value);
  }

  /** bigint that is a safe integer */
  int8(value: number): void {
    const place = this.next();
    const high = Math.floor(value / HIGH);
    this.view.setInt32(place, high);
    this.view.setUint32(place + 4, value - high * HIGH);
  }

  /** timestamptz of ms since 1970 */
  timestamp(at: number): void {
    this.int8((at - EPOCH_MS) * 1000);
  }

  /** date written `YYYY-MM-DD` */
  date(day: string): void {
    if (day !== this.text) [this.text, this.day] = [day, (Date.parse(`${day}T00:00:00Z`) - EPOCH_MS) / DAY_MS];
    this.int4(this.day);
  }

  /** The parameter. @throws when more or fewer values were written than announced */
  get bytes(): Buffer {
    const end = this.buffer.length < HEADER_BYTES ? HEADER_BYTES : this.buffer.length;
    if (this.offset !== end) throw new RangeError('an array has another length than announced');
    return this.buffer;
  }

  private next(): number {
    const { offset, width } = this;
    this.view.setInt32(offset, width);
    this.offset = offset + 4 + width;
    return offset + 4;
  }
}

/** integer[] */
export function int4Array(values: readonly number[]): Buffer {
  const column = new Column('int4', values.length);
  for (const value of values) column.int4(value);
  return column.bytes;
}

/** bytea[] */
export function byteaArray(values: readonly Uint8Array[]): Buffer {
  let bytes = 0;
  for (const value of values) bytes += 4 + value.length;
  const buffer = withHeader(OID.bytea, values.length, bytes);
  let offset = HEADER_BYTES;
  for (const value of values) {
    offset = buffer.writeInt32BE(value.length, offset);
    buffer.set(value, offset);
    offset += value.length;
  }
  return buffer;
}

/** bit(n)[] of a known number of strings of n bits, n in whole bytes; all bits are 0 at first. */
export class BitColumn {
  readonly bytes: Buffer;
  private readonly width: number;

  constructor(length: number, bits: number) {
    this.width = 8 + bits / 8;
    this.bytes = withHeader(OID.bit, length, length * this.width).fill(0, HEADER_BYTES);
    for (let row = 0; row < length; row++) {
      this.bytes.writeInt32BE(4 + bits / 8, HEADER_BYTES + row * this.width);
      this.bytes.writeInt32BE(bits, HEADER_BYTES + 4 + row * this.width);
    }
  }

  /** Sets a bit of a string; bit 0 is the first. */
  set(row: number, bit: number): void {
    const place = HEADER_BYTES + 8 + row * this.width + (bit >> 3);
    this.bytes[place] = (this.bytes[place] as number) | (0x80 >> (bit & 7));
  }
}

function withHeader(oid: number, length: number, bytes: number): Buffer {
  // An empty array has no dimension at all.
  const buffer = Buffer.allocUnsafe(length === 0 ? 12 : HEADER_BYTES + bytes);
  buffer.writeInt32BE(length === 0 ? 0 : 1, 0);
  buffer.writeInt32BE(0, 4);
  buffer.writeInt32BE(oid, 8);
  if (length === 0) return buffer;
  buffer.writeInt32BE(length, 12);
  buffer.writeInt32BE(1, 16);
  return buffer;
}
