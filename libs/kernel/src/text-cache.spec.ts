import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { TextCache } from './index.js';

describe('TextCache', () => {
  it('gives the text of the bytes, whatever was asked for before', () => {
    const cache = new TextCache();
    const text = fc.oneof(
      fc.string({ maxLength: 300 }),
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom('a', 'b', ''),
    );
    fc.assert(
      fc.property(fc.array(text, { maxLength: 30 }), fc.nat(3), (texts, before) => {
        for (const each of texts) {
          const bytes = Buffer.from(each, 'utf8');
          const raw = Buffer.concat([Buffer.alloc(before, 0x22), bytes, Buffer.from('"')]);
          expect(cache.of(raw, before, before + bytes.length)).toBe(bytes.toString('utf8'));
        }
      }),
    );
  });
});
