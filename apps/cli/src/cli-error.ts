import { DomainError } from '@coldchain/kernel';
import type { ExitCode } from './command.js';

/** A command that cannot do what it was asked; printed as code, text and next step. */
export class CliError extends DomainError {
  constructor(
    readonly code: string,
    message: string,
    readonly nextStep: string,
    readonly exitCode: ExitCode = 1,
    options?: ErrorOptions,
  ) {
    super(message, { nextStep }, options);
  }
}

/** Wrong use of a command: exit 64. */
export function usageError(text: string, commandName: string): CliError {
  return new CliError('usage', text, `see "coldchain ${commandName}${commandName === '' ? '' : ' '}--help"`, 64);
}
