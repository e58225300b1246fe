import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { der } from '@coldchain/kernel';
import { FabricError } from './fabric-error.js';
import type { Layout } from './layout.js';

/** `Block{header = 1}` of 34 bytes, `BlockHeader{data_hash = 3}` of 32: number 0 and no predecessor are not written. */
const HEAD = Buffer.from('0a221a20', 'hex');
const HASH_BYTES = 32;

/**
 * Hash of the header of the channel's first block, 64 hex digits: SHA-256 of its DER form SEQUENCE { INTEGER 0, OCTET
 * STRING empty, OCTET STRING data hash } (protoutil/blockutils.go). Clients pin it.
 * @throws FabricError `state-unusable`
 */
export function genesisHash(layout: Layout): string {
  const block = readFileSync(layout.genesisBlock);
  if (!block.subarray(0, HEAD.length).equals(HEAD)) {
    throw new FabricError(
      'state-unusable',
      `${layout.genesisBlock} is not the first block of a channel`,
      'restore it, or run `npm run fabric -- destroy`, which deletes this chain',
    );
  }
  const dataHash = block.subarray(HEAD.length, HEAD.length + HASH_BYTES);
  const header = der.sequence(der.integer(0), der.octets(), der.octets(dataHash));
  return createHash('sha256').update(header).digest('hex');
}
