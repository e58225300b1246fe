import { crc32 } from 'node:zlib';

/**
 * A record of a log file: two bytes of mark, length and CRC-32 of the content (both 32 bits, little-endian), the content.
 * The mark lets a reader find the next record behind bytes that the medium spoiled.
 */
const MARK = Buffer.from([0xc0, 0xf7]);
const HEADER_BYTES = 10;
/** A longer record is none: a frame has at most 256 KiB. */
const LONGEST = 1 << 20;

/** Content framed as a record; never empty, because a run of zero bytes must not read as records. */
export function recordOf(content: Buffer): Buffer {
  if (content.length === 0 || content.length > LONGEST) throw new Error(`a record of ${content.length} bytes`);
  const header = Buffer.alloc(HEADER_BYTES);
  MARK.copy(header);
  header.writeUInt32LE(content.length, 2);
  header.writeUInt32LE(crc32(content), 6);
  return Buffer.concat([header, content]);
}

/** What a log file holds. */
export interface FoundRecords {
  readonly contents: readonly Buffer[];
  /** Bytes behind the last whole record: the write that a crash cut short. */
  readonly tornBytes: number;
  /** Bytes between whole records: the medium spoiled them. */
  readonly spoiltBytes: number;
}

/** Reads all whole records; what is not one is skipped and counted. */
export function recordsIn(bytes: Buffer): FoundRecords {
  const contents: Buffer[] = [];
  let spoiltBytes = 0;
  let end = 0;
  for (let at = 0; at >= 0 && at < bytes.length;) {
    const content = recordAt(bytes, at);
    if (content === null) at = bytes.indexOf(MARK, at + 1);
    else {
      spoiltBytes += at - end;
      contents.push(content);
      at += HEADER_BYTES + content.length;
      end = at;
    }
  }
  return { contents, tornBytes: bytes.length - end, spoiltBytes };
}

function recordAt(bytes: Buffer, at: number): Buffer | null {
  if (bytes.length - at < HEADER_BYTES || bytes[at] !== MARK[0] || bytes[at + 1] !== MARK[1]) return null;
  const length = bytes.readUInt32LE(at + 2);
  const from = at + HEADER_BYTES;
  if (length === 0 || length > LONGEST || from + length > bytes.length) return null;
  const content = bytes.subarray(from, from + length);
  return crc32(content) === bytes.readUInt32LE(at + 6) ? content : null;
}
