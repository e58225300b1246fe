import { createHash } from 'node:crypto';
import { peer } from '@hyperledger/fabric-protos';
import { LedgerError } from '../ledger-error.js';
import { endorsersOf } from './block-inspection.js';
import { parseEnvelope } from './block-reading.js';
import type { ChannelConfiguration } from './channel-configuration.js';

/** The system chaincode whose answers are attested. */
export const ATTESTING_CHAINCODE = 'qscc';
const OK = 200;

/** What organisations said of a transaction, with their signatures; it can be kept and checked without the network. */
export interface Attestation {
  /** Response of qscc `GetTransactionByID`: the bytes that are signed (`ProposalResponsePayload`). */
  readonly statement: Buffer;
  /** `SerializedIdentity` of each peer, and its signature over statement and identity. */
  readonly endorsements: readonly { readonly endorser: Buffer; readonly signature: Buffer }[];
}

/** What an attestation proves. */
export interface Attested {
  readonly transactionId: string;
  /** False: in a block, and void. */
  readonly valid: boolean;
  /** MSP ids of the organisations whose signature holds. */
  readonly organisations: readonly string[];
  /** The transaction's envelope as it stands in its block. */
  readonly envelope: Buffer;
}

/**
 * Checks an attestation from its own bytes: signatures of at least the named organisations by certificates that their
 * authorities issued, and a statement about this transaction on this channel.
 * @throws LedgerError `attestation-invalid`
 */
export function verifyAttestation(
  attestation: Attestation,
  wanted: { readonly transactionId: string; readonly channel: string; readonly organisations: readonly string[] },
  configuration: ChannelConfiguration,
): Attested {
  const { statement, endorsements } = attestation;
  const signers = endorsersOf({ responsePayload: statement, endorsements }, configuration);
  const missing = wanted.organisations.filter((mspid) => !signers.has(mspid));
  if (wanted.organisations.length === 0 || missing.length > 0)
    throw new LedgerError('attestation-invalid', `no valid signature of ${missing.join(', ') || 'anybody'}`, {
      missing,
    });
  const { envelope, valid } = stated(statement);
  const transaction = parseEnvelope(envelope);
  const id = createHash('sha256').update(transaction.nonce).update(transaction.creator).digest('hex');
  if (id !== wanted.transactionId || transaction.transactionId !== id || transaction.channel !== wanted.channel)
    throw new LedgerError('attestation-invalid', 'the statement is about another transaction', { transactionId: id });
  return { transactionId: id, valid, organisations: [...signers].sort(), envelope };
}

function stated(statement: Buffer): { readonly envelope: Buffer; readonly valid: boolean } {
  try {
    const response = peer.ProposalResponsePayload.deserializeBinary(statement);
    const action = peer.ChaincodeAction.deserializeBinary(response.getExtension_asU8());
    const answer = action.getResponse();
    // Any other chaincode could answer with the same bytes.
    if (action.getChaincodeId()?.getName() !== ATTESTING_CHAINCODE || answer?.getStatus() !== OK)
      throw new TypeError('not an answer about the chain');
    const processed = peer.ProcessedTransaction.deserializeBinary(answer.getPayload_asU8());
    const envelope = processed.getTransactionenvelope();
    if (envelope === undefined) throw new TypeError('no transaction');
    return {
      envelope: Buffer.from(envelope.serializeBinary()),
      valid: processed.getValidationcode() === peer.TxValidationCode.VALID,
    };
  } catch (cause) {
    throw new LedgerError('attestation-invalid', 'the statement is not about a transaction', {}, { cause });
  }
}
