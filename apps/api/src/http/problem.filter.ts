import { type Problem, type ProblemCode, isProblemCode, problemNextStep, problemType } from '@coldchain/api-contract';
import { DomainError } from '@coldchain/kernel';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import type { Response } from 'express';
import type { Logger } from '@coldchain/runtime';
import { PROBLEM_CATALOG } from './problem-catalog.js';
import type { ContextRequest } from './request-context.js';
import { type InputError, RequestProblem } from './request-problem.js';

/** What is thrown, as a code and what may be told about it. */
interface Told {
  readonly code: ProblemCode;
  readonly detail?: string;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly errors?: readonly InputError[];
}

/** PostgreSQL and socket errors that mean "not now": class 08 and 57P0x, too many connections, refused or reset. */
const UNAVAILABLE = /^(?:08...|57P0[123]|53300|ECONNREFUSED|ECONNRESET|EPIPE|ENOENT|ETIMEDOUT)$/;

/** Turns everything that is thrown into an RFC 9457 problem. What has no code is a defect: told without detail, logged. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<ContextRequest>();
    const response = http.getResponse<Response>();
    const told = explain(error);
    const { status, title } = PROBLEM_CATALOG[told.code];
    const requestId = request.coldchain?.requestId ?? 'unknown';
    if (status >= 500) {
      this.logger.error({ err: error, request: requestId, operation: request.coldchain?.operation }, 'request failed');
    }
    if (response.headersSent) {
      response.destroy();
      return;
    }
    const problem: Problem = {
      type: problemType(told.code),
      title,
      status,
      code: told.code,
      ...(told.detail === undefined ? {} : { detail: told.detail }),
      ...problemNextStep(told.code),
      instance: `urn:uuid:${requestId}`,
      ...(told.details === undefined || Object.keys(told.details).length === 0 ? {} : { details: { ...told.details } }),
      ...(told.errors === undefined || told.errors.length === 0 ? {} : { errors: [...told.errors] }),
    };
    if (status === 401) response.set('WWW-Authenticate', 'Bearer');
    const retryAfterS = error instanceof RequestProblem ? error.retryAfterS : null;
    if (retryAfterS !== null) response.set('Retry-After', String(retryAfterS));
    else if (status === 503 || told.code === 'idempotency-key-in-flight') response.set('Retry-After', '1');
    response.status(status).type('application/problem+json').send(JSON.stringify(problem));
  }
}

/** Which problem something thrown is. */
export function explain(error: unknown): Told {
  if (error instanceof RequestProblem) return { code: error.code, detail: error.message, errors: error.errors };
  if (error instanceof DomainError && isProblemCode(error.code)) {
    const words = error.message.startsWith('refused: ') ? {} : { detail: error.message };
    return { code: error.code, ...words, details: error.details };
  }
  if (error instanceof HttpException) return { code: codeOfStatus(error.getStatus()) };
  return { code: isUnavailable(error) ? 'unavailable' : 'internal-error' };
}

function codeOfStatus(status: number): ProblemCode {
  switch (status) {
    case 404:
      return 'not-found';
    case 405:
      return 'method-not-allowed';
    case 400:
      return 'query-invalid';
    default:
      return 'internal-error';
  }
}

function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code: unknown = Reflect.get(error, 'code');
  if (typeof code === 'string' && UNAVAILABLE.test(code)) return true;
  // What the pool says when a connection is lost or none is free has no code of its own.
  return /^Connection terminated|timeout exceeded when trying to connect/.test(error.message);
}
