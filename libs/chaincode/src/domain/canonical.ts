import { createHash } from 'node:crypto';
import type { Hex32 } from '../protocol';

/**
 * JSON with members in ascending order and no space: RFC 8785 for what payloads may hold (strings, safe integers,
 * booleans, null, arrays, objects), so that any language computes the same digest.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`);
  return `{${members.join(',')}}`;
}

/** `contentDigest` of an anchor: SHA-256 of the RFC 8785 form of a payload. */
export function contentDigest(payload: unknown): Hex32 {
  return createHash('sha256').update(canonicalJson(payload)).digest('hex');
}
