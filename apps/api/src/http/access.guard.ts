import { Clock } from '@coldchain/kernel';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { ApiOptions } from '../api-options.js';
import { AccountRate } from './account-rate.js';
import { Authentication, requireRole } from './authentication.js';
import { definitionOf, operationIdOf } from './operation.decorator.js';
import { type ContextRequest, contextOf } from './request-context.js';
import { RequestProblem } from './request-problem.js';

/** Who asks, whether not too often, and whether his roles allow the operation. Open operations are those whose action is null. */
@Injectable()
export class AccessGuard implements CanActivate {
  private readonly rate: AccountRate;

  constructor(
    private readonly authentication: Authentication,
    private readonly clock: Clock,
    { accountRequestsPerMinute }: ApiOptions,
  ) {
    this.rate = new AccountRate(accountRequestsPerMinute);
  }

  async canActivate(execution: ExecutionContext): Promise<boolean> {
    const request = execution.switchToHttp().getRequest<ContextRequest>();
    const context = contextOf(request);
    context.operation = operationIdOf(execution);
    const { action } = definitionOf(context.operation);
    if (action === null) return true;
    const account = await this.authentication.accountOf(request.headers.authorization);
    const waitMs = this.rate.take(account.id, this.clock.now());
    if (waitMs > 0) {
      const seconds = Math.ceil(waitMs / 1000);
      throw new RequestProblem('too-many-requests', `the next request is possible in ${seconds} s`, [], seconds);
    }
    requireRole(account, action);
    context.account = account;
    return true;
  }
}
