import { BitColumn, Column, int4Array } from './binary-array.js';
import type { NumberedFrame } from './frame-statement.js';

/** Numbers of one watermark row (frames laboratory §4). */
const CHUNK = 1_024;

/**
 * Stream, chunk, bits and count of the watermark rows that a group sets when all of it is new: parameters of
 * `mergeGivenWatermarks`.
 * @param frames by stream and number, no number twice
 */
export function watermarkBits(frames: readonly NumberedFrame[]): Buffer[] {
  const streams: number[] = [];
  const chunks: number[] = [];
  const counts: number[] = [];
  /** Row of each frame; −1: none is kept of it. */
  const rows = new Int32Array(frames.length);
  let row = -1;
  frames.forEach(({ stream, entry }, index) => {
    if (!entry.sequenced) {
      rows[index] = -1;
      return;
    }
    const chunk = Math.floor(entry.seq / CHUNK);
    if (row < 0 || streams[row] !== stream || chunks[row] !== chunk) {
      row = streams.push(stream) - 1;
      chunks.push(chunk);
      counts.push(0);
    }
    counts[row] = (counts[row] as number) + 1;
    rows[index] = row;
  });
  const bits = new BitColumn(streams.length, CHUNK);
  frames.forEach(({ entry }, index) => {
    const own = rows[index] as number;
    if (own >= 0) bits.set(own, entry.seq % CHUNK);
  });
  const numbers = new Column('int8', chunks.length);
  for (const chunk of chunks) numbers.int8(chunk);
  return [int4Array(streams), numbers.bytes, bits.bytes, int4Array(counts)];
}
