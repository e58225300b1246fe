/** Bytes that are no packet of MQTT, or more than one may have. */
export class PacketMalformed extends Error {}

/**
 * Takes one packet: bytes from `start` (its fixed header) to before `end`, the rest behind its length from `body`. `missing`:
 * how many bytes of it, which was too large, were passed over behind those.
 */
export type PacketTaker = (bytes: Buffer, start: number, body: number, end: number, missing: number) => void;

/** What is kept of a packet that is too large: its topic (at most 64 KiB), its id, and some of what it says. */
const HEAD_BYTES = 128 * 1024;
/**
 * More pieces than this are joined while they are smaller than that on average. A piece of one byte takes two hundred of
 * memory, and taking them off a list of many thousands one by one takes V8 minutes: any sender could stop the process so.
 */
const MANY_PIECES = 64;
const SMALL_PIECE_BYTES = 256;

/** The beginning of a packet that is too large. */
interface Head {
  readonly bytes: Buffer;
  readonly body: number;
  readonly missing: number;
  /** Of the missing ones. */
  toCome: number;
}

/**
 * Cuts a stream of bytes into packets of MQTT (3.1.1 and 5 §2.1) without copying those that lie within one chunk. It can
 * be held: then what has arrived stays until it is let go. Of a PUBLISH that is too large only the beginning is kept.
 */
export class PacketSplitter {
  /** What is not taken yet, of the first one from `place` on. */
  private readonly chunks: Buffer[] = [];
  private place = 0;
  private bytes = 0;
  /** With fewer bytes no packet is complete, as far as is known. */
  private needed = 2;
  private head: Head | null = null;

  constructor(
    private readonly largestPacketBytes: number,
    private readonly take: PacketTaker,
    /** Whether no more is to be taken now. */
    private readonly held: () => boolean,
  ) {}

  /** @throws PacketMalformed */
  push(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.chunks.push(chunk);
    this.bytes += chunk.length;
    this.takeAll();
    const pieces = this.chunks.length;
    if (pieces > MANY_PIECES && pieces * SMALL_PIECE_BYTES > this.bytes) this.join(pieces);
  }

  /** Takes what has arrived, as far as it is not held. @throws PacketMalformed */
  takeAll(): void {
    while (!this.held() && this.passedOver() && this.bytes >= this.needed) {
      const first = this.chunks[0] as Buffer;
      const start = this.place;
      const body = bodyOf(first, start);
      if (body === null) {
        if (!this.joinFirst()) return;
        continue;
      }
      const whole = body + lengthOf(first, start) - start;
      const isTooLarge = whole > this.largestPacketBytes;
      if (isTooLarge && !isPublish(first[start] as number)) throw new PacketMalformed(`packet of ${whole} bytes`);
      this.needed = isTooLarge ? Math.min(whole, HEAD_BYTES) : whole;
      if (this.bytes < this.needed) return;
      const length = this.needed;
      const packet = this.cut(length);
      this.needed = 2;
      const [from, bodyFrom] = packet === first ? [start, body] : [0, body - start];
      if (!isTooLarge) this.take(packet, from, bodyFrom, from + length, 0);
      else {
        const bytes = Buffer.from(packet.subarray(from, from + length));
        this.head = { bytes, body: bodyFrom - from, missing: whole - length, toCome: whole - length };
      }
    }
  }

  /** Passes over the rest of a packet that is too large; when all of it has come, its head is taken. False: more is to come. */
  private passedOver(): boolean {
    const { head } = this;
    if (head === null) return true;
    while (head.toCome > 0) {
      const chunk = this.chunks[0];
      if (chunk === undefined) return false;
      const length = Math.min(head.toCome, chunk.length - this.place);
      head.toCome -= length;
      this.bytes -= length;
      this.place += length;
      if (this.place === chunk.length) {
        this.chunks.shift();
        this.place = 0;
      }
    }
    this.head = null;
    this.take(head.bytes, 0, head.body, head.bytes.length, head.missing);
    return !this.held();
  }

  /** The beginning of a packet that lies in two chunks, which is seldom; false: there is only one. */
  private joinFirst(): boolean {
    if (this.chunks.length < 2) return false;
    this.join(2);
    return true;
  }

  private join(count: number): void {
    const pieces = this.chunks.splice(0, count);
    pieces[0] = (pieces[0] as Buffer).subarray(this.place);
    this.chunks.unshift(Buffer.concat(pieces));
    this.place = 0;
  }

  /** Moves past so many bytes: the first chunk where they lie in it, else a copy of them. */
  private cut(length: number): Buffer {
    this.bytes -= length;
    const first = this.chunks[0] as Buffer;
    if (this.place + length < first.length) {
      this.place += length;
      return first;
    }
    const pieces: Buffer[] = [];
    for (let missing = length; missing > 0;) {
      const chunk = this.chunks[0] as Buffer;
      const end = Math.min(chunk.length, this.place + missing);
      pieces.push(chunk.subarray(this.place, end));
      missing -= end - this.place;
      this.place = end;
      if (end === chunk.length) {
        this.chunks.shift();
        this.place = 0;
      }
    }
    return pieces.length === 1 ? first : Buffer.concat(pieces);
  }
}

/** Whether a first byte is that of a PUBLISH. */
export function isPublish(header: number): boolean {
  return header >> 4 === 3;
}

const LONGEST_LENGTH = 4;

/** Where the rest of a packet begins; null: its length has not arrived. */
function bodyOf(bytes: Buffer, start: number): number | null {
  for (let at = start + 1; at <= start + LONGEST_LENGTH; at++) {
    const byte = bytes[at];
    if (byte === undefined) return null;
    if (byte < 128) return at + 1;
  }
  throw new PacketMalformed('length of a packet of more than four bytes');
}

/** Remaining length (§2.2.3 of MQTT 3.1.1), which has arrived. */
function lengthOf(bytes: Buffer, start: number): number {
  let length = 0;
  let shift = 0;
  for (let at = start + 1; ; at++, shift += 7) {
    const byte = bytes[at] as number;
    length |= (byte & 127) << shift;
    if (byte < 128) return length;
  }
}
