import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { Response } from 'express';
import { map, type Observable } from 'rxjs';
import { parseInput } from './input.js';
import { definitionOf, operationIdOf } from './operation.decorator.js';
import { Reply } from './reply.js';
import { type ContextRequest, contextOf } from './request-context.js';

/** Parses the input before the handler and sets status and headers after it. */
@Injectable()
export class OperationInterceptor implements NestInterceptor {
  intercept(execution: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = execution.switchToHttp();
    const request = http.getRequest<ContextRequest>();
    const response = http.getResponse<Response>();
    const operation = definitionOf(operationIdOf(execution));
    contextOf(request).input = parseInput(operation, {
      params: { ...request.params },
      query: { ...request.query },
      body: request.body as unknown,
    });
    return next.handle().pipe(
      map((answer: unknown) => {
        const reply = answer instanceof Reply ? answer : new Reply(answer);
        response.status(reply.options.status ?? operation.status);
        response.set(reply.options.headers ?? {});
        if (typeof operation.answer === 'string' && response.getHeader('content-type') === undefined) {
          response.type(operation.answer);
        }
        return reply.body;
      }),
    );
  }
}
