import type { OperationId, Role } from '@coldchain/api-contract';
import type { ActingOrganisation } from '@coldchain/custody';
import type { Request } from 'express';

/** Who asks: one account of one organisation that is served here. */
export interface Account {
  readonly id: number;
  readonly name: string;
  readonly kind: 'person' | 'machine';
  readonly roles: readonly Role[];
  readonly organisation: ActingOrganisation & { readonly name: string };
}

/** What is known about a request while it is answered. */
export interface RequestContext {
  /** Also the `instance` of a problem and the field `request` of its log lines. */
  readonly requestId: string;
  readonly startedAt: number;
  operation?: OperationId;
  account?: Account;
  input?: unknown;
}

/** Express hands one object through a request; its context hangs on it. */
export interface ContextRequest extends Request {
  coldchain?: RequestContext;
}

/** The context of a request; a request that never passed the first middleware has none, which is a defect. */
export function contextOf(request: ContextRequest): RequestContext {
  if (request.coldchain === undefined) throw new Error('the request has no context');
  return request.coldchain;
}
