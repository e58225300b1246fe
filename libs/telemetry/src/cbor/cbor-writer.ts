/** What {@link cborOf} writes: integers and other numbers, text, bytes, lists, and maps of them. */
export type CborInput = number | string | Uint8Array | readonly CborInput[] | ReadonlyMap<number | string, CborInput>;

/** One CBOR item with the shortest heads (RFC 8949 §4.2.1); numbers that are no safe integers become doubles. */
export function cborOf(value: CborInput): Buffer {
  const parts: Buffer[] = [];
  write(value, parts);
  return Buffer.concat(parts);
}

/** An item behind a tag. */
export function cborTagged(tag: number, value: CborInput): Buffer {
  return Buffer.concat([head(6, tag), cborOf(value)]);
}

function write(value: CborInput, parts: Buffer[]): void {
  if (typeof value === 'number') {
    if (Number.isSafeInteger(value) && !Object.is(value, -0))
      parts.push(value < 0 ? head(1, -1 - value) : head(0, value));
    else parts.push(double(value));
  } else if (typeof value === 'string') {
    const bytes = Buffer.from(value, 'utf8');
    parts.push(head(3, bytes.length), bytes);
  } else if (value instanceof Uint8Array) {
    parts.push(head(2, value.length), Buffer.from(value));
  } else if (value instanceof Map) {
    parts.push(head(5, value.size));
    for (const [key, member] of value as ReadonlyMap<number | string, CborInput>) {
      write(key, parts);
      write(member, parts);
    }
  } else {
    const items = value as readonly CborInput[];
    parts.push(head(4, items.length));
    for (const item of items) write(item, parts);
  }
}

function head(major: number, argument: number): Buffer {
  const initial = major << 5;
  if (argument < 24) return Buffer.from([initial | argument]);
  if (argument < 0x100) return Buffer.from([initial | 24, argument]);
  const bytes = Buffer.alloc(argument < 0x1_0000 ? 3 : argument < 0x1_0000_0000 ? 5 : 9);
  bytes[0] = initial | (bytes.length === 3 ? 25 : bytes.length === 5 ? 26 : 27);
  if (bytes.length === 3) bytes.writeUInt16BE(argument, 1);
  else if (bytes.length === 5) bytes.writeUInt32BE(argument, 1);
  else bytes.writeBigUInt64BE(BigInt(argument), 1);
  return bytes;
}

function double(value: number): Buffer {
  const bytes = Buffer.alloc(9);
  bytes[0] = 0xfb;
  bytes.writeDoubleBE(value, 1);
  return bytes;
}
