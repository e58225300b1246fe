import { isProblemCode, type Operation, type ProblemCode } from '@coldchain/api-contract';
import { GS1_ERROR_CODES } from '@coldchain/gs1';
import { z } from 'zod';
import { type InputError, RequestProblem } from './request-problem.js';

/** What arrived, before it was parsed. */
export interface RawInput {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
}

/** What an operation's handler gets; the contract gives the types by operation. */
export interface ParsedInput {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
}

const nothing = z.strictObject({});

/**
 * Parses path, query and body by the operation's schemas.
 * @throws RequestProblem `query-invalid`, `body-invalid`, or the GS1 code where every error is about that
 */
export function parseInput(operation: Operation, raw: RawInput): ParsedInput {
  return {
    params: parsed('params', operation.params, raw.params),
    query: parsed('query', operation.query, raw.query),
    body: operation.body === undefined ? undefined : parsed('body', operation.body, raw.body ?? {}),
  };
}

function parsed(part: 'params' | 'query' | 'body', schema: z.ZodType | undefined, value: unknown): unknown {
  const unstorable = nulPath(value, []);
  if (unstorable !== null) {
    throw refused(part, [{ path: unstorable, code: 'character-invalid', message: 'holds the character NUL' }]);
  }
  const result = (schema ?? nothing).safeParse(value);
  if (result.success) return schema === undefined ? undefined : result.data;
  throw refused(
    part,
    result.error.issues.map((issue) => ({
      path: issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0] ?? ''] : issue.path,
      code: codeOf(issue),
      message: issue.message,
    })),
  );
}

interface Finding {
  readonly path: readonly PropertyKey[];
  readonly code: string;
  readonly message: string;
}

const GS1_CODES: ReadonlySet<string> = new Set(GS1_ERROR_CODES);

function refused(part: 'params' | 'query' | 'body', findings: readonly Finding[]): RequestProblem {
  const errors = findings.map(({ path, code, message }): InputError => ({
    pointer: part === 'body' ? pointerOf(path) : path.map(String).join('.'),
    code,
    detail: message,
  }));
  const first = errors[0];
  const common = errors.every(({ code }) => code === first?.code) ? first?.code : undefined;
  const named = common !== undefined && GS1_CODES.has(common) && isProblemCode(common) ? common : undefined;
  const general: ProblemCode = part === 'body' ? 'body-invalid' : 'query-invalid';
  return new RequestProblem(
    named ?? general,
    errors.map(({ pointer, detail }) => `${pointer}: ${detail}`).join('; '),
    errors,
  );
}

function codeOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'custom') {
    const code: unknown = issue.params?.['code'];
    if (typeof code === 'string') return code;
  }
  return issue.code.replaceAll('_', '-');
}

/** RFC 6901. */
const pointerOf = (path: readonly PropertyKey[]): string =>
  path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

/** Where a text holds U+0000, which PostgreSQL cannot store; null when nowhere. */
function nulPath(value: unknown, path: readonly PropertyKey[]): readonly PropertyKey[] | null {
  if (typeof value === 'string') return value.includes('\0') ? path : null;
  if (typeof value !== 'object' || value === null) return null;
  for (const [key, member] of Object.entries(value)) {
    if (key.includes('\0')) return path;
    const found = nulPath(member, [...path, Array.isArray(value) ? Number(key) : key]);
    if (found !== null) return found;
  }
  return null;
}
