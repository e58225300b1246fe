import { type ProblemCode, type ProblemMeaning, PROBLEMS } from '@coldchain/api-contract';
import type { Refusal } from '@coldchain/chaincode/protocol';
import type { CustodyRefusal } from '@coldchain/custody';
import type { Gs1ErrorCode } from '@coldchain/gs1';
import type { CaseRefusal, LoggerFileProblem } from '@coldchain/telemetry';

/** Every code that a library which the API calls can throw. */
export type LibraryCode = Refusal | CustodyRefusal | Gs1ErrorCode | LoggerFileProblem | CaseRefusal;

/**
 * The contract's catalogue, seen by the server: a code of a library without a meaning in HTTP does not compile here.
 */
export const PROBLEM_CATALOG = PROBLEMS satisfies Record<LibraryCode, ProblemMeaning> &
  Record<ProblemCode, ProblemMeaning>;
