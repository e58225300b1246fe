import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PacketSizeGuard } from './packet-size-guard.js';

/** A packet with a body of that length, as on the wire (MQTT 3.1.1 §2.2.3). */
function packet(bodyBytes: number): Buffer {
  const length: number[] = [];
  let rest = bodyBytes;
  do {
    length.push((rest % 128) + (rest >= 128 ? 128 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return Buffer.concat([Buffer.from([0x32, ...length]), Buffer.alloc(bodyBytes, 0xff)]);
}

describe('PacketSizeGuard', () => {
  it('lets packets up to the limit pass, however the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(300), { maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 60 }),
        (bodies, cuts) => {
          const stream = Buffer.concat(bodies.map(packet));
          const guard = new PacketSizeGuard(300);
          let offset = 0;
          for (const cut of [...cuts, stream.length]) {
            expect(guard.accepts(stream.subarray(offset, offset + cut))).toBe(true);
            offset = Math.min(offset + cut, stream.length);
          }
        },
      ),
    );
  });

  it('stops at the length, before the body, also behind other packets', () => {
    const guard = new PacketSizeGuard(300);
    const stream = Buffer.concat([packet(10), packet(301).subarray(0, 3)]);
    const answers = [...stream].map((byte) => guard.accepts(Buffer.from([byte])));
    expect(answers.slice(0, -1)).not.toContain(false);
    expect(answers.at(-1)).toBe(false);
  });

  it('stops a length of more than four bytes', () => {
    expect(new PacketSizeGuard(2 ** 40).accepts(Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff, 0x01]))).toBe(false);
  });
});
