import { isJsonArray, isJsonObject } from '../json.js';
import type { JsonValue } from '../json.js';
import { canonicalLink } from './canonical-link.js';
import { canonicalNumber } from './canonical-number.js';
import { canonicalTime } from './canonical-time.js';
import type { DocumentContext } from './document-context.js';
import { rulesOf } from './profile.js';
import type { EventHashProfile, ProfileRules } from './profile.js';
import { vocabularyUri, withoutVocabularyUrn } from './vocabulary-uri.js';
import type { VocabularyField } from './vocabulary-uri.js';

/** Sorts by code point, as the reference does; JavaScript's own order is by UTF-16 unit and differs beyond the BMP. */
export function sortedByCodePoint(texts: readonly string[]): string[] {
  const keyed = texts.map((text) => ({ text, points: Array.from(text, (character) => character.codePointAt(0) ?? 0) }));
  keyed.sort((left, right) => {
    const length = Math.min(left.points.length, right.points.length);
    for (let index = 0; index < length; index++) {
      const difference = (left.points[index] ?? 0) - (right.points[index] ?? 0);
      if (difference !== 0) return difference;
    }
    return left.points.length - right.points.length;
  });
  return keyed.map(({ text }) => text);
}

/** Writes one event's parts under one profile and the namespaces of its document. */
export class PreHashWriter {
  readonly rules: ProfileRules;
  private readonly namespaces: ReadonlyMap<string, string>;

  constructor(
    private readonly context: DocumentContext,
    profile: EventHashProfile,
  ) {
    this.rules = rulesOf(profile);
    // Implied by the EPCIS context; a document's own declaration wins, except that `gs1` is fixed since 2026.
    const implied: [string, string][] = [
      ['cbv', 'https://ref.gs1.org/cbv/'],
      ['cbvmda', 'urn:epcglobal:cbv:mda'],
    ];
    const added: [string, string][] = this.rules.before2026 ? [] : [['epcis', 'https://ref.gs1.org/epcis/']];
    const fixed: [string, string][] = this.rules.before2026 ? [] : [['gs1', this.rules.measurementBase]];
    this.namespaces = new Map([...implied, ...added, ...context.namespaces, ...fixed]);
  }

  /** Whether the member takes part: comments never, listed fields not under the 2025 profile. */
  counts(name: string): boolean {
    if (name === 'rdfs:comment' || name === 'comment' || name === '@context') return false;
    return !(this.rules.before2026 && this.context.ignoredFields.has(name));
  }

  /** `{IRI}local` of a member with a declared prefix, otherwise the name as it is. */
  private memberName(name: string): string {
    const colon = name.indexOf(':');
    const iri = colon < 0 ? undefined : this.namespaces.get(name.slice(0, colon));
    return iri === undefined ? name : `{${iri}}${name.slice(colon + 1)}`;
  }

  /** Since 2026 only CURIEs of GS1's own vocabularies are expanded in values. */
  private withoutCurie(value: string): string {
    const colon = value.indexOf(':');
    const iri = colon < 0 ? undefined : this.namespaces.get(value.slice(0, colon));
    if (iri === undefined || value.startsWith('cbvmda:')) return value;
    const standard = iri.startsWith('https://ref.gs1.org') || iri.startsWith('https://gs1.org');
    return standard || this.rules.before2026 ? iri + value.slice(colon + 1) : value;
  }

  private scalar(value: string | number | boolean): string {
    if (typeof value !== 'boolean') return String(value);
    if (!this.rules.before2026) return String(value);
    return value ? 'True' : 'False';
  }

  /** The canonical text of a value that is no time. */
  value(value: string | number | boolean): string {
    const text = withoutVocabularyUrn(this.withoutCurie(this.scalar(value).trim()));
    const number = canonicalNumber(text, this.rules.before2026);
    return canonicalLink(number, this.rules.before2026) ?? number;
  }

  /** `name=value`, empty where the field is absent or empty. Times are recognised by the name. */
  field(name: string, value: JsonValue | undefined, vocabulary?: VocabularyField): string {
    if (value === undefined || value === null || isJsonArray(value) || isJsonObject(value)) return '';
    const text = this.scalar(value).trim();
    if (text === '') return '';
    const lower = name.toLowerCase();
    if (lower.includes('time')) return `${name}=${lower.includes('offset') ? text : canonicalTime(text)}`;
    return `${name}=${this.value(vocabulary === undefined ? text : vocabularyUri(text, vocabulary, this.rules.measurementBase))}`;
  }

  /** A list under its name: items sorted by finished text, nothing where all are empty. */
  list(name: string, value: JsonValue | undefined, item: (entry: JsonValue) => string): string {
    const entries = value === undefined ? [] : isJsonArray(value) ? value : [value];
    const content = sortedByCodePoint(entries.map(item)).join('');
    return content === '' ? '' : name + content;
  }

  /** Extension members, each finished, sorted: scalars, objects with their members, one item per array element. */
  extensions(members: readonly (readonly [string, JsonValue | undefined])[]): string {
    return this.extensionItems(members).join('');
  }

  /** {@link extensions} as sorted items. */
  extensionItems(members: readonly (readonly [string, JsonValue | undefined])[]): string[] {
    return sortedByCodePoint(
      members.flatMap(([name, value]) => (this.counts(name) ? this.extensionValues(this.memberName(name), value) : [])),
    );
  }

  private extensionValues(name: string, value: JsonValue | undefined): string[] {
    if (value === undefined || value === null) return [];
    if (isJsonArray(value)) return value.flatMap((entry) => this.extensionElement(name, entry));
    return this.extensionElement(name, value);
  }

  private extensionElement(name: string, value: JsonValue): string[] {
    if (value === null) return [];
    if (isJsonArray(value)) {
      return [name + sortedByCodePoint(value.flatMap((entry) => this.extensionElement('', entry))).join('')];
    }
    if (isJsonObject(value)) return [name + this.extensions(Object.entries(value))];
    const text = this.value(value);
    return [text === '' ? name : `${name}=${text}`];
  }
}
