import { createHash } from 'node:crypto';
import { EpcisError } from './epcis-error.js';
import type { EventHashProfile } from './hash/profile.js';

const DOMAIN = 'cct-commitment-v1';

function requireLength(bytes: Uint8Array, code: 'salt-invalid' | 'digest-invalid', what: string): void {
  if (bytes.length !== 32) throw new EpcisError(code, `${what} has 32 bytes`, { found: bytes.length });
}

/**
 * What stands on the ledger for an event: SHA-256("cct-commitment-v1" ‖ salt ‖ event hash ‖ document digest ‖ profile id),
 * 64 lower-case hex digits. The salt, made once by the capturing party, keeps events from being guessed.
 * @param salt 32 random bytes
 * @param eventHash 32 raw bytes of the event hash
 * @param digest 32 raw bytes of the document digest
 * @param profile the profile that made the event hash, in ASCII
 * @throws EpcisError `salt-invalid`, `digest-invalid` where a length is wrong
 */
export function commitment(
  salt: Uint8Array,
  eventHash: Uint8Array,
  digest: Uint8Array,
  profile: EventHashProfile,
): string {
  requireLength(salt, 'salt-invalid', 'a salt');
  requireLength(eventHash, 'digest-invalid', 'an event hash');
  requireLength(digest, 'digest-invalid', 'a document digest');
  return createHash('sha256')
    .update(DOMAIN, 'ascii')
    .update(salt)
    .update(eventHash)
    .update(digest)
    .update(profile, 'ascii')
    .digest('hex');
}
