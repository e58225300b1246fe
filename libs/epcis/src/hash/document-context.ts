import { isJsonArray, isJsonObject } from '../json.js';
import type { JsonObject, JsonValue } from '../json.js';

/** What a hash needs from the document around an event. */
export interface DocumentContext {
  /** Prefixes that `@context` declares, with their IRIs. */
  readonly namespaces: ReadonlyMap<string, string>;
  /** Keys listed in a document-level `<prefix>:ignoreFields`; only the 2025 profile leaves them out. */
  readonly ignoredFields: ReadonlySet<string>;
}

/** No declared prefixes, nothing ignored. */
export const EMPTY_CONTEXT: DocumentContext = { namespaces: new Map(), ignoredFields: new Set() };

function declaredBy(entry: JsonValue | undefined): [string, string][] {
  if (isJsonArray(entry)) return entry.flatMap(declaredBy);
  if (!isJsonObject(entry)) return [];
  return Object.entries(entry).flatMap(([prefix, meaning]): [string, string][] => {
    const iri = isJsonObject(meaning) ? meaning['@id'] : meaning;
    return typeof iri === 'string' && !prefix.startsWith('@') ? [[prefix, iri]] : [];
  });
}

function ignoredBy(document: JsonObject): string[] {
  return Object.entries(document).flatMap(([name, value]) => {
    if (!name.endsWith(':ignoreFields')) return [];
    const listed = isJsonArray(value) ? value : [value];
    return listed.filter((entry) => typeof entry === 'string');
  });
}

/** The context that an object (document or bare event) declares, added to the one around it. */
export function contextWithin(outer: DocumentContext, object: JsonObject): DocumentContext {
  const namespaces = declaredBy(object['@context']);
  const ignored = ignoredBy(object);
  if (namespaces.length === 0 && ignored.length === 0) return outer;
  return {
    namespaces: new Map([...outer.namespaces, ...namespaces]),
    ignoredFields: new Set([...outer.ignoredFields, ...ignored]),
  };
}
