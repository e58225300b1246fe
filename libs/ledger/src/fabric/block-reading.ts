import { common, peer } from '@hyperledger/fabric-protos';
import { readEvent } from '@coldchain/chaincode/written-form';
import { headerBytes, headerHash } from '../embedded/block-header.js';
import type { LedgerBlock, LedgerTransaction, Settled } from '../ledger.js';
import { LedgerError } from '../ledger-error.js';
import { settledBy, VALIDATION_CODES, type ValidationCode, validationCode } from '../validation-code.js';

const ENDORSED = common.HeaderType.ENDORSER_TRANSACTION;

/** A block of Fabric: what everybody reads of it, and the bytes that hashes and signatures are about. */
export interface ReadBlock {
  readonly block: LedgerBlock;
  /** DER, as it was hashed and signed. */
  readonly header: Buffer;
  /** As in the header; empty in block 0. */
  readonly previousHash: Buffer;
  readonly envelopes: readonly Buffer[];
  /** The orderers' signatures as they stand in the block's metadata; empty in block 0. */
  readonly signatures: Buffer;
}

/** The parts of an endorsed transaction, bytes as they were signed. */
export interface ParsedTransaction {
  readonly type: number;
  readonly transactionId: string;
  readonly channel: string;
  /** ms */
  readonly timestamp: number;
  readonly payload: Buffer;
  readonly signature: Buffer;
  readonly creator: Buffer;
  readonly nonce: Buffer;
  readonly channelHeader: Buffer;
  /** Null where it is no endorsed transaction. */
  readonly action: ParsedAction | null;
}

/** What was endorsed, and by whom. */
export interface ParsedAction {
  readonly signatureHeader: Buffer;
  readonly proposalPayload: Buffer;
  readonly responsePayload: Buffer;
  readonly proposalHash: Buffer;
  readonly chaincode: string;
  readonly event: { readonly chaincode: string; readonly payload: Buffer } | null;
  readonly endorsements: readonly { readonly endorser: Buffer; readonly signature: Buffer }[];
}

/**
 * The data hash is over the envelopes one after the other: only one way to write each keeps their borders certain. Nodes
 * of Fabric take no block in which one is written otherwise (protoutil.VerifyTransactionsAreWellFormed).
 * @throws LedgerError `envelope-invalid`
 */
export function canonicalEnvelope(bytes: Buffer): common.Envelope {
  try {
    const envelope = common.Envelope.deserializeBinary(bytes);
    if (Buffer.from(envelope.serializeBinary()).equals(bytes)) return envelope;
  } catch (cause) {
    throw new LedgerError('envelope-invalid', 'the bytes are not an envelope', {}, { cause });
  }
  throw new LedgerError('envelope-invalid', 'not the one way to write the envelope');
}

/** @throws LedgerError `envelope-invalid`: these are not the bytes of a Fabric envelope. */
export function parseEnvelope(bytes: Buffer): ParsedTransaction {
  try {
    const envelope = canonicalEnvelope(bytes);
    const payload = common.Payload.deserializeBinary(envelope.getPayload_asU8());
    const header = payload.getHeader();
    if (header === undefined) throw new TypeError('no header');
    const channel = common.ChannelHeader.deserializeBinary(header.getChannelHeader_asU8());
    const signer = common.SignatureHeader.deserializeBinary(header.getSignatureHeader_asU8());
    const time = channel.getTimestamp();
    return {
      type: channel.getType(),
      transactionId: channel.getTxId(),
      channel: channel.getChannelId(),
      timestamp: time === undefined ? 0 : time.getSeconds() * 1000 + Math.floor(time.getNanos() / 1_000_000),
      payload: Buffer.from(envelope.getPayload_asU8()),
      signature: Buffer.from(envelope.getSignature_asU8()),
      creator: Buffer.from(signer.getCreator_asU8()),
      nonce: Buffer.from(signer.getNonce_asU8()),
      channelHeader: Buffer.from(header.getChannelHeader_asU8()),
      action: channel.getType() === ENDORSED ? parseAction(payload.getData_asU8()) : null,
    };
  } catch (cause) {
    throw new LedgerError('envelope-invalid', 'the bytes are not a Fabric envelope', {}, { cause });
  }
}

