/** PostgreSQL's text and jsonb know neither U+0000 nor a lone surrogate: both become U+FFFD. */
export function storableText(text: string): string {
  return text.replaceAll('\0', '\u{fffd}').replaceAll(/\p{Surrogate}/gu, '\u{fffd}');
}

/**
 * A value as JSON that a `jsonb` column takes. Names and texts are cleaned before they are written: afterwards an escape
 * cannot be told from a backslash that stands before the same letters.
 */
export function storableJson(value: object): string {
  return JSON.stringify(value, (_name, part: unknown) => {
    if (typeof part === 'string') return storableText(part);
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
    return Object.fromEntries(Object.entries(part).map(([name, member]) => [storableText(name), member as unknown]));
  });
}
