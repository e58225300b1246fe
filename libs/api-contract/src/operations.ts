import type { z } from 'zod';
import type { Operation } from './operation.js';
import { ANSWER_OPERATIONS } from './operations-of-answers.js';
import { BATCH_OPERATIONS } from './operations-of-batches.js';
import { CASE_OPERATIONS } from './operations-of-cases.js';
import { EVIDENCE_OPERATIONS } from './operations-of-evidence.js';
import { EXCEPTION_OPERATIONS } from './operations-of-exceptions.js';
import { GOODS_OPERATIONS } from './operations-of-goods.js';
import { PARTY_OPERATIONS } from './operations-of-parties.js';
import { PLANNING_OPERATIONS } from './operations-of-planning.js';
import { PROCESS_OPERATIONS } from './operations-of-the-process.js';

/** Every route of the API: the server registers these and nothing else. */
export const OPERATIONS = {
  ...BATCH_OPERATIONS,
  ...GOODS_OPERATIONS,
  ...EVIDENCE_OPERATIONS,
  ...EXCEPTION_OPERATIONS,
  ...ANSWER_OPERATIONS,
  ...CASE_OPERATIONS,
  ...PARTY_OPERATIONS,
  ...PLANNING_OPERATIONS,
  ...PROCESS_OPERATIONS,
} as const satisfies Readonly<Record<string, Operation>>;

/** The name of a route. */
export type OperationId = keyof typeof OPERATIONS;
export const OPERATION_IDS = Object.keys(OPERATIONS) as readonly OperationId[];

type Parsed<Definition, Part extends string> = Definition extends {
  readonly [Key in Part]: infer Schema extends z.ZodType;
}
  ? z.output<Schema>
  : undefined;

/** The parsed input of a route. */
export interface InputOf<Id extends OperationId> {
  readonly params: Parsed<(typeof OPERATIONS)[Id], 'params'>;
  readonly query: Parsed<(typeof OPERATIONS)[Id], 'query'>;
  readonly body: Parsed<(typeof OPERATIONS)[Id], 'body'>;
}

/** The JSON answer of a route. */
export type AnswerOf<Id extends OperationId> = Parsed<(typeof OPERATIONS)[Id], 'answer'>;
