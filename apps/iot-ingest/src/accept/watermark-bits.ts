import { bitArray, Column, int4Array } from './binary-array.js';
import type { NumberedFrame } from './frame-statement.js';

/** Numbers of one watermark row (frames laboratory §4). */
const CHUNK = 1_024;

interface Chunk {
  readonly stream: number;
  readonly chunk: number;
  readonly bits: Uint8Array;
  frames: number;
}

/**
 * Stream, chunk, bits and count of the watermark rows that a group sets when all of it is new: parameters of
 * `mergeGivenWatermarks`.
 * @param frames by stream and number, no number twice
 */
export function watermarkBits(frames: readonly NumberedFrame[]): Buffer[] {
  const chunks: Chunk[] = [];
  let last: Chunk | undefined;
  for (const { stream, entry } of frames) {
    if (!entry.sequenced) continue;
    const chunk = Math.floor(entry.seq / CHUNK);
    if (last === undefined || last.stream !== stream || last.chunk !== chunk) {
      last = { stream, chunk, bits: new Uint8Array(CHUNK / 8), frames: 0 };
      chunks.push(last);
    }
    const place = entry.seq % CHUNK;
    last.bits[place >> 3] = (last.bits[place >> 3] as number) | (0x80 >> (place & 7));
    last.frames++;
  }
  const numbers = new Column('int8', chunks.length);
  for (const { chunk } of chunks) numbers.int8(chunk);
  return [
    int4Array(chunks.map(({ stream }) => stream)),
    numbers.bytes,
    bitArray(
      chunks.map(({ bits }) => bits),
      CHUNK,
    ),
    int4Array(chunks.map((each) => each.frames)),
  ];
}
