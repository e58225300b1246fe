import { createHash } from 'node:crypto';

/** Where an entry stands in a tree, and the way from it to the root. */
export interface MerklePlace {
  readonly index: number;
  /** Entries of the tree. */
  readonly size: number;
  /** Sibling hashes from the leaf to the root, 32 bytes each. */
  readonly path: readonly Uint8Array[];
}

function leafHash(entry: Uint8Array): Buffer {
  return createHash('sha256').update(Buffer.of(0)).update(entry).digest();
}

function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  return createHash('sha256').update(Buffer.of(1)).update(left).update(right).digest();
}

/** The next level: pairs are joined, a single last node moves up. Gives the tree of RFC 9162 §2.1.1. */
function above(level: readonly Buffer[]): Buffer[] {
  const next: Buffer[] = [];
  for (let index = 0; index < level.length; index += 2) {
    const [left, right] = [level[index], level[index + 1]];
    if (left !== undefined) next.push(right === undefined ? left : nodeHash(left, right));
  }
  return next;
}

/**
 * Merkle tree hash over the entries in the given order (RFC 9162 §2.1.1: leaf SHA-256(0x00 ‖ entry), node SHA-256(0x01 ‖
 * left ‖ right)), 32 bytes.
 * @throws RangeError without entries: what has no content needs no root
 */
export function merkleRoot(entries: readonly Uint8Array[]): Buffer {
  let level = entries.map(leafHash);
  while (level.length > 1) level = above(level);
  const [root] = level;
  if (root === undefined) throw new RangeError('a tree has at least one entry');
  return root;
}

/**
 * Inclusion path of the entry at `index` (RFC 9162 §2.1.3.1), nearest sibling first.
 * @throws RangeError when no entry stands there
 */
export function merklePath(entries: readonly Uint8Array[], index: number): Buffer[] {
  if (!Number.isInteger(index) || index < 0 || index >= entries.length) throw new RangeError(`no entry at ${index}`);
  const path: Buffer[] = [];
  let level = entries.map(leafHash);
  let position = index;
  while (level.length > 1) {
    const sibling = level[position % 2 === 0 ? position + 1 : position - 1];
    if (sibling !== undefined) path.push(sibling);
    level = above(level);
    position = Math.floor(position / 2);
  }
  return path;
}

/**
 * Whether the place's path leads from the entry to the root (RFC 9162 §2.1.3.2). All of it comes from whoever shows the
 * proof: anything malformed is false, never an exception.
 */
export function leadsTo(root: Uint8Array, entry: Uint8Array, { index, size, path }: MerklePlace): boolean {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) return false;
  let [position, last] = [index, size - 1];
  let node = leafHash(entry);
  for (const sibling of path) {
    if (last === 0 || sibling.length !== 32) return false;
    if (position % 2 === 1 || position === last) {
      node = nodeHash(sibling, node);
      while (position % 2 === 0 && position !== 0) {
        position = Math.floor(position / 2);
        last = Math.floor(last / 2);
      }
    } else {
      node = nodeHash(node, sibling);
    }
    position = Math.floor(position / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 && node.equals(root);
}
