/**
 * The few forms of DER (ITU-T X.690) that block headers, signatures and certificates need: written here, and read from an
 * authority's certificate.
 */

export const TAG = { sequence: 0x30, integer: 0x02, objectIdentifier: 0x06, octets: 0x04, bits: 0x03 } as const;

/** One element as it stands in its surroundings. */
export interface Element {
  readonly tag: number;
  readonly content: Buffer;
  /** Tag, length and content. */
  readonly raw: Buffer;
}

/** The elements that follow each other in `bytes`. @throws RangeError when a length leads beyond the end */
export function elements(bytes: Buffer): Element[] {
  const found: Element[] = [];
  for (let offset = 0; offset < bytes.length;) {
    const first = bytes.readUInt8(offset + 1);
    const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
    const length = lengthBytes === 0 ? first : bytes.readUIntBE(offset + 2, lengthBytes);
    const start = offset + 2 + lengthBytes;
    const end = start + length;
    if (end > bytes.length) throw new RangeError('DER element is longer than its surroundings');
    found.push({ tag: bytes.readUInt8(offset), content: bytes.subarray(start, end), raw: bytes.subarray(offset, end) });
    offset = end;
  }
  return found;
}

/** Tag, shortest length, content. */
export function element(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  if (content.length < 0x80) return Buffer.concat([Buffer.of(tag, content.length), content]);
  const hex = content.length.toString(16);
  const length = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
  return Buffer.concat([Buffer.of(tag, 0x80 | length.length), length, content]);
}

export const sequence = (...parts: readonly Buffer[]): Buffer => element(TAG.sequence, ...parts);
export const set = (...parts: readonly Buffer[]): Buffer => element(0x31, ...parts);
export const octets = (...parts: readonly Buffer[]): Buffer => element(TAG.octets, ...parts);
export const utf8 = (text: string): Buffer => element(0x0c, Buffer.from(text, 'utf8'));
export const yes = (): Buffer => Buffer.of(0x01, 0x01, 0xff);
/** Explicitly tagged member of a sequence. */
export const tagged = (number: number, content: Buffer): Buffer => element(0xa0 | number, content);
/** A bit string whose last byte has `unused` meaningless bits. */
export const bits = (bytes: Buffer, unused = 0): Buffer => element(TAG.bits, Buffer.of(unused), bytes);

/** A non-negative integer of any size: a number, or its bytes, big-endian. */
export function integer(value: number | bigint | Buffer): Buffer {
  const bytes = Buffer.isBuffer(value) ? value : bytesOf(value);
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start++;
  const short = bytes.subarray(start);
  // The first bit is the sign.
  return (short[0] ?? 0) >= 0x80 ? element(TAG.integer, Buffer.of(0), short) : element(TAG.integer, short);
}

function bytesOf(value: number | bigint): Buffer {
  const hex = value.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
}

/** An object identifier in dotted form. */
export function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second];
  for (const arc of rest) {
    const groups = [arc & 0x7f];
    for (let value = arc >>> 7; value > 0; value >>>= 7) groups.unshift((value & 0x7f) | 0x80);
    bytes.push(...groups);
  }
  return element(TAG.objectIdentifier, Buffer.from(bytes));
}

/** An instant to the second: UTCTime until 2049, GeneralizedTime from then on (RFC 5280 §4.1.2.5). */
export function time(instant: Date): Buffer {
  const text = `${instant.toISOString().replaceAll(/[-:T]/g, '').slice(0, 14)}Z`;
  return instant.getUTCFullYear() < 2050
    ? element(0x17, Buffer.from(text.slice(2), 'ascii'))
    : element(0x18, Buffer.from(text, 'ascii'));
}
