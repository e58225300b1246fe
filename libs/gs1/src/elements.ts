import { conflictAmong, formatOf } from './application-identifiers.js';
import { requireValue } from './element-value.js';
import { Gs1Error } from './gs1-error.js';

/** Values by Application Identifier. An object with digits as names has no order of its own: none may be read into it. */
export type Elements = Readonly<Record<string, string>>;

/** One element as it was found: `position` is the offset of its value in the text that was given. */
export interface FoundElement {
  readonly ai: string;
  readonly value: string;
  readonly position: number;
}

/**
 * Checks every value, repetitions and exclusions.
 * @throws Gs1Error with the position in the given text
 */
export function elementsOf(found: readonly FoundElement[], referenceYear: number): Elements {
  if (found.length === 0) throw new Gs1Error('code-empty', 'there is no element', { position: 0 });
  const values = new Map<string, string>();
  for (const { ai, value, position } of found) {
    const format = formatOf(ai);
    if (format === undefined) {
      throw new Gs1Error('application-identifier-unknown', `(${ai}) is not an Application Identifier`, {
        position,
        ai,
      });
    }
    try {
      requireValue(format, value, referenceYear);
    } catch (error) {
      throw error instanceof Gs1Error ? error.shifted(position, ai) : error;
    }
    if (values.has(ai) && values.get(ai) !== value) {
      throw new Gs1Error('application-identifier-repeated', `(${ai}) stands twice with different values`, {
        position,
        ai,
      });
    }
    values.set(ai, value);
  }
  const conflict = conflictAmong([...values.keys()]);
  if (conflict !== null) {
    throw new Gs1Error('application-identifier-conflict', `(${conflict[0]}) and (${conflict[1]}) exclude each other`, {
      ai: conflict[1],
      position: found.find(({ ai }) => ai === conflict[1])?.position ?? 0,
    });
  }
  return Object.fromEntries(values);
}
