import { createHash, X509Certificate } from 'node:crypto';
import { msp } from '@hyperledger/fabric-protos';
import { dataHash, NO_HASH } from '../embedded/block-header.js';
import type { BlockProblem, BlockProblemCode, InspectedBlock } from '../ledger.js';
import { LedgerError } from '../ledger-error.js';
import { parseEnvelope, type ParsedAction, type ParsedTransaction, type ReadBlock } from './block-reading.js';
import type { ChannelConfiguration } from './channel-configuration.js';
import { holds } from './low-s-signer.js';
import { bytesOf, numberOf } from './wire.js';

/** What is demanded of a block. */
export interface Demands {
  /** In force for the block's signatures and identities; null for block 0, which is signed by nobody. */
  readonly configuration: ChannelConfiguration | null;
  /** Header hash of the block 0 that is believed. */
  readonly genesis: string;
  readonly channel: string;
  readonly chaincode: string;
  /** Organisations that must endorse what the chaincode does. */
  readonly endorsements: number;
}

const sha256 = (...parts: readonly Buffer[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest();

/** Of `count` orderers: what is left when the largest tolerable number of them lies (3 of 4). */
export const quorumOf = (count: number): number => count - Math.floor((count - 1) / 3);

/** Recomputes every hash and verifies every signature of a block. */
export function inspectBlock(read: ReadBlock, previousHeaderHash: string | null, demands: Demands): InspectedBlock {
  const problems: BlockProblem[] = [];
  const add = (code: BlockProblemCode, transactionId: string | null = null): void => {
    problems.push({ code, transactionId });
  };
  const { block, header, envelopes, signatures } = read;
  const previous = block.number === 0 && read.previousHash.length === 0 ? NO_HASH : read.previousHash;
  if (previous.toString('hex') !== (previousHeaderHash ?? NO_HASH.toString('hex'))) add('previous-hash-differs');
  if (dataHash(envelopes).toString('hex') !== block.dataHash) add('data-hash-differs');
  const { configuration, genesis } = demands;
  if (configuration === null) {
    if (block.headerHash !== genesis) add('header-differs');
    return { block, problems, signers: [] };
  }
  const { signers: numbers } = blockSigners(signatures, header, configuration);
  if (numbers.size < quorumOf(configuration.consenters.size)) add('block-signatures-too-few');
  const signers = [...numbers].map((id) => configuration.consenters.get(id)?.mspid ?? String(id)).sort();
  block.transactions.forEach(({ transactionId, valid }, index) => {
    for (const code of transactionProblems(envelopes[index], valid, demands, configuration)) add(code, transactionId);
  });
  return { block, problems, signers };
}

/** Who signed a block. */
interface BlockSigners {
  /** Numbers of the orderers whose signature holds. */
  readonly signers: ReadonlySet<number>;
  /** Whether a signature stands there that does not hold, or that one orderer gave twice. */
  readonly others: boolean;
}

/**
 * Numbers of the orderers whose signature over the header holds. Signed is: value of the metadata, identifier header,
 * header in DER (`Metadata{value = 1, signatures = 2}`, `MetadataSignature{signature = 2, identifier_header = 3}`,
 * `IdentifierHeader{identifier = 1}`; orderer/consensus/smartbft/verifier.go).
 */
export function blockSigners(signatures: Buffer, header: Buffer, configuration: ChannelConfiguration): BlockSigners {
  const signers = new Set<number>();
  let others = false;
  try {
    const [value = Buffer.alloc(0)] = bytesOf(signatures, 1);
    for (const one of bytesOf(signatures, 2)) {
      const [signature] = bytesOf(one, 2);
      const [identifier] = bytesOf(one, 3);
      const id = numberOf(identifier ?? Buffer.alloc(0), 1);
      const certificate = configuration.consenters.get(id)?.certificate;
      const signed = Buffer.concat([value, identifier ?? Buffer.alloc(0), header]);
      if (
        certificate !== undefined &&
        signature !== undefined &&
        !signers.has(id) &&
        holds(signed, certificate.publicKey, signature)
      )
        signers.add(id);
      else others = true;
    }
  } catch (error) {
    // Unreadable metadata are metadata without signatures.
    if (!(error instanceof RangeError)) throw error;
    others = true;
  }
  return { signers, others };
}

/**
 * Number of the configuration block that the orderers name in a block: `OrdererBlockMetadata{last_config = 1}`,
 * `LastConfig{index = 1}`.
 * @throws LedgerError `block-invalid`
 */
export function lastConfigurationOf(signatures: Buffer): number {
  try {
    const [metadata = Buffer.alloc(0)] = bytesOf(signatures, 1);
    const [lastConfig = Buffer.alloc(0)] = bytesOf(metadata, 1);
    return numberOf(lastConfig, 1);
  } catch (cause) {
    throw new LedgerError('block-invalid', 'what the orderers signed cannot be read', {}, { cause });
  }
}

function transactionProblems(
  envelope: Buffer | undefined,
  valid: boolean,
  { channel, chaincode, endorsements }: Demands,
  configuration: ChannelConfiguration,
): BlockProblemCode[] {
  // What peers marked as void changed nothing, whatever is wrong with it.
  if (!valid) return [];
  let parsed: ParsedTransaction;
  try {
    parsed = parseEnvelope(envelope ?? Buffer.alloc(0));
  } catch {
    return ['envelope-unreadable'];
  }
  const { action } = parsed;
  const problems = signingProblems(parsed, channel, configuration);
  if (action === null) return problems;
  const wanted = action.chaincode === chaincode ? endorsements : 1;
  if (endorsersOf(action, configuration).size < wanted) problems.push('endorsements-too-few');
  return problems;
}

/** Is a transaction what its creator signed, under its id and on its channel? */
export function signingProblems(
  parsed: ParsedTransaction,
  channel: string,
  configuration: ChannelConfiguration,
): BlockProblemCode[] {
  const { action } = parsed;
  const problems: BlockProblemCode[] = [];
  if (signerOf(parsed.creator, parsed.payload, parsed.signature, configuration, 'member') === null)
    problems.push('creator-signature-invalid');
  if (
    action !== null &&
    (parsed.channel !== channel ||
      sha256(parsed.nonce, parsed.creator).toString('hex') !== parsed.transactionId ||
      !sha256(parsed.channelHeader, action.signatureHeader, action.proposalPayload).equals(action.proposalHash))
  ) {
    problems.push('transaction-id-differs');
  }
  return problems;
}

/** Organisations whose peer's endorsement of the response holds. */
export function endorsersOf(
  { endorsements, responsePayload }: Pick<ParsedAction, 'endorsements' | 'responsePayload'>,
  configuration: ChannelConfiguration,
): Set<string> {
  const signed = endorsements.map((endorsement) => endorserOf(endorsement, responsePayload, configuration));
  return new Set(signed.filter((mspid) => mspid !== null));
}

/** The organisation whose peer signed these bytes and, behind them, its own name; null when it did not. */
export const endorserOf = (
  { endorser, signature }: ParsedAction['endorsements'][number],
  bytes: Buffer,
  configuration: ChannelConfiguration,
): string | null => signerOf(endorser, Buffer.concat([bytes, endorser]), signature, configuration, 'peer');

/** The organisation of an identity, when one of its authorities issued it and its signature holds; else null. */
function signerOf(
  identity: Buffer,
  message: Buffer,
  signature: Buffer,
  configuration: ChannelConfiguration,
  role: 'member' | 'peer',
): string | null {
  try {
    const serialized = msp.SerializedIdentity.deserializeBinary(identity);
    const certificate = new X509Certificate(serialized.getIdBytes_asU8());
    const authorities = configuration.authorities.get(serialized.getMspid()) ?? [];
    const issued = authorities.some((authority) => certificate.verify(authority.publicKey));
    // A party of the organisation has a certificate, too, and endorses nothing with it.
    const unit = role === 'peer' ? configuration.peerUnits.get(serialized.getMspid()) : undefined;
    const fits = unit === undefined || certificate.subject.split('\n').includes(`OU=${unit}`);
    return issued && fits && holds(message, certificate.publicKey, signature) ? serialized.getMspid() : null;
  } catch {
    // Bytes that are no identity sign nothing.
    return null;
  }
}

/** Whether the creator named in an envelope signed it; who issued the certificate is not looked at. */
export function signedByItsCreator({ creator, payload, signature }: ParsedTransaction): boolean {
  try {
    const certificate = new X509Certificate(msp.SerializedIdentity.deserializeBinary(creator).getIdBytes_asU8());
    return holds(payload, certificate.publicKey, signature);
  } catch {
    return false;
  }
}