function parseAction(data: Uint8Array): ParsedAction {
  const [action, ...more] = peer.Transaction.deserializeBinary(data).getActionsList();
  if (action === undefined || more.length > 0) throw new TypeError('not exactly one action');
  const payload = peer.ChaincodeActionPayload.deserializeBinary(action.getPayload_asU8());
  const endorsed = payload.getAction();
  if (endorsed === undefined) throw new TypeError('no endorsed action');
  const response = peer.ProposalResponsePayload.deserializeBinary(endorsed.getProposalResponsePayload_asU8());
  const result = peer.ChaincodeAction.deserializeBinary(response.getExtension_asU8());
  const event = result.getEvents_asU8();
  return {
    signatureHeader: Buffer.from(action.getHeader_asU8()),
    proposalPayload: Buffer.from(payload.getChaincodeProposalPayload_asU8()),
    responsePayload: Buffer.from(endorsed.getProposalResponsePayload_asU8()),
    proposalHash: Buffer.from(response.getProposalHash_asU8()),
    chaincode: result.getChaincodeId()?.getName() ?? '',
    event: event.length === 0 ? null : parseEvent(event),
    endorsements: endorsed.getEndorsementsList().map((endorsement) => ({
      endorser: Buffer.from(endorsement.getEndorser_asU8()),
      signature: Buffer.from(endorsement.getSignature_asU8()),
    })),
  };
}

function parseEvent(bytes: Uint8Array): ParsedAction['event'] {
  const event = peer.ChaincodeEvent.deserializeBinary(bytes);
  return { chaincode: event.getChaincodeId(), payload: Buffer.from(event.getPayload_asU8()) };
}

/** Reads a block; events are those of one chaincode, of valid transactions. @throws LedgerError `ledger-unavailable` */
export function readBlock(source: common.Block, chaincode: string): ReadBlock {
  const header = source.getHeader();
  if (header === undefined) throw new LedgerError('ledger-unavailable', 'the peer gave a block without header');
  const metadata = source.getMetadata()?.getMetadataList_asU8() ?? [];
  const filter = metadata[common.BlockMetadataIndex.TRANSACTIONS_FILTER] ?? new Uint8Array();
  const envelopes = (source.getData()?.getDataList_asU8() ?? []).map((bytes) => Buffer.from(bytes));
  const previousHash = Buffer.from(header.getPreviousHash_asU8());
  const dataHash = Buffer.from(header.getDataHash_asU8());
  const number = header.getNumber();
  const content = headerBytes({ number, previousHash, dataHash });
  const codeOf = (index: number): ValidationCode => validationCode(filter[index] ?? VALIDATION_CODES.NOT_VALIDATED);
  return {
    block: {
      number,
      headerHash: headerHash(content).toString('hex'),
      previousHash: previousHash.toString('hex').padStart(64, '0'),
      dataHash: dataHash.toString('hex'),
      transactions: envelopes.map((envelope, index) => transactionOf(envelope, index, codeOf(index), chaincode)),
    },
    header: content,
    previousHash,
    envelopes,
    signatures: Buffer.from(metadata[common.BlockMetadataIndex.SIGNATURES] ?? []),
  };
}

function transactionOf(
  envelope: Buffer,
  index: number,
  validation: ValidationCode,
  chaincode: string,
): LedgerTransaction {
  const valid = validation === 'VALID';
  let parsed: ParsedTransaction;
  try {
    parsed = parseEnvelope(envelope);
  } catch (error) {
    // Orderers take any bytes of a member; peers mark what cannot be read as void, and it has no id.
    if (valid) throw error;
    return { transactionId: '', index, valid, validation, event: null, timestamp: 0 };
  }
  const { transactionId, timestamp, action } = parsed;
  const told = valid && action?.event?.chaincode === chaincode ? action.event : null;
  const event = told === null ? null : readEvent(told.payload.toString('utf8'));
  return { transactionId, index, valid, validation, event, timestamp };
}

/**
 * What a block says about a transaction. An envelope that was ordered twice stands there again as void; the first word
 * on it, in an earlier block perhaps, is the one that counts.
 */
export function outcomeIn({ block }: ReadBlock, transactionId: string): Settled | undefined {
  const here = block.transactions.filter((one) => one.transactionId === transactionId);
  const word = here.find(({ valid }) => valid) ?? here.find(({ validation }) => validation !== 'DUPLICATE_TXID');
  return word === undefined ? undefined : settledBy(word.validation, transactionId, block.number);
}
