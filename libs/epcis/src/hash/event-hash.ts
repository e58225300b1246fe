import { createHash } from 'node:crypto';
import type { JsonObject } from '../json.js';
import type { DocumentContext } from './document-context.js';
import { preHash } from './pre-hash.js';
import { rulesOf } from './profile.js';
import type { EventHashProfile } from './profile.js';

/** SHA-256 of an event's pre-hash text. */
export interface EventHash {
  readonly profile: EventHashProfile;
  /** 64 lower-case hex digits. */
  readonly hex: string;
  /** `ni:///sha-256;…?ver=CBV2.x` (RFC 6920, CBV 2.0 §8.9.1). Does not tell `cbv2.0-2025` from `cbv2.0`. */
  readonly ni: string;
}

/**
 * The event hash. It leaves out `eventID`, `recordTime` and `errorDeclaration`, so a correction has the hash of what it
 * corrects: anchor it together with the document digest.
 */
export function eventHash(event: JsonObject, context: DocumentContext, profile: EventHashProfile): EventHash {
  const hex = createHash('sha256')
    .update(preHash(event, context, profile), 'utf8')
    .digest('hex');
  return { profile, hex, ni: `ni:///sha-256;${hex}?ver=${rulesOf(profile).version}` };
}
