import { formatOf } from './application-identifiers.js';
import { elementsOf } from './elements.js';
import type { Elements, FoundElement } from './elements.js';
import { Gs1Error } from './gs1-error.js';
import { CANONICAL_STEM, encodeLinkValue } from './links.js';

/** Primary keys of a Digital Link with the qualifiers that may follow, in order; alternatives exclude each other. */
const qualifierTable: Readonly<Record<string, readonly (readonly string[])[]>> = {
  '00': [[]],
  '01': [['22', '10', '21'], ['235']],
  '8006': [['22', '10', '21']],
  '253': [[]],
  '255': [[]],
  '401': [[]],
  '402': [[]],
  '414': [['254'], ['7040']],
  '415': [['8020']],
  '417': [['7040']],
  '8003': [[]],
  '8004': [['7040']],
  '8010': [['8011']],
  '8013': [[]],
  '8017': [['8019']],
  '8018': [['8019']],
};
/** A Map, because words of the path are looked up: `constructor` must not be found. */
const qualifiersOf: ReadonlyMap<string, readonly (readonly string[])[]> = new Map(Object.entries(qualifierTable));

/** Which key leads where a message holds several: what identifies the outermost thing. */
const keysByRank = [
  '00',
  '01',
  '8006',
  '8003',
  '8004',
  '8010',
  '253',
  '255',
  '402',
  '401',
  '8017',
  '8018',
  '8013',
  '414',
  '417',
  '415',
] as const;

/** Words that GS1 Digital Link 1.1 allowed in place of identifiers. */
const shortNames: ReadonlyMap<string, string> = new Map(
  Object.entries({
    sscc: '00',
    gtin: '01',
    itip: '8006',
    gmn: '8013',
    cpid: '8010',
    gln: '414',
    pgln: '417',
    party: '417',
    payto: '415',
    gsrnp: '8017',
    gsrn: '8018',
    gcn: '255',
    gdti: '253',
    ginc: '401',
    gsin: '402',
    grai: '8003',
    giai: '8004',
    cpv: '22',
    lot: '10',
    ser: '21',
    tpx: '235',
    cpsn: '8011',
    glnx: '254',
    refno: '8020',
    srin: '8019',
    exp: '17',
    expdt: '7003',
  }),
);

const aiNamed = (segment: string): string => shortNames.get(segment.toLowerCase()) ?? segment;

/** Whether the text looks like a web address. */
export function looksLikeLink(text: string): boolean {
  return /^(?:https?:\/\/|[a-z][a-z0-9.-]*\.[a-z]{2,}(?::\d+)?\/)/i.test(text);
}

interface Segment {
  readonly text: string;
  readonly position: number;
}

function segmentsOf(text: string, separator: RegExp, start: number): Segment[] {
  let position = start;
  return text.split(separator).map((part) => {
    const segment = { text: part, position };
    position += part.length + 1;
    return segment;
  });
}

function decoded({ text, position }: Segment): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Gs1Error('percent-encoding-invalid', 'the percent-encoding is broken', {
      position: position + Math.max(text.search(/%(?![0-9a-f]{2})/i), 0),
    });
  }
}

const gtinKeys = new Set(['01', '02']);
/** Older links carry GTIN-8, -12 and -13 without leading zeros. */
const padded = (ai: string, value: string): string =>
  gtinKeys.has(ai) && /^(?:\d{8}|\d{12,13})$/.test(value) ? value.padStart(14, '0') : value;

function element(ai: string, segment: Segment): FoundElement {
  const value = decoded(segment);
  const full = padded(ai, value);
  return { ai, value: full, position: Math.max(segment.position - (full.length - value.length), 0) };
}

/**
 * Offset in `segments` of the primary key: the first from the left behind which only its qualifiers follow, else the
 * first behind which only identifiers follow (whose qualifiers are then refused by name), else -1.
 */
function keyIndex(segments: readonly Segment[]): number {
  const candidates = segments.flatMap(({ text }, index) =>
    qualifiersOf.has(aiNamed(text)) && (segments.length - index) % 2 === 0 ? [index] : [],
  );
  const followedBy = (start: number, allowed: (ai: string) => boolean): boolean =>
    segments.slice(start + 2).every(({ text }, index) => index % 2 === 1 || allowed(aiNamed(text)));
  const own = (start: number): readonly string[] =>
    qualifiersOf.get(aiNamed(segments[start]?.text ?? ''))?.flat() ?? [];
  const whole = candidates.find((start) => followedBy(start, (ai) => own(start).includes(ai)));
  return whole ?? candidates.find((start) => followedBy(start, (ai) => formatOf(ai) !== undefined)) ?? -1;
}

