import { DomainError } from '@coldchain/kernel';

/** Why a GS1 code or key was not accepted. `details.position` is the offset in the given text where that is known. */
export const GS1_ERROR_CODES = [
  'code-empty',
  'code-unrecognised',
  'length-wrong',
  'character-invalid',
  'check-digit-wrong',
  'date-invalid',
  'time-invalid',
  'value-invalid',
  'application-identifier-unknown',
  'application-identifier-repeated',
  'application-identifier-conflict',
  'separator-missing',
  'scanner-set-up-wrong',
  'percent-encoding-invalid',
  'digital-link-key-missing',
  'digital-link-qualifier-wrong',
  'digital-link-compressed',
  'epc-urn-invalid',
] as const;
export type Gs1ErrorCode = (typeof GS1_ERROR_CODES)[number];

/** What is known about the place of a problem. Values of codes are not put into details: serials may be confidential. */
export interface Gs1ErrorDetails {
  /** Offset in the text that was given, counted in UTF-16 units from 0. */
  readonly position?: number;
  /** Application Identifier concerned. */
  readonly ai?: string;
  /** What would have been right. */
  readonly expected?: string | number;
  /** What was there: a length, a digit or a single character, never a whole value. */
  readonly found?: string | number;
}

/** A GS1 key, element string, Digital Link or EPC URN that breaks its grammar. */
export class Gs1Error extends DomainError<Gs1ErrorCode> {
  override readonly details: Readonly<Gs1ErrorDetails & Record<string, unknown>>;

  constructor(
    readonly code: Gs1ErrorCode,
    message: string,
    details: Gs1ErrorDetails = {},
  ) {
    super(message, { ...details });
    this.details = { ...details };
  }

  /** The same problem seen from a longer text in which the value started at `offset`. */
  shifted(offset: number, ai?: string): Gs1Error {
    return new Gs1Error(this.code, this.message, {
      ...this.details,
      ...(ai === undefined ? {} : { ai }),
      position: offset + (this.details.position ?? 0),
    });
  }
}

/** The result of `read`, or null where it throws a {@link Gs1Error}; any other error goes on. */
export function orNull<Value>(read: () => Value): Value | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof Gs1Error) return null;
    throw error;
  }
}
