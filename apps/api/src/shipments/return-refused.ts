import type { ProblemCode } from '@coldchain/api-contract';
import { DomainError } from '@coldchain/kernel';

const MINUTE_MS = 60_000;

/** A return without unbroken evidence; says how many minutes are missing. Instants in ms since 1970 UTC. */
export class ReturnRefused extends DomainError<ProblemCode> {
  readonly code = 'return-evidence-missing';

  constructor(sscc: string, missingMs: number, from: number, to: number) {
    const missingMinutes = Math.ceil(missingMs / MINUTE_MS);
    super(`${missingMinutes} minutes of the customer’s custody are without evidence`, {
      sscc,
      missingMs,
      missingMinutes,
      from: new Date(from).toISOString(),
      to: new Date(to).toISOString(),
    });
  }
}
