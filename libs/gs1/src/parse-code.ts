import type { Brand } from '@coldchain/kernel';
import { firstOutside } from './character-set.js';
import { checkDigit } from './check-digit.js';
import { digitalLinkOf, looksLikeLink, parseDigitalLink } from './digital-link.js';
import { FNC1, parseBracketed, parseRaw } from './element-string.js';
import type { Elements } from './elements.js';
import { parseEpcUrn } from './epc-urn.js';
import { Gs1Error, orNull } from './gs1-error.js';
import { parseGln, parseGtin, parseLot, parseSerial, parseSscc } from './keys.js';
import type { Gln, Gtin, Lot, Serial, Sscc } from './keys.js';
import { dayOfYymmdd } from './local-date.js';
import type { LocalDate } from './local-date.js';

/** How the code was written. `bare-key`: the digits of a GTIN or SSCC alone. */
export type CodeForm = 'element-string-bracketed' | 'element-string-raw' | 'digital-link' | 'epc-urn' | 'bare-key';

/** A code that was understood and checked. */
export interface ParsedCode {
  readonly form: CodeForm;
  /** Values by Application Identifier, unescaped. */
  readonly elements: Elements;
  /** Canonical Digital Link on id.gs1.org with all elements; absent where the code holds no key (a lot alone, say). */
  readonly digitalLink?: string;
  /** The EPC URN, where the code was one: no other form tells how long the company prefix is. */
  readonly epcUrn?: string;
  readonly gtin?: Gtin;
  readonly serial?: Serial;
  readonly lot?: Lot;
  /** Last day of use: AI 17 (day 00 = end of the month), else the day of AI 7003. */
  readonly expiry?: LocalDate;
  readonly sscc?: Sscc;
  /** A place (AI 414). */
  readonly gln?: Gln;
  /** A party (AI 417). */
  readonly party?: Gln;
}

/** QR Code version 40 holds 4,296 alphanumeric characters; percent-encoding may triple some of them. */
const LONGEST_CODE = 8_000;

/** A parsed code that names one serialised pack. */
export type PackCode = Brand<ParsedCode & { readonly gtin: Gtin; readonly serial: Serial }, 'PackCode'>;

/** Whether the code names one serialised pack. */
export function isPackCode(code: ParsedCode): code is PackCode {
  return code.gtin !== undefined && code.serial !== undefined;
}

/**
 * Understands what a person types or a hand scanner sends: bracketed or raw element string, Digital Link, EPC URN, or the
 * digits of a GTIN or SSCC.
 * @param referenceYear year of the reading, for two-digit years (General Specifications §7.12)
 * @throws Gs1Error with a code and, where known, the position in `text`
 */
export function parseCode(text: string, referenceYear: number): ParsedCode {
  const lead = /^[ \t\r\n]*/.exec(text)?.[0].length ?? 0;
  const trimmed = text.slice(lead).replace(/[ \t\r\n]+$/, '');
  if (trimmed === '') throw new Gs1Error('code-empty', 'there is no code', { position: 0 });
  if (text.length > LONGEST_CODE) {
    throw new Gs1Error('length-wrong', 'the code is longer than any carrier holds', {
      position: LONGEST_CODE,
      expected: `at most ${LONGEST_CODE}`,
      found: text.length,
    });
  }
  try {
    return parseTrimmed(trimmed, referenceYear);
  } catch (error) {
    const located = error instanceof Gs1Error && error.details.position !== undefined;
    throw located && lead > 0 ? error.shifted(lead) : error;
  }
}

/** {@link parseCode} that answers null instead of throwing. */
export const tryParseCode = (text: string, referenceYear: number): ParsedCode | null =>
  orNull(() => parseCode(text, referenceYear));

function parseTrimmed(text: string, referenceYear: number): ParsedCode {
  const code = (form: CodeForm, elements: Elements): ParsedCode => describe(form, elements, referenceYear);
  if (/^urn:/i.test(text)) {
    const urn = text.replace(/^urn:epc:/i, 'urn:epc:');
    return { ...code('epc-urn', parseEpcUrn(urn, referenceYear)), epcUrn: urn };
  }
  if (text.startsWith('(')) return code('element-string-bracketed', parseBracketed(text, referenceYear));
  if (looksLikeLink(text)) return code('digital-link', parseDigitalLink(text, referenceYear));
  const bare = bareKey(text);
  if (bare !== null) return code('bare-key', bare);
  refuseUnrecognised(text);
  return code('element-string-raw', parseRaw(text, referenceYear));
}

const hasCheckDigit = (digits: string): boolean => digits.endsWith(String(checkDigit(digits.slice(0, -1))));

/** A number of the length of a GTIN is taken for one; of the length of an SSCC only when its check digit is right. */
function bareKey(text: string): Elements | null {
  if (/^(?:\d{8}|\d{12,14})$/.test(text)) return { '01': parseGtin(text) };
  if (/^\d{18}$/.test(text) && hasCheckDigit(text)) return { '00': parseSscc(text) };
  return null;
}

/** `]D2` is a scanner under a caps lock; `+d2` and the like one with another keyboard layout. */
function refuseUnrecognised(text: string): void {
  if (/^\d/.test(text) || text.startsWith(FNC1) || /^\](?:d2|C1|Q3|e[0-2]|J1)/.test(text)) return;
  if (/^[^0-9A-Za-z\s](?:d2|c1|q3|e[0-2]|j1)\d\d/i.test(text)) {
    throw new Gs1Error(
      'scanner-set-up-wrong',
      'the symbology identifier arrived changed: keyboard layout or caps lock',
      {
        position: 0,
        found: text.charAt(0),
      },
    );
  }
  throw new Gs1Error('code-unrecognised', 'neither an element string, a Digital Link nor an EPC URN', {
    position: Math.max(firstOutside(text, 'N'), 0),
  });
}

function describe(form: CodeForm, elements: Elements, referenceYear: number): ParsedCode {
  const link = digitalLinkOf(elements);
  const expiry = elements['17'] ?? elements['7003']?.slice(0, 6);
  const when = <Name extends string, Value>(name: Name, ai: string, read: (text: string) => Value) => {
    const value = elements[ai];
    return (value === undefined ? {} : { [name]: read(value) }) as { readonly [Key in Name]?: Value };
  };
  return {
    form,
    elements,
    ...(link === null ? {} : { digitalLink: link }),
    ...when('gtin', '01', parseGtin),
    ...when('serial', '21', parseSerial),
    ...when('lot', '10', parseLot),
    ...(expiry === undefined ? {} : { expiry: dayOfYymmdd(expiry, referenceYear) }),
    ...when('sscc', '00', parseSscc),
    ...when('gln', '414', parseGln),
    ...when('party', '417', parseGln),
  };
}
