import type { Clock } from '@coldchain/kernel';
import type { Logger, Metrics } from '@coldchain/runtime';
import type { NextFunction, RequestHandler, Response } from 'express';
import type { ContextRequest } from './request-context.js';

const SECONDS = [0.005, 0.01, 0.02, 0.05, 0.1, 0.3, 1, 3, 10];

/**
 * One figure and one log line for each answered request: which operation, who, how long. No path, code or body: they name
 * packs.
 */
export function requestLog(clock: Clock, logger: Logger, metrics: Metrics): RequestHandler {
  const seconds = metrics.histogram('cct_http_request_seconds', 'Time to answer', SECONDS, ['operation', 'status']);
  return (request: ContextRequest, response: Response, next: NextFunction) => {
    response.once('finish', () => {
      const context = request.coldchain;
      if (context === undefined) return;
      const durationMs = clock.now() - context.startedAt;
      const operation = context.operation ?? 'none';
      seconds.observe({ operation, status: String(response.statusCode) }, durationMs / 1000);
      if (operation === 'livez' || operation === 'readyz' || operation === 'none') return;
      const { account } = context;
      logger.info(
        {
          request: context.requestId,
          operation,
          status: response.statusCode,
          durationMs,
          ...(account === undefined ? {} : { account: account.id, organisation: account.organisation.slug }),
        },
        'request answered',
      );
    });
    next();
  };
}
