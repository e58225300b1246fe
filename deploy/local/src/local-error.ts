import { DomainError } from '@coldchain/kernel';

export type LocalCode =
  'already-running' | 'port-taken' | 'ledger-differs' | 'process-ended' | 'process-not-ready' | 'interrupted';

/** The installation on this machine cannot start or go on; `details.nextStep` says what to do. */
export class LocalError extends DomainError<LocalCode> {
  constructor(
    readonly code: LocalCode,
    message: string,
    nextStep: string,
  ) {
    super(message, { nextStep });
  }
}
