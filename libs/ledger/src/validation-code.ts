import type { Committed, Conflict, Invalid } from './ledger.js';

/** What a ledger says of a transaction in a block, with Fabric's numbers (`peer.TxValidationCode`, fabric-protos 0.3.7). */
export const VALIDATION_CODES = {
  VALID: 0,
  NIL_ENVELOPE: 1,
  BAD_PAYLOAD: 2,
  BAD_COMMON_HEADER: 3,
  BAD_CREATOR_SIGNATURE: 4,
  INVALID_ENDORSER_TRANSACTION: 5,
  INVALID_CONFIG_TRANSACTION: 6,
  UNSUPPORTED_TX_PAYLOAD: 7,
  BAD_PROPOSAL_TXID: 8,
  DUPLICATE_TXID: 9,
  ENDORSEMENT_POLICY_FAILURE: 10,
  MVCC_READ_CONFLICT: 11,
  PHANTOM_READ_CONFLICT: 12,
  UNKNOWN_TX_TYPE: 13,
  TARGET_CHAIN_NOT_FOUND: 14,
  MARSHAL_TX_ERROR: 15,
  NIL_TXACTION: 16,
  EXPIRED_CHAINCODE: 17,
  CHAINCODE_VERSION_CONFLICT: 18,
  BAD_HEADER_EXTENSION: 19,
  BAD_CHANNEL_HEADER: 20,
  BAD_RESPONSE_PAYLOAD: 21,
  BAD_RWSET: 22,
  ILLEGAL_WRITESET: 23,
  INVALID_WRITESET: 24,
  INVALID_CHAINCODE: 25,
  NOT_VALIDATED: 254,
  INVALID_OTHER_REASON: 255,
} as const;
export type ValidationCode = keyof typeof VALIDATION_CODES;

const NAMES = new Map(Object.entries(VALIDATION_CODES).map(([name, code]) => [code as number, name as ValidationCode]));

/** The name of a number; what is not known is at any rate not valid. */
export const validationCode = (number: number): ValidationCode => NAMES.get(number) ?? 'INVALID_OTHER_REASON';

/** What a code means for who submitted the transaction. */
export function settledBy(code: ValidationCode, transactionId: string, block: number): Committed | Conflict | Invalid {
  switch (code) {
    case 'VALID':
      return { kind: 'committed', transactionId, block };
    case 'MVCC_READ_CONFLICT':
    case 'PHANTOM_READ_CONFLICT':
      return { kind: 'conflict', transactionId };
    default:
      return { kind: 'invalid', transactionId, code };
  }
}
