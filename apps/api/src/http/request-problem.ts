import type { ProblemCode } from '@coldchain/api-contract';
import { DomainError } from '@coldchain/kernel';

/** One wrong member of a body (JSON pointer) or one wrong parameter (its name). */
export interface InputError {
  readonly pointer: string;
  readonly code: string;
  readonly detail: string;
}

/** A request that the API itself refuses, before or beside what a library refuses. */
export class RequestProblem extends DomainError<ProblemCode> {
  constructor(
    readonly code: ProblemCode,
    message: string,
    readonly errors: readonly InputError[] = [],
    /** When another request may help; null: nobody knows. */
    readonly retryAfterS: number | null = null,
  ) {
    super(message);
  }
}
