import { createHash } from 'node:crypto';
import { der } from '@coldchain/kernel';

const { integer, octets, sequence } = der;

/** What is hashed and signed of a block. */
export interface BlockHeader {
  readonly number: number;
  readonly previousHash: Buffer;
  readonly dataHash: Buffer;
}

/** `previousHash` of block 0. */
export const NO_HASH = Buffer.alloc(32);

/** The header as Fabric encodes it: SEQUENCE { INTEGER, OCTET STRING, OCTET STRING } in DER (protoutil/blockutils.go). */
export function headerBytes(header: BlockHeader): Buffer {
  return sequence(integer(header.number), octets(header.previousHash), octets(header.dataHash));
}

/** SHA-256 of the header: what the next block names as its predecessor. */
export function headerHash(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}

/** SHA-256 over all envelopes of the block, one after the other, as on Fabric. */
export function dataHash(envelopes: readonly Buffer[]): Buffer {
  const hash = createHash('sha256');
  for (const envelope of envelopes) hash.update(envelope);
  return hash.digest();
}
