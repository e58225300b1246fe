const SLOTS = 4_096;
const LONGEST_BYTES = 256;

/**
 * Texts by their bytes, for names that come again and again: one that is remembered costs no new text, and maps find it
 * by the hash that it already has. A slot keeps the text that was asked for last, so it never grows. Remembered are those
 * of ASCII and at most 256 bytes; all others are decoded as UTF-8 every time.
 */
export class TextCache {
  private readonly slots = new Array<string>(SLOTS).fill('');

  /** The text of the bytes from `start` to before `end`. */
  of(raw: Buffer, start: number, end: number): string {
    if (end - start > LONGEST_BYTES) return raw.toString('utf8', start, end);
    let hash = end - start;
    let bits = 0;
    for (let at = start; at < end; at++) {
      const byte = raw[at] as number;
      bits |= byte;
      hash = (Math.imul(hash, 31) + byte) | 0;
    }
    if (bits > 127) return raw.toString('utf8', start, end);
    const slot = (hash ^ (hash >>> 15)) & (SLOTS - 1);
    const known = this.slots[slot] as string;
    if (isText(known, raw, start, end)) return known;
    return (this.slots[slot] = raw.toString('latin1', start, end));
  }
}

function isText(text: string, raw: Buffer, start: number, end: number): boolean {
  if (text.length !== end - start) return false;
  for (let at = start; at < end; at++) if (text.charCodeAt(at - start) !== raw[at]) return false;
  return true;
}
