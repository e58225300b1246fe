import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { EpcisError } from './epcis-error.js';
import type { JsonValue } from './json.js';

/** The whole event as one text and its digest: what the event hash leaves out is in here. */
export interface DocumentDigest {
  /** RFC 8785 canonical JSON. */
  readonly canonical: string;
  /** SHA-256 of the UTF-8 bytes of `canonical`, 32 bytes. */
  readonly digest: Buffer;
}

/** A text with half a surrogate pair has no UTF-8 form; RFC 8785 §3.2.2.2 refuses it. */
function refuseLoneSurrogates(canonical: string): void {
  if (/\\ud[89a-f][0-9a-f]{2}/.test(canonical) || !canonical.isWellFormed()) {
    throw new EpcisError('event-invalid', 'a text holds half of a surrogate pair');
  }
}

/**
 * The canonical text (RFC 8785) of an event and its SHA-256.
 * @throws EpcisError `number-not-representable` for a number beyond the range of a double, `event-invalid` for a text
 * that has no UTF-8 form
 */
export function documentDigest(event: JsonValue): DocumentDigest {
  let canonical: string | undefined;
  try {
    canonical = canonicalize(event);
  } catch (error) {
    throw new EpcisError('number-not-representable', 'a number has no JSON form', { reason: String(error) });
  }
  if (canonical === undefined) throw new EpcisError('event-invalid', 'there is nothing to digest');
  refuseLoneSurrogates(canonical);
  return { canonical, digest: createHash('sha256').update(canonical, 'utf8').digest() };
}
