import { leadsTo, merklePath, merkleRoot } from '@coldchain/kernel';
import { EpcisError } from './epcis-error.js';

/** Where a pack key stands in the tree of its production run. */
export interface InclusionProof {
  readonly index: number;
  readonly size: number;
  /** Sibling hashes from the leaf to the root, 64 hex digits each. */
  readonly path: readonly string[];
}

const isHex32 = (text: string): boolean => /^[0-9a-f]{64}$/.test(text);
const bytesOf = (hex: string): Buffer => Buffer.from(hex, 'hex');

function ascending(keys: readonly string[]): Buffer[] {
  const wrong = keys.findIndex((key) => !isHex32(key));
  if (wrong >= 0) throw new EpcisError('key-invalid', 'a pack key has 64 lower-case hex digits', { index: wrong });
  if (keys.length === 0) throw new EpcisError('tree-invalid', 'a production run has at least one pack');
  const sorted = [...keys].sort();
  if (sorted.some((key, index) => index > 0 && key === sorted[index - 1])) {
    throw new EpcisError('tree-invalid', 'a pack key stands twice in a production run');
  }
  return sorted.map(bytesOf);
}

/**
 * Root over the pack keys of one production run (`merkleRoot` of `@coldchain/kernel`), 64 hex digits. Leaves stand in
 * ascending order of the keys; the function sorts.
 * @throws EpcisError `key-invalid`, `tree-invalid` (no key, or one twice)
 */
export function packTreeRoot(keys: readonly string[]): string {
  return merkleRoot(ascending(keys)).toString('hex');
}

/**
 * Inclusion path of the key that stands at `index` when the keys are in ascending order, nearest sibling first. The
 * function sorts.
 * @throws EpcisError `key-invalid`, `tree-invalid`
 */
export function packInclusion(keys: readonly string[], index: number): string[] {
  const sorted = ascending(keys);
  if (!Number.isInteger(index) || index < 0 || index >= sorted.length) {
    throw new EpcisError('tree-invalid', 'no pack stands at this index', { index, size: sorted.length });
  }
  return merklePath(sorted, index).map((node) => node.toString('hex'));
}

/**
 * Whether the proof leads from the key to the root. Index and size come from whoever shows the proof: anything malformed
 * is false, never an exception.
 */
export function verifyInclusion(key: string, { index, size, path }: InclusionProof, root: string): boolean {
  if (!isHex32(key) || !isHex32(root) || !path.every(isHex32)) return false;
  return leadsTo(bytesOf(root), bytesOf(key), { index, size, path: path.map(bytesOf) });
}
