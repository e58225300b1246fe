import type { AiComponent, AiFormat } from './application-identifiers.js';
import { requireCharacters } from './character-set.js';
import { requireCheckDigit } from './check-digit.js';
import { Gs1Error } from './gs1-error.js';
import { dayOfYymmdd } from './local-date.js';

function requireTime(text: string): void {
  if (Number(text.slice(0, 2)) > 23 || Number(text.slice(2, 4)) > 59) {
    throw new Gs1Error('time-invalid', 'hours and minutes are 0000 to 2359', { position: 0, found: text });
  }
}

function requirePiece(text: string): void {
  const [piece, total] = [Number(text.slice(0, 2)), Number(text.slice(2, 4))];
  if (piece === 0 || piece > total) {
    throw new Gs1Error('value-invalid', 'piece number is 1 to the total', { position: 0, found: text });
  }
}

function requireComponent(part: string, component: AiComponent, referenceYear: number): void {
  requireCharacters(part, component.set);
  switch (component.check) {
    case 'digit':
      return requireCheckDigit(part);
    case 'day':
      return void dayOfYymmdd(part, referenceYear, false);
    case 'day0':
      return void dayOfYymmdd(part, referenceYear);
    case 'time':
      return requireTime(part);
    case 'piece':
      return requirePiece(part);
    case null:
      return;
  }
}

/**
 * Refuses a value that does not fit its Application Identifier; positions count from the start of the value.
 * @param referenceYear decides the century of two-digit years and with it 29 February
 * @throws Gs1Error `length-wrong`, `character-invalid`, `check-digit-wrong`, `date-invalid`, `time-invalid`, `value-invalid`
 */
export function requireValue(format: AiFormat, value: string, referenceYear: number): void {
  let at = 0;
  for (const component of format.components) {
    const part = value.slice(at, at + component.max);
    if (part.length === 0 && component.optional) break;
    if (part.length < component.min) throw lengthWrong(format, value);
    try {
      requireComponent(part, component, referenceYear);
    } catch (error) {
      throw error instanceof Gs1Error ? error.shifted(at) : error;
    }
    at += part.length;
  }
  if (at < value.length) throw lengthWrong(format, value);
}

function lengthWrong(format: AiFormat, value: string): Gs1Error {
  const { ai, minLength, maxLength } = format;
  const expected = minLength === maxLength ? String(minLength) : `${minLength} to ${maxLength}`;
  return new Gs1Error('length-wrong', `the value of (${ai}) has ${expected} characters`, {
    position: Math.min(value.length, maxLength),
    expected,
    found: value.length,
  });
}
