import type { z } from 'zod';
import type { Action } from './policy.js';
import type { ProblemCode } from './problem-catalog.js';

/** One route: what registers, authorises and validates it in the server, and what describes it in the document. */
export interface Operation {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** OpenAPI form: `/v1/units/{sscc}`. */
  readonly path: string;
  readonly group: string;
  readonly summary: string;
  /** null: open, no key is asked for. */
  readonly action: Action | null;
  readonly params?: z.ZodType;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  readonly bodyExample?: unknown;
  /** Media type of a body that is not JSON and is read as it comes; its handler does. */
  readonly bodyType?: string;
  readonly status: 200 | 201 | 202;
  /** Schema of the JSON answer, or the media type of another one. */
  readonly answer: z.ZodType | string;
  readonly answerExample?: unknown;
  /** An act: recorded in one transaction, honours `Idempotency-Key` and `Prefer: wait`, is anchored later. */
  readonly act?: true;
  /** What it can be refused for, besides what every operation of its kind can. */
  readonly problems: readonly ProblemCode[];
}

/** Keeps the literal types of an operation. */
export const operation = <const Definition extends Operation>(definition: Definition): Definition => definition;

/** Wrong keys of GS1 in a path, parameter or body. */
export const KEY_PROBLEMS = ['length-wrong', 'character-invalid', 'check-digit-wrong', 'date-invalid'] as const;

/** What the contract can refuse every act for. */
const EVERY_ACT = [
  'payload-invalid',
  'too-many-objects',
  'object-repeated',
  'party-unknown',
  'party-suspended',
  'role-missing',
  'event-in-future',
  'event-before-previous',
  'commitment-reused',
  'event-recorded-otherwise',
] as const;

/** Problems that follow from the kind of an operation. */
function inherentProblems(operation: Operation): readonly ProblemCode[] {
  const problems: ProblemCode[] = ['internal-error', 'query-invalid'];
  if (operation.action !== null) problems.push('unauthenticated', 'forbidden', 'too-many-requests', 'unavailable');
  if (operation.body !== undefined) {
    problems.push('body-not-json', 'body-too-large', 'content-type-unsupported', 'body-invalid');
  }
  if (operation.method === 'POST') {
    problems.push('header-invalid', 'idempotency-key-reused', 'idempotency-key-in-flight');
  }
  if (operation.act === true) problems.push(...EVERY_ACT);
  return problems;
}

/** Every problem that an operation can answer with, without repetition. */
export function problemsOf(operation: Operation): readonly ProblemCode[] {
  return [...new Set<ProblemCode>([...inherentProblems(operation), ...operation.problems])];
}
