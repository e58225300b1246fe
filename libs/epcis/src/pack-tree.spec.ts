import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { packInclusion, packTreeRoot, verifyInclusion } from './index.js';

const key = (seed: number): string => createHash('sha256').update(String(seed)).digest('hex');
const sha = (...parts: readonly Buffer[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest();

/** RFC 9162 §2.1.1 word by word: split at the largest power of two below the size. */
function referenceRoot(leaves: readonly string[]): Buffer {
  if (leaves.length === 1) return sha(Buffer.of(0), Buffer.from(leaves[0] ?? '', 'hex'));
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return sha(Buffer.of(1), referenceRoot(leaves.slice(0, split)), referenceRoot(leaves.slice(split)));
}

const flipped = (hex: string, bit: number): string => {
  const bytes = Buffer.from(hex, 'hex');
  bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return bytes.toString('hex');
};

describe('pack tree', () => {
  it('has the root of RFC 9162 over sorted keys, in whatever order they come', () => {
    for (const size of [1, 2, 3, 4, 5, 7, 8, 9, 33, 100]) {
      const keys = Array.from({ length: size }, (_, index) => key(index));
      const expected = referenceRoot([...keys].sort()).toString('hex');
      expect(packTreeRoot(keys)).toBe(expected);
      expect(packTreeRoot([...keys].reverse())).toBe(expected);
    }
  });

  it('proves every pack, and no bit of a proof can be changed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.nat(), fc.nat(255), fc.nat(), (size, place, bit, part) => {
        const keys = Array.from({ length: size }, (_, index) => key(index)).sort();
        const index = place % size;
        const [root, path, leaf] = [packTreeRoot(keys), packInclusion(keys, index), keys[index] ?? ''];
        const proof = { index, size, path };
        expect(verifyInclusion(leaf, proof, root)).toBe(true);
        expect(verifyInclusion(flipped(leaf, bit), proof, root)).toBe(false);
        expect(verifyInclusion(leaf, proof, flipped(root, bit))).toBe(false);
        expect(verifyInclusion(leaf, { ...proof, path: [...path, root] }, root)).toBe(false);
        if (path.length === 0) return;
        const at = part % path.length;
        const changed = path.map((node, level) => (level === at ? flipped(node, bit) : node));
        expect(verifyInclusion(leaf, { ...proof, path: changed }, root)).toBe(false);
        expect(verifyInclusion(leaf, { ...proof, path: path.slice(1) }, root)).toBe(false);
        for (let other = 0; other < size; other++) {
          if (other !== index) expect(verifyInclusion(leaf, { ...proof, index: other }, root)).toBe(false);
        }
      }),
    );
  });

  it('answers false to nonsense and refuses to build from it', () => {
    const [one, two] = [key(1), key(2)];
    const root = packTreeRoot([one, two]);
    for (const proof of [
      { index: -1, size: 2, path: [two] },
      { index: 2, size: 2, path: [two] },
      { index: 0.5, size: 2, path: [two] },
      { index: 0, size: Number.NaN, path: [two] },
      { index: 0, size: 2, path: ['zz'] },
    ]) {
      expect(verifyInclusion(one, proof, root)).toBe(false);
    }
    expect(() => packTreeRoot([])).toThrow(expect.objectContaining({ code: 'tree-invalid' }));
    expect(() => packTreeRoot([one, one])).toThrow(expect.objectContaining({ code: 'tree-invalid' }));
    expect(() => packTreeRoot(['AB'])).toThrow(expect.objectContaining({ code: 'key-invalid' }));
    expect(() => packInclusion([one], 1)).toThrow(expect.objectContaining({ code: 'tree-invalid' }));
  });
});
