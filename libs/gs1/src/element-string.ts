import { formatAt, formatOf } from './application-identifiers.js';
import type { AiFormat } from './application-identifiers.js';
import { firstOutside } from './character-set.js';
import { requireValue } from './element-value.js';
import { elementsOf } from './elements.js';
import type { Elements, FoundElement } from './elements.js';
import { Gs1Error, orNull } from './gs1-error.js';

/** FNC1 as scanners transmit it between elements. */
export const FNC1 = '\x1d';

/** AIM symbology identifiers of GS1 DataMatrix, GS1-128, GS1 QR Code, GS1 DataBar and composite, and dot code. */
const symbologyIdentifier = /^\](?:d2|C1|Q3|e0|e1|e2|J1)/;

/** Identifiers that packs and logistic labels carry: only these are looked for where a separator may have been lost. */
const expectedOnPacks: ReadonlySet<string> = new Set(['01', '02', '10', '11', '15', '17', '21', '37', '240', '400']);

/** Reads `(01)…(17)…(10)…`. @throws Gs1Error with the position in `text` */
export function parseBracketed(text: string, referenceYear: number): Elements {
  const marks = [...text.matchAll(/\((\d{2,4})\)/g)];
  const first = marks[0];
  if (first === undefined || text.slice(0, first.index).trim() !== '') {
    throw new Gs1Error('code-unrecognised', 'the code does not begin with an Application Identifier in brackets', {
      position: 0,
    });
  }
  const found = marks.map((mark, index): FoundElement => {
    const ai = mark[1] ?? '';
    if (formatOf(ai) === undefined) {
      throw new Gs1Error('application-identifier-unknown', `(${ai}) is not an Application Identifier`, {
        position: mark.index,
        ai,
      });
    }
    const start = mark.index + mark[0].length;
    const value = text.slice(start, marks[index + 1]?.index ?? text.length);
    return { ai, value: value.trim(), position: start + (value.length - value.trimStart().length) };
  });
  return elementsOf(found, referenceYear);
}

/**
 * Reads what a scanner sends: elements one behind the other, FNC1 after values of variable length, perhaps a symbology
 * identifier in front. Where a scanner seems to have dropped the separators, the code is read only if there is exactly
 * one way to do so.
 * @throws Gs1Error with the position in `text`; `separator-missing` where several readings are possible,
 * `scanner-set-up-wrong` where separators or the symbology identifier look replaced
 */
export function parseRaw(text: string, referenceYear: number): Elements {
  const identified = symbologyIdentifier.test(text);
  let start = identified ? 3 : 0;
  const separated = text.includes(FNC1);
  while (text.startsWith(FNC1, start)) start++;
  const straight = orError(() => elementsOf(split(text, start), referenceYear));
  const replaced = !straight.ok && straight.error instanceof Gs1Error && straight.error.code === 'scanner-set-up-wrong';
  if (separated || replaced || (identified && straight.ok)) return valueOf(straight);
  const readings = withoutSeparators(text, start, referenceYear, 3);
  if (readings.length > 1) {
    throw severalReadings(firstVariable(text, start));
  }
  const only = readings[0];
  return straight.ok || only === undefined ? valueOf(straight) : elementsOf(only, referenceYear);
}

const severalReadings = (position: number): Gs1Error =>
  new Gs1Error('separator-missing', 'the code can be read in several ways: the scanner drops separators', { position });

/** Bounds the search in texts that were made to be slow; a real label needs less than a hundred steps. */
const MOST_STEPS = 5_000;

type Outcome = { readonly ok: true; readonly elements: Elements } | { readonly ok: false; readonly error: unknown };

function orError(read: () => Elements): Outcome {
  try {
    return { ok: true, elements: read() };
  } catch (error) {
    return { ok: false, error };
  }
}

function valueOf(outcome: Outcome): Elements {
  if (!outcome.ok) throw outcome.error;
  return outcome.elements;
}

const isFixed = (format: AiFormat): boolean => format.minLength === format.maxLength;

/** Cuts at FNC1 and at the end of values of fixed length. */
function split(text: string, start: number): FoundElement[] {
  const found: FoundElement[] = [];
  let at = start;
  while (at < text.length) {
    const format = formatAt(text, at);
    if (format === undefined) throw unknownAt(text, at, found.length > 0);
    const position = at + format.ai.length;
    const next = text.indexOf(FNC1, position);
    const stop = next < 0 ? text.length : next;
    const end = isFixed(format) ? Math.min(stop, position + format.maxLength) : stop;
    const value = text.slice(position, end);
    refuseReplacedSeparator(value, position, format);
    found.push({ ai: format.ai, value, position });
    at = end === next ? end + 1 : end;
  }
  return found;
}

