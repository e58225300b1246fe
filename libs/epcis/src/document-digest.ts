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

/**
 * The canonical text (RFC 8785) of an event and its SHA-256.
 * @throws EpcisError `document-not-canonical` for a number beyond the range of a double, and for a text with half of a
 * surrogate pair, which has no UTF-8 form (RFC 8785 §3.2.2.2)
 */
export function documentDigest(event: JsonValue): DocumentDigest {
  let canonical: string | undefined;
  try {
    canonical = canonicalize(event);
  } catch (error) {
    throw new EpcisError('document-not-canonical', 'the event has no canonical form', { reason: String(error) });
  }
  if (canonical === undefined) throw new EpcisError('document-not-canonical', 'there is nothing to digest');
  return { canonical, digest: createHash('sha256').update(canonical, 'utf8').digest() };
}
