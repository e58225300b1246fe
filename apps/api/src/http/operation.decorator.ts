import {
  createParamDecorator,
  type ExecutionContext,
  RequestMapping,
  RequestMethod,
  SetMetadata,
} from '@nestjs/common';
import {
  type InputOf,
  type Operation as OperationDefinition,
  type OperationId,
  OPERATIONS,
} from '@coldchain/api-contract';
import { type Account, type ContextRequest, contextOf } from './request-context.js';

const OPERATION_KEY = 'coldchain:operation';
const METHODS = { GET: RequestMethod.GET, POST: RequestMethod.POST, DELETE: RequestMethod.DELETE } as const;

/** Registers a handler as one operation of the contract: method, path, access and input come from its table. */
export function Operation(id: OperationId): MethodDecorator {
  const { method, path } = OPERATIONS[id];
  const mapping = RequestMapping({ method: METHODS[method], path: path.replace(/\{(\w+)\}/g, ':$1') });
  const mark = SetMetadata(OPERATION_KEY, id);
  return (target, key, descriptor) => {
    mapping(target, key, descriptor);
    mark(target, key, descriptor);
  };
}

/** The operation that a handler was registered as. A handler without one is refused: nothing is open by mistake. */
export function operationIdOf(context: ExecutionContext): OperationId {
  const id: unknown = Reflect.getMetadata(OPERATION_KEY, context.getHandler());
  if (typeof id !== 'string' || !Object.hasOwn(OPERATIONS, id)) throw new Error('a handler is not an operation');
  return id as OperationId;
}

/** The definition of an operation in its general shape. */
export const definitionOf = (id: OperationId): OperationDefinition => OPERATIONS[id];

/** The parsed input of the operation: `@Input() input: InputOf<'getUnit'>`. */
export const Input = createParamDecorator(
  (_: unknown, context: ExecutionContext) => contextOf(context.switchToHttp().getRequest<ContextRequest>()).input,
);

/** The account that asks. */
export const Caller = createParamDecorator((_: unknown, context: ExecutionContext): Account => {
  const { account } = contextOf(context.switchToHttp().getRequest<ContextRequest>());
  if (account === undefined) throw new Error('an open operation has no caller');
  return account;
});

export type { InputOf };
