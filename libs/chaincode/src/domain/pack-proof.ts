import { createHash } from 'node:crypto';
import type { Hex32 } from '../protocol';

const hash = (prefix: 0 | 1, ...parts: readonly Buffer[]): Buffer => {
  const digest = createHash('sha256').update(Buffer.of(prefix));
  for (const part of parts) digest.update(part);
  return digest.digest();
};
const leafHash = (key: Hex32): Buffer => hash(0, Buffer.from(key, 'hex'));
const nodeHash = (left: Buffer, right: Buffer): Buffer => hash(1, left, right);

/** The largest power of two below `size` (RFC 9162 §2.1.1). */
function split(size: number): number {
  let power = 1;
  while (power * 2 < size) power *= 2;
  return power;
}

function treeHash(leaves: readonly Buffer[], from: number, to: number): Buffer {
  const [only] = leaves.slice(from, from + 1);
  if (only === undefined) throw new RangeError('a production run has at least one pack');
  if (to - from === 1) return only;
  const middle = from + split(to - from);
  return nodeHash(treeHash(leaves, from, middle), treeHash(leaves, middle, to));
}

function treePath(leaves: readonly Buffer[], index: number, from: number, to: number): Buffer[] {
  if (to - from === 1) return [];
  const middle = from + split(to - from);
  return index < middle
    ? [...treePath(leaves, index, from, middle), treeHash(leaves, middle, to)]
    : [...treePath(leaves, index, middle, to), treeHash(leaves, from, middle)];
}

/**
 * Root over the pack keys of one production run, in ascending order (RFC 9162 §2.1.1: leaf SHA-256(0x00 ‖ key), node
 * SHA-256(0x01 ‖ left ‖ right)). The order is the caller's duty, as is that no key comes twice.
 */
export function packRoot(keys: readonly Hex32[]): Hex32 {
  return treeHash(keys.map(leafHash), 0, keys.length).toString('hex');
}

/** Inclusion path of the key at `index` (RFC 9162 §2.1.3.1), nearest sibling first. */
export function packPath(keys: readonly Hex32[], index: number): Hex32[] {
  if (!Number.isInteger(index) || index < 0 || index >= keys.length) throw new RangeError(`no pack at ${index}`);
  return treePath(keys.map(leafHash), index, 0, keys.length).map((node) => node.toString('hex'));
}

/** Does the path lead from the key at `index` of `size` to the root? (RFC 9162 §2.1.3.2) */
export function isPackOf(
  root: Hex32,
  key: Hex32,
  proof: { readonly index: number; readonly size: number; readonly path: readonly Hex32[] },
): boolean {
  if (proof.index >= proof.size) return false;
  let position = proof.index;
  let last = proof.size - 1;
  let node = leafHash(key);
  for (const sibling of proof.path) {
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
