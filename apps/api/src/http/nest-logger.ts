import type { Logger } from '@coldchain/runtime';
import type { LoggerService } from '@nestjs/common';

/** Nest's own messages in the process's log; its start-up chatter at debug. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, ...rest: unknown[]): void {
    this.logger.debug({ detail: String(message), context: contextOf(rest) }, 'framework');
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.logger.warn({ detail: String(message), context: contextOf(rest) }, 'framework warns');
  }

  error(message: unknown, ...rest: unknown[]): void {
    const told = message instanceof Error ? { err: message } : { detail: String(message) };
    this.logger.error({ ...told, context: contextOf(rest) }, 'framework failed');
  }
}

const contextOf = (rest: readonly unknown[]): string | undefined => {
  const last = rest.at(-1);
  return typeof last === 'string' ? last : undefined;
};
