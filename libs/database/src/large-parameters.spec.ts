import { createRequire } from 'node:module';
import { SeededRandom } from '@coldchain/kernel';
import { describe, expect, it } from '@jest/globals';
import { bindMessage, hasLargeParameters } from './large-parameters.js';

/** The driver's own writer of the message. */
const { serialize } = createRequire(createRequire(import.meta.url).resolve('pg'))('pg-protocol') as {
  readonly serialize: { bind(config: unknown): Buffer };
};

/** The values are text and bytes already. */
const valueMapper = (value: unknown): Buffer | string | null => value as Buffer | string | null;

describe('bindMessage', () => {
  it('says byte for byte what the driver says', () => {
    const seed = Date.now() % 2 ** 31;
    const random = new SeededRandom(`bind ${seed}`);
    for (let round = 0; round < 50; round++) {
      const values = Array.from({ length: Math.floor(random.unit() * 20) }, () => {
        const kind = random.unit();
        if (kind < 0.2) return null;
        if (kind < 0.4) return 'zwölf °C'.repeat(Math.floor(random.unit() * 3));
        return Buffer.alloc(Math.floor(random.unit() * (kind < 0.8 ? 100 : 200_000)), round);
      });
      const config = { statement: 'store-frames', values, valueMapper };
      const own = Buffer.concat(bindMessage(config));
      expect({ seed, round, same: own.equals(serialize.bind(config)) }).toEqual({ seed, round, same: true });
    }
  });
});

describe('hasLargeParameters', () => {
  it('looks at bytes only', () => {
    expect(hasLargeParameters(['x'.repeat(100_000), Buffer.alloc(10)])).toBe(false);
    expect(hasLargeParameters([1, Buffer.alloc(100_000)])).toBe(true);
  });
});