function unknownAt(text: string, at: number, behindOthers: boolean): Gs1Error {
  const lead = text.charAt(at);
  if (behindOthers && !/[0-9A-Za-z]/.test(lead)) {
    return new Gs1Error('scanner-set-up-wrong', 'a separator arrived as another character', {
      position: at,
      found: lead,
    });
  }
  return new Gs1Error('application-identifier-unknown', 'no Application Identifier begins here', { position: at });
}

/** A character that no value may hold, followed by an Application Identifier, is a separator that was replaced. */
function refuseReplacedSeparator(value: string, position: number, format: AiFormat): void {
  if (isFixed(format)) return;
  const at = firstOutside(value, 'X');
  const replaced = /^(?:<GS>|\{GS\}|\[GS\]|\\x1d|\\F|~1|[\s\x00-\x1f\u241d^|~#$@[\]{}\\`])+/i.exec(
    value.slice(Math.max(at, 0)),
  );
  const named = /<GS>/i.exec(value);
  const from = named !== null && (at < 0 || named.index < at) ? named.index : at;
  const length = named !== null && from === named.index ? named[0].length : (replaced?.[0].length ?? 0);
  if (from > 0 && length > 0 && formatAt(value, from + length) !== undefined) {
    throw new Gs1Error('scanner-set-up-wrong', 'a separator arrived as another character', {
      position: position + from,
      found: value.charAt(from),
      ai: format.ai,
    });
  }
}

const firstVariable = (text: string, start: number): number => {
  let at = start;
  for (let format = formatAt(text, at); format !== undefined && isFixed(format); format = formatAt(text, at)) {
    at += format.ai.length + format.maxLength;
  }
  return Math.min(at, text.length);
};

/** All readings of a text whose separators were dropped, at most `limit`. */
function withoutSeparators(text: string, start: number, referenceYear: number, limit: number): FoundElement[][] {
  const readings: FoundElement[][] = [];
  let steps = 0;
  const walk = (at: number, found: readonly FoundElement[]): void => {
    if (readings.length >= limit) return;
    if (++steps > MOST_STEPS) throw severalReadings(firstVariable(text, start));
    if (at === text.length) {
      if (orNull(() => elementsOf(found, referenceYear)) !== null) readings.push([...found]);
      return;
    }
    const format = formatAt(text, at);
    if (format === undefined || found.some(({ ai }) => ai === format.ai)) return;
    if (found.length > 0 && !expectedOnPacks.has(format.ai)) return;
    const position = at + format.ai.length;
    const longest = Math.min(format.maxLength, text.length - position);
    for (let length = longest; length >= format.minLength; length--) {
      const value = text.slice(position, position + length);
      if (orNull(() => (requireValue(format, value, referenceYear), true)) === null) continue;
      walk(position + length, [...found, { ai: format.ai, value, position }]);
    }
  };
  walk(start, []);
  return readings;
}

const byKey = ([left]: [string, string], [right]: [string, string]): number => {
  const rank = (ai: string): number => (/^0[0-3]$/.test(ai) ? 0 : isVariable(ai) ? 2 : 1);
  return rank(left) - rank(right) || (left < right ? -1 : 1);
};
const isVariable = (ai: string): boolean => {
  const format = formatOf(ai);
  return format === undefined || !isFixed(format);
};

/** The elements in brackets, as people read them: keys first, then fixed lengths, then the rest. */
export function bracketedElementString(elements: Elements): string {
  return Object.entries(elements)
    .sort(byKey)
    .map(([ai, value]) => `(${ai})${value}`)
    .join('');
}

/** The elements as a well set up scanner sends a GS1 DataMatrix: `]d2`, FNC1 between them where it is needed. */
export function rawElementString(elements: Elements): string {
  const parts = Object.entries(elements).sort(byKey);
  const body = parts.map(([ai, value], index) => {
    const separator = index < parts.length - 1 && !/^(?:0[0-4]|1[1-9]|20|3[1-6]|41)/.test(ai) ? FNC1 : '';
    return `${ai}${value}${separator}`;
  });
  return `]d2${body.join('')}`;
}