function requireQualifiers(key: string, qualifiers: readonly FoundElement[]): void {
  const fits = (qualifiersOf.get(key) ?? []).some((allowed) => {
    const places = qualifiers.map(({ ai }) => allowed.indexOf(ai));
    return places.every((place, index) => place >= 0 && (index === 0 || place > (places[index - 1] ?? -1)));
  });
  const wrong = qualifiers[0];
  if (!fits && wrong !== undefined) {
    throw new Gs1Error(
      'digital-link-qualifier-wrong',
      `what follows (${key}) is not allowed there, or not in this order`,
      {
        position: wrong.position,
        ai: wrong.ai,
      },
    );
  }
}

function attributes(query: string, start: number): FoundElement[] {
  return segmentsOf(query, /[&;]/, start).flatMap((segment) => {
    const equals = segment.text.indexOf('=');
    const name = equals < 0 ? segment.text : segment.text.slice(0, equals);
    const ai = aiNamed(name);
    if (formatOf(ai) === undefined && /^\d+$/.test(name)) {
      throw new Gs1Error('application-identifier-unknown', `${name} is not an Application Identifier`, {
        position: segment.position,
        ai: name,
      });
    }
    if (formatOf(ai) === undefined || equals < 0) return [];
    return [element(ai, { text: segment.text.slice(equals + 1), position: segment.position + equals + 1 })];
  });
}

/**
 * Reads a GS1 Digital Link URI of any domain: numeric or short names in the path, identifiers in the query string; other
 * query parameters and the fragment are left out.
 * @throws Gs1Error `digital-link-key-missing`, `digital-link-qualifier-wrong`, `digital-link-compressed`,
 * `percent-encoding-invalid`, and what the values break
 */
export function parseDigitalLink(text: string, referenceYear: number): Elements {
  const withoutFragment = text.split('#', 1)[0] ?? '';
  const question = withoutFragment.indexOf('?');
  const address = question < 0 ? withoutFragment : withoutFragment.slice(0, question);
  const host = /^(?:https?:\/\/)?[^/]*/i.exec(address)?.[0].length ?? 0;
  const segments = segmentsOf(address.slice(host + 1), /\//, host + 1);
  if (segments.at(-1)?.text === '') segments.pop();
  const start = keyIndex(segments);
  const [keySegment, valueSegment] = [segments[start], segments[start + 1]];
  if (start < 0 || keySegment === undefined || valueSegment === undefined) {
    const last = segments.at(-1);
    if (last !== undefined && /^[A-Za-z0-9_-]{10,}$/.test(last.text) && !/^\d+$/.test(last.text)) {
      throw new Gs1Error('digital-link-compressed', 'compressed Digital Links are not read', {
        position: last.position,
      });
    }
    throw new Gs1Error('digital-link-key-missing', 'the address holds no GS1 key', { position: host });
  }
  const key = element(aiNamed(keySegment.text), valueSegment);
  const qualifiers: FoundElement[] = [];
  for (let index = start + 2; index + 1 < segments.length; index += 2) {
    const [name, value] = [segments[index], segments[index + 1]];
    if (name !== undefined && value !== undefined) qualifiers.push(element(aiNamed(name.text), value));
  }
  requireQualifiers(key.ai, qualifiers);
  const found = question < 0 ? [] : attributes(withoutFragment.slice(question + 1), question + 1);
  return elementsOf([key, ...qualifiers, ...found], referenceYear);
}

/**
 * The canonical Digital Link on id.gs1.org that carries all elements: key, qualifiers in their order, the rest in the
 * query string by identifier. Null where no element is a key.
 */
export function digitalLinkOf(elements: Elements): string | null {
  const key = keysByRank.find((ai) => elements[ai] !== undefined);
  if (key === undefined) return null;
  const alternatives = qualifiersOf.get(key) ?? [];
  const qualifiers =
    alternatives
      .find((allowed) => allowed.some((ai) => elements[ai] !== undefined))
      ?.filter((ai) => elements[ai] !== undefined) ?? [];
  const inPath = [key, ...qualifiers];
  const path = inPath.map((ai) => `/${ai}/${encodeLinkValue(elements[ai] ?? '')}`).join('');
  const query = Object.keys(elements)
    .filter((ai) => !inPath.includes(ai))
    .sort()
    .map((ai) => `${ai}=${encodeLinkValue(elements[ai] ?? '')}`);
  return CANONICAL_STEM + path + (query.length === 0 ? '' : `?${query.join('&')}`);
}
