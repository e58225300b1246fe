import { createHash } from 'node:crypto';
import { peer } from '@hyperledger/fabric-protos';
import { type Attestation, type Attested, type AttestationWanted, demandSigners } from '../attestation.js';
import { LedgerError } from '../ledger-error.js';
import type { LedgerTrust } from '../proof.js';
import { type ValidationCode, validationCode } from '../validation-code.js';
import { endorserOf } from './block-inspection.js';
import { parseEnvelope } from './block-reading.js';
import type { ChannelConfiguration } from './channel-configuration.js';
import { trustedConfigurations } from './configuration-chain.js';

/** The system chaincode whose answers are attested. */
export const ATTESTING_CHAINCODE = 'qscc';
const OK = 200;

/**
 * Checks an attestation without the network: every signature that it carries, by certificates that the authorities in the
 * last of the given configurations issued, of the wanted organisations at least, and that it is about the wanted
 * transaction. Keep it with the configurations that were in force when it was made.
 * @throws LedgerError `attestation-invalid`, and for what is believed `ledger-chain-differs`, `block-invalid`
 */
export function verifyAttestation(attestation: Attestation, wanted: AttestationWanted, trust: LedgerTrust): Attested {
  const last = [...trustedConfigurations(trust).values()].at(-1);
  if (last === undefined) throw new LedgerError('ledger-chain-differs', 'there is no block 0');
  return attested(attestation, wanted, last);
}

/** The same under a configuration that is believed. */
export function attested(
  { statement, endorsements }: Attestation,
  wanted: AttestationWanted,
  configuration: ChannelConfiguration,
): Attested {
  const signers = endorsements.map((endorsement) => endorserOf(endorsement, statement, configuration));
  const organisations = demandSigners(signers, wanted.organisations);
  const { envelope, validation } = stated(statement);
  const transaction = parseEnvelope(envelope);
  const id = createHash('sha256').update(transaction.nonce).update(transaction.creator).digest('hex');
  if (id !== wanted.transactionId || transaction.transactionId !== id || transaction.channel !== wanted.channel)
    throw new LedgerError('attestation-invalid', 'the statement is about another transaction', { transactionId: id });
  return { transactionId: id, valid: validation === 'VALID', validation, organisations, envelope };
}

function stated(statement: Buffer): { readonly envelope: Buffer; readonly validation: ValidationCode } {
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
      validation: validationCode(processed.getValidationcode()),
    };
  } catch (cause) {
    throw new LedgerError('attestation-invalid', 'the statement is not about a transaction', {}, { cause });
  }
}
