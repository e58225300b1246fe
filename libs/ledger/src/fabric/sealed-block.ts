import { common } from '@hyperledger/fabric-protos';
import { LedgerError } from '../ledger-error.js';
import { bytesOf, field } from './wire.js';

/**
 * A block as it was signed: header, transactions, and of the metadata only the orderers' signatures, encoded anew in the
 * one way there is. Left out is what the peer added and nobody signed: the validation codes (metadata 2; an attestation
 * says them with signatures), the commit hash (4), and the unused entries 1 and 3. Block 0 is signed by nobody: its
 * metadata are left out altogether and its header hash is what counts.
 */
export function sealBlock(block: common.Block): Buffer {
  const sealed = new common.Block();
  sealed.setHeader(block.getHeader());
  sealed.setData(block.getData());
  const [signatures] = block.getMetadata()?.getMetadataList_asU8() ?? [];
  if (block.getHeader()?.getNumber() !== 0) {
    const metadata = new common.BlockMetadata();
    metadata.setMetadataList([canonicalSignatures(Buffer.from(signatures ?? []))]);
    sealed.setMetadata(metadata);
  }
  return Buffer.from(sealed.serializeBinary());
}

/** Reads a sealed block, of which there is only one encoding. @throws LedgerError `block-invalid` */
export function openSealed(bytes: Buffer): common.Block {
  try {
    const block = common.Block.deserializeBinary(bytes);
    if (!sealBlock(block).equals(bytes)) throw new RangeError('not the one encoding');
    return block;
  } catch (cause) {
    throw new LedgerError('block-invalid', 'the bytes are not a sealed block', {}, { cause });
  }
}

/**
 * `Metadata{value = 1, signatures = 2}` of `MetadataSignature{signature = 2, identifier_header = 3}`, as SmartBFT makes
 * them; anything else that stands there is left out. @throws RangeError when the bytes are no message
 */
function canonicalSignatures(metadata: Buffer): Buffer {
  const value = bytesOf(metadata, 1).slice(0, 1);
  const signatures = bytesOf(metadata, 2).map((one) =>
    Buffer.concat([2, 3].flatMap((number) => bytesOf(one, number).map((bytes) => field(number, bytes)))),
  );
  return Buffer.concat([
    ...value.map((bytes) => field(1, bytes)),
    ...signatures.map((signature) => field(2, signature)),
  ]);
}
