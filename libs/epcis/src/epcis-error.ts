import { DomainError } from '@coldchain/kernel';

/** Why an EPCIS document, event or digest input was not accepted. */
export type EpcisErrorCode =
  | 'document-invalid'
  | 'event-invalid'
  | 'document-not-canonical'
  | 'salt-invalid'
  | 'digest-invalid'
  | 'key-invalid'
  | 'secret-invalid'
  | 'tree-invalid';

/** One thing that is wrong with an event: where (JSON pointer) and what. */
export interface EventProblem {
  readonly pointer: string;
  readonly code: string;
  readonly text: string;
}

/** A document, event or key material that breaks its rules; `event-invalid` carries `details.problems`. */
export class EpcisError extends DomainError<EpcisErrorCode> {
  constructor(
    readonly code: EpcisErrorCode,
    message: string,
    details: Readonly<Record<string, unknown>> = {},
  ) {
    super(message, details);
  }
}
