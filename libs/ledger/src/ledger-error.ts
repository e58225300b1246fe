import { DomainError } from '@coldchain/kernel';

/** Why the ledger cannot be used as asked. */
export type LedgerErrorCode =
  | 'party-not-served'
  | 'envelope-invalid'
  | 'ledger-unavailable'
  | 'ledger-keys-unreadable'
  | 'ledger-keys-differ'
  | 'ledger-chain-differs'
  | 'ledger-seed-refused'
  | 'chaincode-failed'
  | 'attestation-invalid'
  | 'block-invalid';

/** Thrown by adapters of the port; refusals and other expected outcomes are values. */
export class LedgerError extends DomainError<LedgerErrorCode> {
  constructor(
    readonly code: LedgerErrorCode,
    message: string,
    details: Readonly<Record<string, unknown>> = {},
    options?: ErrorOptions,
  ) {
    super(message, details, options);
  }
}
