/** A JSON Pointer (RFC 6901), taken apart into its reference tokens. */
export type JsonPointer = readonly string[];

/** Reads `/a/b~1c/0`; null for a text that is none. The empty pointer, the whole document, names no value here. */
export function parseJsonPointer(text: string): JsonPointer | null {
  if (!/^(?:\/(?:[^~/]|~[01])*)+$/.test(text)) return null;
  return text
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** What it points at; undefined where there is nothing. Only own members are seen. */
export function valueAt(document: unknown, pointer: JsonPointer): unknown {
  let value = document;
  for (const token of pointer) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, token)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[token];
  }
  return value;
}
