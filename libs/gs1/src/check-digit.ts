import { Gs1Error } from './gs1-error.js';

/**
 * The check digit that follows `digits` in GTIN, SSCC, GLN, GSRN and GSIN: modulo 10, weights 3 and 1 alternating from
 * the right (GS1 General Specifications §7.9.1). It finds every single wrong digit.
 * @throws Gs1Error `character-invalid` where something else than a digit is given
 */
export function checkDigit(digits: string): number {
  let sum = 0;
  for (let index = 0; index < digits.length; index++) {
    const digit = digits.charCodeAt(index) - 48;
    if (digit < 0 || digit > 9) {
      throw new Gs1Error('character-invalid', 'a digit is expected', { position: index, found: digits.charAt(index) });
    }
    sum += (digits.length - index) % 2 === 1 ? digit * 3 : digit;
  }
  return (10 - (sum % 10)) % 10;
}

/** `digits` followed by their check digit. */
export function withCheckDigit(digits: string): string {
  return digits + String(checkDigit(digits));
}

/**
 * Refuses `digits` unless the last one is the check digit of the others.
 * @throws Gs1Error `check-digit-wrong` with `expected` and `found`, `character-invalid`
 */
export function requireCheckDigit(digits: string): void {
  const last = digits.length - 1;
  const expected = checkDigit(digits.slice(0, last));
  if (digits.charAt(last) !== String(expected)) {
    throw new Gs1Error('check-digit-wrong', 'the check digit does not fit the other digits', {
      position: last,
      expected,
      found: digits.charAt(last),
    });
  }
}
