import { withCheckDigit } from './check-digit.js';
import { elementsOf } from './elements.js';
import type { Elements } from './elements.js';
import { Gs1Error, orNull } from './gs1-error.js';

/** One Application Identifier with its value; alphanumeric values keep the escapes of the URN. */
export interface EpcUrnElement {
  readonly ai: string;
  readonly value: string;
}

/** How the parts of one scheme (Tag Data Standard §6.3) become elements; null where they do not fit. */
type Scheme = (parts: readonly string[]) => readonly EpcUrnElement[] | null;

const isDigits = (text: string, length: number): boolean => text.length === length && /^\d+$/.test(text);

/** A key whose first digit (indicator, extension) stands in front of the reference in the URN. */
function leading(prefix: string, reference: string, length: number): string | null {
  if (!isDigits(prefix + reference, length - 1) || reference.length === 0) return null;
  return withCheckDigit(reference.charAt(0) + prefix + reference.slice(1));
}

function plain(prefix: string, reference: string, length: number): string | null {
  return isDigits(prefix + reference, length - 1) ? withCheckDigit(prefix + reference) : null;
}

/** Key alone when the URN has no serial or the pattern `*`, otherwise key and `tail`. */
function keyed(ai: string, key: string | null, tail: readonly EpcUrnElement[]): readonly EpcUrnElement[] | null {
  return key === null ? null : [{ ai, value: key }, ...tail.filter(({ value }) => value !== '' && value !== '*')];
}

const traded =
  (serialAi: string): Scheme =>
  ([prefix = '', reference = '', serial = '', ...more]) =>
    more.length > 0 ? null : keyed('01', leading(prefix, reference, 14), [{ ai: serialAi, value: serial }]);

const withoutStar = (serial: string): string => (serial === '*' ? '' : serial);

const appended =
  (ai: string, lead: string): Scheme =>
  ([prefix = '', reference = '', serial = '', ...more]) => {
    const key = plain(prefix, reference, 13);
    return key === null || more.length > 0 ? null : [{ ai, value: lead + key + withoutStar(serial) }];
  };

const numeric =
  (ai: string, length: number): Scheme =>
  ([prefix = '', reference = '', ...more]) =>
    more.length > 0 ? null : keyed(ai, plain(prefix, reference, length), []);

const joined =
  (ai: string): Scheme =>
  ([prefix = '', reference = '', ...more]) =>
    more.length > 0 || !/^\d{4,12}$/.test(prefix) || reference === '' ? null : [{ ai, value: prefix + reference }];

/** A Map, because words of the input are looked up: `constructor` must not be found. */
const schemes: ReadonlyMap<string, Scheme> = new Map(
  Object.entries<Scheme>({
    sgtin: traded('21'),
    lgtin: traded('10'),
    upui: traded('235'),
    sscc: ([prefix = '', reference = '', ...more]) =>
      more.length > 0 ? null : keyed('00', leading(prefix, reference, 18), []),
    sgln: ([prefix = '', reference = '', extension = '0', ...more]) =>
      more.length > 0
        ? null
        : keyed('414', plain(prefix, reference, 13), [{ ai: '254', value: extension === '0' ? '' : extension }]),
    pgln: numeric('417', 13),
    gsrn: numeric('8018', 18),
    gsrnp: numeric('8017', 18),
    gsin: numeric('402', 17),
    grai: appended('8003', '0'),
    gdti: appended('253', ''),
    sgcn: appended('255', ''),
    giai: joined('8004'),
    ginc: joined('401'),
    cpi: ([prefix = '', reference = '', serial = '', ...more]) =>
      more.length > 0 || !/^\d{4,12}$/.test(prefix) || reference === ''
        ? null
        : keyed('8010', prefix + reference, [{ ai: '8011', value: serial }]),
    itip: ([prefix = '', reference = '', piece = '', total = '', serial = '', ...more]) => {
      const gtin = leading(prefix, reference, 14);
      if (gtin === null || !isDigits(piece, 2) || !isDigits(total, 2) || more.length > 0) return null;
      return keyed('8006', gtin + piece + total, [{ ai: '21', value: serial }]);
    },
  }),
);

/** Serial numbers may hold full stops: everything behind the last separator of the scheme belongs to them. */
const partsOf: Readonly<Record<string, number>> = {
  ...{ sgtin: 3, lgtin: 3, upui: 3, sgln: 3, grai: 3, gdti: 3, sgcn: 3, cpi: 3, itip: 5 },
  ...{ sscc: 2, pgln: 2, gsrn: 2, gsrnp: 2, gsin: 2, giai: 2, ginc: 2 },
};

function cut(text: string, parts: number): string[] {
  const pieces = text.split('.');
  return pieces.length <= parts ? pieces : [...pieces.slice(0, parts - 1), pieces.slice(parts - 1).join('.')];
}

/**
 * Key and qualifiers of an EPC identity, class or pattern URN, with the escapes of the URN left as they are and values
 * not checked beyond what the check digit needs; null for everything else. For the event hash, which converts whatever
 * it can; {@link parseEpcUrn} checks.
 */
export function epcUrnElements(text: string): readonly EpcUrnElement[] | null {
  const match = /^urn:epc:(?:id|class|idpat):([a-z]+):(.+)$/.exec(text);
  const scheme = schemes.get(match?.[1] ?? '');
  if (match === null || scheme === undefined) return null;
  return orNull(() => scheme(cut(match[2] ?? '', partsOf[match[1] ?? ''] ?? 1)));
}

/**
 * Reads an EPC pure identity URN (`urn:epc:id:sgtin:…`), class (`urn:epc:class:lgtin:…`) or pattern with one `*`.
 * @throws Gs1Error `epc-urn-invalid`, `percent-encoding-invalid`, and what the values break
 */
export function parseEpcUrn(text: string, referenceYear: number): Elements {
  const found = epcUrnElements(text);
  if (found === null) {
    throw new Gs1Error('epc-urn-invalid', 'the EPC URN has an unknown scheme or parts of wrong length', {
      position: 0,
    });
  }
  const position = text.lastIndexOf(':') + 1;
  return elementsOf(
    found.map(({ ai, value }) => ({ ai, value: unescaped(value, position), position })),
    referenceYear,
  );
}

function unescaped(value: string, position: number): string {
  try {
    return decodeURIComponent(value);
  } catch {
    throw new Gs1Error('percent-encoding-invalid', 'the percent-encoding is broken', { position });
  }
}
