import { createHash } from 'node:crypto';
import { EpcisError } from './epcis-error.js';

/** Where a pack key stands in the tree of its production run. */
export interface InclusionProof {
  readonly index: number;
  readonly size: number;
  /** Sibling hashes from the leaf to the root, 64 hex digits each. */
  readonly path: readonly string[];
}

const isHex32 = (text: string): boolean => /^[0-9a-f]{64}$/.test(text);

function leafHash(key: string): Buffer {
  return createHash('sha256').update(Buffer.of(0)).update(key, 'hex').digest();
}

function nodeHash(left: Buffer, right: Buffer): Buffer {
  return createHash('sha256').update(Buffer.of(1)).update(left).update(right).digest();
}

function ascending(keys: readonly string[]): string[] {
  const wrong = keys.findIndex((key) => !isHex32(key));
  if (wrong >= 0) throw new EpcisError('key-invalid', 'a pack key has 64 lower-case hex digits', { index: wrong });
  if (keys.length === 0) throw new EpcisError('tree-invalid', 'a production run has at least one pack');
  const sorted = [...keys].sort();
  if (sorted.some((key, index) => index > 0 && key === sorted[index - 1])) {
    throw new EpcisError('tree-invalid', 'a pack key stands twice in a production run');
  }
  return sorted;
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
 * Root over the pack keys of one production run (RFC 9162 §2.1.1: leaf SHA-256(0x00 ‖ key), node SHA-256(0x01 ‖ left ‖
 * right)). Leaves stand in ascending order of the keys; the function sorts.
 * @throws EpcisError `key-invalid`, `tree-invalid` (no key, or one twice)
 */
export function packTreeRoot(keys: readonly string[]): string {
  let level = ascending(keys).map(leafHash);
  while (level.length > 1) level = above(level);
  return (level[0] ?? Buffer.alloc(0)).toString('hex');
}

/**
 * Inclusion path (RFC 9162 §2.1.3.1) of the key that stands at `index` when the keys are in ascending order, nearest
 * sibling first. The function sorts.
 * @throws EpcisError `key-invalid`, `tree-invalid`
 */
export function packInclusion(keys: readonly string[], index: number): string[] {
  const sorted = ascending(keys);
  if (!Number.isInteger(index) || index < 0 || index >= sorted.length) {
    throw new EpcisError('tree-invalid', 'no pack stands at this index', { index, size: sorted.length });
  }
  const path: string[] = [];
  let level = sorted.map(leafHash);
  let position = index;
  while (level.length > 1) {
    const sibling = level[position % 2 === 0 ? position + 1 : position - 1];
    if (sibling !== undefined) path.push(sibling.toString('hex'));
    level = above(level);
    position = Math.floor(position / 2);
  }
  return path;
}

/**
 * Whether the proof leads from the key to the root (RFC 9162 §2.1.3.2). Index and size come from whoever shows the proof:
 * anything malformed is false, never an exception.
 */
export function verifyInclusion(key: string, proof: InclusionProof, root: string): boolean {
  const { index, size, path } = proof;
  if (!isHex32(key) || !isHex32(root) || !path.every(isHex32)) return false;
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) return false;
  let [position, last] = [index, size - 1];
  let node = leafHash(key);
  for (const sibling of path) {
    if (last === 0) return false;
    const other = Buffer.from(sibling, 'hex');
    if (position % 2 === 1 || position === last) {
      node = nodeHash(other, node);
      while (position % 2 === 0 && position !== 0) {
        position = Math.floor(position / 2);
        last = Math.floor(last / 2);
      }
    } else {
      node = nodeHash(node, other);
    }
    position = Math.floor(position / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 && node.toString('hex') === root;
}
