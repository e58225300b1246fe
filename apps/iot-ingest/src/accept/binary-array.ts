/**
 * Array parameters in PostgreSQL's binary format (`array_send`): one dimension, no NULLs. A `Buffer` parameter is sent
 * as it is by `pg`, so a group of frames costs no text encoding and no parsing on the server. Instants count from
 * 2000-01-01.
 */
const OID = { bytea: 17, int8: 20, int2: 21, int4: 23, date: 1082, timestamptz: 1184 } as const;
const EPOCH_MS = Date.UTC(2000, 0, 1);
const DAY_MS = 86_400_000;
const HEADER_BYTES = 20;
const HIGH = 0x1_0000_0000;

/** smallint[] */
export function int2Array(values: readonly number[]): Buffer {
  return fixedWidth(OID.int2, 2, values, (buffer, value, offset) => buffer.writeInt16BE(value, offset));
}

/** integer[] */
export function int4Array(values: readonly number[]): Buffer {
  return fixedWidth(OID.int4, 4, values, (buffer, value, offset) => buffer.writeInt32BE(value, offset));
}

/** bigint[] of safe integers */
export function int8Array(values: readonly number[]): Buffer {
  return fixedWidth(OID.int8, 8, values, writeInt8);
}

/** date[] of days written `YYYY-MM-DD` */
export function dateArray(days: readonly string[]): Buffer {
  let [text, number] = ['', 0];
  return fixedWidth(OID.date, 4, days, (buffer, day, offset) => {
    if (day !== text) [text, number] = [day, (Date.parse(`${day}T00:00:00Z`) - EPOCH_MS) / DAY_MS];
    buffer.writeInt32BE(number, offset);
  });
}

/** timestamptz[] of ms since 1970 */
export function timestampArray(instants: readonly number[]): Buffer {
  return fixedWidth(OID.timestamptz, 8, instants, (buffer, at, offset) =>
    writeInt8(buffer, (at - EPOCH_MS) * 1000, offset),
  );
}

/** bytea[] */
export function byteaArray(values: readonly Uint8Array[]): Buffer {
  const bytes = values.reduce((sum, value) => sum + 4 + value.length, 0);
  const buffer = withHeader(OID.bytea, values.length, bytes);
  let offset = HEADER_BYTES;
  for (const value of values) {
    offset = buffer.writeInt32BE(value.length, offset);
    buffer.set(value, offset);
    offset += value.length;
  }
  return buffer;
}

function fixedWidth<Value>(
  oid: number,
  width: number,
  values: readonly Value[],
  write: (buffer: Buffer, value: Value, offset: number) => void,
): Buffer {
  const buffer = withHeader(oid, values.length, values.length * (4 + width));
  let offset = HEADER_BYTES;
  for (const value of values) {
    offset = buffer.writeInt32BE(width, offset);
    write(buffer, value, offset);
    offset += width;
  }
  return buffer;
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

function writeInt8(buffer: Buffer, value: number, offset: number): void {
  const high = Math.floor(value / HIGH);
  buffer.writeInt32BE(high, offset);
  buffer.writeUInt32BE(value - high * HIGH, offset + 4);
}
