import { SeededRandom } from '@coldchain/kernel';
import { describe, expect, it } from '@jest/globals';
import type { FrameEntry } from './entry.js';
import type { NumberedFrame } from './frame-statement.js';
import { watermarkBits } from './watermark-bits.js';

const frame = (stream: number, seq: number, sequenced = true): NumberedFrame => ({
  entry: { seq, sequenced } as FrameEntry,
  stream,
  loggers: [],
  firstLogger: 0,
});

const HEADER_BYTES = 20;

/** Values of an array in PostgreSQL's binary format. */
function* valuesOf(array: Buffer): Generator<Buffer> {
  for (let at = HEADER_BYTES; at < array.length;) {
    const length = array.readInt32BE(at);
    yield array.subarray(at + 4, (at += 4 + length));
  }
}

/** The numbers that the parameters stand for. */
function numbersOf(parameters: readonly Buffer[]): { readonly numbers: string[]; readonly counted: number } {
  const [streams, chunks, bits, counts] = parameters.map((array) => [...valuesOf(array)]);
  const numbers: string[] = [];
  bits?.forEach((value, row) => {
    expect(value.readInt32BE(0)).toBe(1024);
    for (let place = 0; place < 1024; place++)
      if (((value[4 + (place >> 3)] as number) & (0x80 >> (place & 7))) !== 0)
        numbers.push(`${streams?.[row]?.readInt32BE(0)} ${Number(chunks?.[row]?.readBigInt64BE(0)) * 1024 + place}`);
  });
  return { numbers, counted: counts?.reduce((sum, count) => sum + count.readInt32BE(0), 0) ?? 0 };
}

describe('watermarkBits', () => {
  it('stands for exactly the numbers of a group, far ones and those at the edges of a row too', () => {
    const seed = Date.now() % 2 ** 31;
    const random = new SeededRandom(`watermark-bits ${seed}`);
    const seqs = new Set([0, 1023, 1024, 2047, 2 ** 40 + 5, Number.MAX_SAFE_INTEGER]);
    while (seqs.size < 300) seqs.add(Math.floor(random.unit() * 5_000));
    const frames = [...seqs]
      .map((seq) => frame(1 + (seq % 3), seq))
      .sort((one, other) => one.stream - other.stream || one.entry.seq - other.entry.seq);
    const { numbers, counted } = numbersOf(watermarkBits(frames));
    expect({ seed, numbers }).toEqual({ seed, numbers: frames.map(({ stream, entry }) => `${stream} ${entry.seq}`) });
    expect(counted).toBe(frames.length);
  });

  it('leaves out those without numbers of their own, and is empty of nothing', () => {
    expect(numbersOf(watermarkBits([frame(1, 7, false), frame(2, 7)])).numbers).toEqual(['2 7']);
    expect(numbersOf(watermarkBits([]))).toEqual({ numbers: [], counted: 0 });
  });
});
