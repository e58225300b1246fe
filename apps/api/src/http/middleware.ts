import { type Operation, OPERATIONS } from '@coldchain/api-contract';
import type { Clock, Random } from '@coldchain/kernel';
import express, { type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import type { ContextRequest } from './request-context.js';
import { RequestProblem } from './request-problem.js';

/** Gives every request its context and its name in logs and problems. */
export function openContext(clock: Clock, random: Random): RequestHandler {
  return (request: ContextRequest, response: Response, next: NextFunction) => {
    const requestId = random.uuid();
    request.coldchain = { requestId, startedAt: clock.now() };
    response.set('Request-Id', requestId);
    next();
  };
}

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

/** Headers of every answer: nothing is embedded, guessed, framed, kept in caches or told to other sites. */
export function securityHeaders(): RequestHandler {
  return (request: Request, response: Response, next: NextFunction) => {
    response.set({
      'Content-Security-Policy': POLICY,
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Resource-Policy': 'same-origin',
      'Permissions-Policy': 'camera=(self), geolocation=(), microphone=()',
      'Cache-Control': 'no-store',
    });
    // RFC 6797 §7.2: only over TLS.
    if (request.secure) response.set('Strict-Transport-Security', 'max-age=31536000; includeSubDomains');
    next();
  };
}

/** Largest body, in bytes. */
export const BODY_LIMIT = 1_048_576;

/** Time in which a JSON body must have come. */
const JSON_PATIENCE_MS = 30_000;

/** Operations that read their body by themselves. */
const STREAMED: readonly Operation[] = Object.values<Operation>(OPERATIONS).filter(
  ({ bodyType }) => bodyType !== undefined,
);

/** Reads a JSON body. @throws RequestProblem `content-type-unsupported`, `body-too-large`, `body-not-json` */
export function jsonBody(): RequestHandler {
  const read = express.json({ limit: BODY_LIMIT, strict: true, type: 'application/json' });
  return (request: Request, response: Response, next: NextFunction) => {
    if (STREAMED.some(({ method, path }) => method === request.method && path === request.path)) {
      next();
      return;
    }
    const length = request.headers['content-length'];
    const empty = (length === undefined || length === '0') && request.headers['transfer-encoding'] === undefined;
    if (!empty && request.is('application/json') === false) {
      next(new RequestProblem('content-type-unsupported', 'send the body as application/json'));
      return;
    }
    const impatient = setTimeout(() => request.destroy(), JSON_PATIENCE_MS);
    read(request, response, (error?: unknown) => {
      clearTimeout(impatient);
      next(error === undefined ? undefined : bodyProblem(error));
    });
  };
}

/** `type` is what body-parser calls the failure. */
function bodyProblem(error: unknown): unknown {
  const type: unknown = error instanceof Error ? Reflect.get(error, 'type') : undefined;
  switch (type) {
    case 'entity.too.large':
      return new RequestProblem('body-too-large', `the body may have ${BODY_LIMIT} bytes`);
    case 'entity.parse.failed':
    case 'request.size.invalid':
    case 'request.aborted':
      return new RequestProblem('body-not-json', 'the body is not JSON with an object or array at its top');
    case 'charset.unsupported':
    case 'encoding.unsupported':
      return new RequestProblem('content-type-unsupported', 'send the body in UTF-8');
    default:
      return error;
  }
}
