/** The few forms of DER (ITU-T X.690) that block headers and certificates need. */

function encoded(tag: number, content: Buffer): Buffer {
  if (content.length < 0x80) return Buffer.concat([Buffer.of(tag, content.length), content]);
  const length = Buffer.from(content.length.toString(16).padStart(content.length > 0xffff ? 6 : 4, '0'), 'hex');
  const short = length[0] === 0 && content.length < 0x100 ? length.subarray(1) : length;
  return Buffer.concat([Buffer.of(tag, 0x80 | short.length), short, content]);
}

export const sequence = (...parts: readonly Buffer[]): Buffer => encoded(0x30, Buffer.concat(parts));
export const set = (...parts: readonly Buffer[]): Buffer => encoded(0x31, Buffer.concat(parts));
export const octets = (bytes: Buffer): Buffer => encoded(0x04, bytes);
export const utf8 = (text: string): Buffer => encoded(0x0c, Buffer.from(text, 'utf8'));
export const utcTime = (text: string): Buffer => encoded(0x17, Buffer.from(text, 'ascii'));
/** A bit string without unused bits. */
export const bits = (bytes: Buffer): Buffer => encoded(0x03, Buffer.concat([Buffer.of(0), bytes]));
/** Explicitly tagged member of a sequence. */
export const tagged = (number: number, content: Buffer): Buffer => encoded(0xa0 | number, content);

/** A non-negative integer. */
export function integer(value: number | bigint): Buffer {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  // The first bit is the sign.
  return encoded(0x02, (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes);
}

/** An object identifier in dotted form. */
export function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second];
  for (const arc of rest) {
    const groups = [arc & 0x7f];
    for (let value = Math.floor(arc / 128); value > 0; value = Math.floor(value / 128))
      groups.unshift((value & 0x7f) | 0x80);
    bytes.push(...groups);
  }
  return encoded(0x06, Buffer.from(bytes));
}
