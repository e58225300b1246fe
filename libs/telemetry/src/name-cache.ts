const SLOTS = 4_096;

/**
 * Texts of printable ASCII by their bytes. The same few names come again and again: one that is remembered costs no new
 * text, and maps find it by the hash it already has. A slot keeps the name that was asked for last, so it never grows.
 */
export class NameCache {
  private readonly slots = new Array<string>(SLOTS).fill('');

  /** The text of the bytes from `start` to before `end`, each below 128. */
  of(raw: Buffer, start: number, end: number): string {
    let hash = end - start;
    for (let at = start; at < end; at++) hash = (Math.imul(hash, 31) + (raw[at] as number)) | 0;
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
