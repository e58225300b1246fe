import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Authentication } from './authentication.js';
import { definitionOf, operationIdOf } from './operation.decorator.js';
import { type ContextRequest, contextOf } from './request-context.js';

/** Who asks, and whether his roles allow the operation. Open operations are those whose action is null. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(private readonly authentication: Authentication) {}

  async canActivate(execution: ExecutionContext): Promise<boolean> {
    const request = execution.switchToHttp().getRequest<ContextRequest>();
    const context = contextOf(request);
    context.operation = operationIdOf(execution);
    const { action } = definitionOf(context.operation);
    if (action === null) return true;
    context.account = await this.authentication.allowed(request.headers.authorization, action);
    return true;
  }
}
