import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { leadsTo, merklePath, merkleRoot } from './merkle-tree.js';

/** Test vectors of Certificate Transparency (RFC 6962 and its successor hash alike), as all implementations carry them. */
const ENTRIES = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
].map((hex) => Buffer.from(hex, 'hex'));
const ROOTS: readonly (readonly [size: number, root: string])[] = [
  [1, '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d'],
  [2, 'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125'],
  [3, 'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77'],
  [8, '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328'],
];

const entries = fc.uniqueArray(fc.uint8Array({ minLength: 0, maxLength: 40 }), {
  minLength: 1,
  maxLength: 70,
  selector: (entry) => Buffer.from(entry).toString('hex'),
});

const flipped = (bytes: Uint8Array, bit: number): Buffer => {
  const changed = Buffer.from(bytes);
  changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return changed;
};

describe('Merkle tree', () => {
  it.each(ROOTS)('has the published root over %i entries', (size, root) => {
    expect(merkleRoot(ENTRIES.slice(0, size)).toString('hex')).toBe(root);
  });

  it('has no root without entries', () => {
    expect(() => merkleRoot([])).toThrow(RangeError);
    expect(() => merklePath(ENTRIES, 8)).toThrow(RangeError);
  });

  it('proves every entry at its own place and no other', () => {
    fc.assert(
      fc.property(entries, fc.nat(), fc.nat(), (all, one, another) => {
        const [index, other] = [one % all.length, another % all.length];
        const root = merkleRoot(all);
        const place = { index, size: all.length, path: merklePath(all, index) };
        expect(leadsTo(root, all[index] ?? Buffer.alloc(0), place)).toBe(true);
        expect(leadsTo(root, all[other] ?? Buffer.alloc(0), place)).toBe(other === index);
        expect(leadsTo(root, all[index] ?? Buffer.alloc(0), { ...place, index: other })).toBe(other === index);
      }),
    );
  });

  it('refuses every changed bit of root, entry and path, and a longer or shorter path', () => {
    fc.assert(
      fc.property(entries, fc.nat(), fc.nat(), (all, one, bit) => {
        const index = one % all.length;
        const entry = Buffer.from(all[index] ?? []);
        const root = merkleRoot(all);
        const path = merklePath(all, index);
        const place = { index, size: all.length, path };
        expect(leadsTo(flipped(root, bit % 256), entry, place)).toBe(false);
        if (entry.length > 0) expect(leadsTo(root, flipped(entry, bit % (entry.length * 8)), place)).toBe(false);
        for (const [at, node] of path.entries()) {
          const changed = path.with(at, flipped(node, bit % 256));
          expect(leadsTo(root, entry, { ...place, path: changed })).toBe(false);
        }
        expect(leadsTo(root, entry, { ...place, path: [...path, root] })).toBe(false);
        if (path.length > 0) expect(leadsTo(root, entry, { ...place, path: path.slice(1) })).toBe(false);
      }),
    );
  });

  it('does not take an inner node for an entry', () => {
    const [left = Buffer.alloc(0), right = Buffer.alloc(0)] = ENTRIES.slice(0, 2);
    const inner = Buffer.concat([merkleRoot([left]), merkleRoot([right])]);
    expect(leadsTo(merkleRoot([left, right]), inner, { index: 0, size: 1, path: [] })).toBe(false);
  });

  it.each([
    { index: -1, size: 1, path: [] },
    { index: 0.5, size: 1, path: [] },
    { index: 1, size: 1, path: [] },
    { index: 0, size: Number.MAX_VALUE, path: [] },
    { index: 0, size: 2, path: [Buffer.alloc(31)] },
  ])('answers false to $index of $size', (place) => {
    expect(leadsTo(merkleRoot([Buffer.alloc(1)]), Buffer.alloc(1), place)).toBe(false);
  });
});
