import type { Brand } from '@coldchain/kernel';
import { requireCharacters } from './character-set.js';
import { requireCheckDigit, withCheckDigit } from './check-digit.js';
import { Gs1Error, orNull } from './gs1-error.js';

/** Global Trade Item Number, always 14 digits with a right check digit. */
export type Gtin = Brand<string, 'Gtin'>;
/** Serial Shipping Container Code, 18 digits with a right check digit. */
export type Sscc = Brand<string, 'Sscc'>;
/** Global Location Number, 13 digits with a right check digit: a place (AI 414) or a party (AI 417). */
export type Gln = Brand<string, 'Gln'>;
/** Serial number of a pack (AI 21): 1 to 20 characters of set 82. */
export type Serial = Brand<string, 'Serial'>;
/** Batch or lot number (AI 10): 1 to 20 characters of set 82. */
export type Lot = Brand<string, 'Lot'>;
/** Global Individual Asset Identifier (AI 8004): company prefix and 1 to 24 characters of set 82, at most 30. */
export type Giai = Brand<string, 'Giai'>;

function requireLength(text: string, lengths: readonly number[], what: string): void {
  if (!lengths.includes(text.length)) {
    throw new Gs1Error('length-wrong', `${what} has ${lengths.join(', ')} digits`, {
      expected: lengths.join(', '),
      found: text.length,
    });
  }
}

function digitsOf(text: string, lengths: readonly number[], what: string): string {
  requireCharacters(text, 'N');
  requireLength(text, lengths, what);
  requireCheckDigit(text);
  return text;
}

function textOf(text: string, most: number, what: string): string {
  if (text.length < 1 || text.length > most) {
    throw new Gs1Error('length-wrong', `${what} has 1 to ${most} characters`, {
      expected: `1 to ${most}`,
      found: text.length,
    });
  }
  requireCharacters(text, 'X');
  return text;
}

/**
 * Accepts GTIN-8, -12, -13 and -14 and pads to 14 digits.
 * @throws Gs1Error `character-invalid`, `length-wrong`, `check-digit-wrong`
 */
export function parseGtin(text: string): Gtin {
  return digitsOf(text, [8, 12, 13, 14], 'a GTIN').padStart(14, '0') as Gtin;
}

/** @throws Gs1Error `character-invalid`, `length-wrong`, `check-digit-wrong` */
export function parseSscc(text: string): Sscc {
  return digitsOf(text, [18], 'an SSCC') as Sscc;
}

/** @throws Gs1Error `character-invalid`, `length-wrong`, `check-digit-wrong` */
export function parseGln(text: string): Gln {
  return digitsOf(text, [13], 'a GLN') as Gln;
}

/** @throws Gs1Error `length-wrong`, `character-invalid` */
export function parseSerial(text: string): Serial {
  return textOf(text, 20, 'a serial number') as Serial;
}

/** @throws Gs1Error `length-wrong`, `character-invalid` */
export function parseLot(text: string): Lot {
  return textOf(text, 20, 'a lot number') as Lot;
}

/** @throws Gs1Error `length-wrong`, `character-invalid` */
export function parseGiai(text: string): Giai {
  return textOf(text, 30, 'a GIAI') as Giai;
}

/** {@link parseGtin} that answers null instead of throwing. */
export const tryParseGtin = (text: string): Gtin | null => orNull(() => parseGtin(text));
/** {@link parseSscc} that answers null instead of throwing. */
export const tryParseSscc = (text: string): Sscc | null => orNull(() => parseSscc(text));
/** {@link parseGln} that answers null instead of throwing. */
export const tryParseGln = (text: string): Gln | null => orNull(() => parseGln(text));
/** {@link parseSerial} that answers null instead of throwing. */
export const tryParseSerial = (text: string): Serial | null => orNull(() => parseSerial(text));
/** {@link parseLot} that answers null instead of throwing. */
export const tryParseLot = (text: string): Lot | null => orNull(() => parseLot(text));

function joined(lead: string, companyPrefix: string, reference: number | string, length: number): string {
  const room = length - lead.length - companyPrefix.length;
  const digits = String(reference).padStart(room, '0');
  requireCharacters(lead + companyPrefix + digits, 'N');
  if (room < 0 || digits.length > room) {
    throw new Gs1Error('length-wrong', 'company prefix and reference do not fit into the key', {
      expected: length,
      found: lead.length + companyPrefix.length + digits.length,
    });
  }
  return withCheckDigit(lead + companyPrefix + digits);
}

/**
 * A GTIN from a company prefix and an item reference (padded with zeros), for data that is made: demonstrations, tests.
 * @param indicator packaging level 0 to 8; 9 is variable measure
 * @throws Gs1Error `length-wrong`, `character-invalid`
 */
export function gtinOf(companyPrefix: string, itemReference: number | string, indicator = 0): Gtin {
  return parseGtin(joined(String(indicator), companyPrefix, itemReference, 13));
}

/**
 * An SSCC from a company prefix and a serial reference.
 * @param extension first digit, free to the company
 * @throws Gs1Error `length-wrong`, `character-invalid`
 */
export function ssccOf(companyPrefix: string, serialReference: number | string, extension = 0): Sscc {
  return parseSscc(joined(String(extension), companyPrefix, serialReference, 17));
}

/** A GLN from a company prefix and a location reference. @throws Gs1Error `length-wrong`, `character-invalid` */
export function glnOf(companyPrefix: string, locationReference: number | string): Gln {
  return parseGln(joined('', companyPrefix, locationReference, 12));
}

/** Whether the GTIN was issued under this company prefix (it stands behind the indicator digit). */
export function gtinCarriesPrefix(gtin: Gtin, companyPrefix: string): boolean {
  return companyPrefix.length >= 4 && gtin.startsWith(companyPrefix, 1);
}
