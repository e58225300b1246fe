/**
 * The base of every error that a caller can react to: `code` is a literal from the thrower's closed union,
 * `details` says what was meant (never secrets, never personal data). Anything else that is thrown is a defect.
 */
export abstract class DomainError<Code extends string = string> extends Error {
  abstract readonly code: Code;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(message: string, details: Readonly<Record<string, unknown>> = {}, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.details = details;
  }
}
