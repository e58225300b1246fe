import { DomainError } from '@coldchain/kernel';

/**
 * `log-not-written`: the storage refused; nothing was kept and nothing may be sent, what was kept before is unharmed.
 * `log-full`: the bound of the log is reached by frames that nobody acknowledged; the oldest is never overwritten.
 * `log-of-another`: it was begun by another gateway or for another source.
 */
export type GatewayLogErrorCode = 'log-not-written' | 'log-full' | 'log-of-another';

/** A log that cannot keep, or may not be continued. */
export class GatewayLogError extends DomainError<GatewayLogErrorCode> {
  constructor(
    readonly code: GatewayLogErrorCode,
    message: string,
    details: Readonly<Record<string, unknown>>,
    options?: ErrorOptions,
  ) {
    super(message, details, options);
  }
}
