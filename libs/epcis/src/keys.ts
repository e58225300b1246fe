import { createHmac } from 'node:crypto';
import { giaiLink, sgtinLink, ssccLink } from '@coldchain/gs1';
import type { Giai, Gtin, Lot, Serial, Sscc } from '@coldchain/gs1';
import { EpcisError } from './epcis-error.js';

/*
 * Pseudonymous keys: what members of the ledger see in place of batches, packs, units and devices. Only who holds the secret of
 * the object can compute them.
 */

function keyed(secret: Uint8Array, text: string): string {
  if (secret.length !== 32) throw new EpcisError('secret-invalid', 'a secret has 32 bytes', { found: secret.length });
  return createHmac('sha256', secret).update(text, 'utf8').digest('hex');
}

/**
 * Key of a batch: HMAC-SHA256(batch secret, "batch:" ‖ GTIN ‖ lot), 64 hex digits. The GTIN always has 14 digits, so no
 * other pair gives the same text.
 * @throws EpcisError `secret-invalid` unless the secret has 32 bytes
 */
export function batchKey(secret: Uint8Array, gtin: Gtin, lot: Lot): string {
  return keyed(secret, `batch:${gtin}${lot}`);
}

/**
 * Key of a pack: HMAC-SHA256(batch secret, canonical Digital Link of the SGTIN).
 * @throws EpcisError `secret-invalid` unless the secret has 32 bytes
 */
export function packKey(secret: Uint8Array, gtin: Gtin, serial: Serial): string {
  return keyed(secret, sgtinLink(gtin, serial));
}

/**
 * Key of a logistic unit: HMAC-SHA256(unit secret, canonical Digital Link of the SSCC).
 * @throws EpcisError `secret-invalid` unless the secret has 32 bytes
 */
export function unitKey(secret: Uint8Array, sscc: Sscc): string {
  return keyed(secret, ssccLink(sscc));
}

/**
 * Key of a measuring device: HMAC-SHA256(device secret, canonical Digital Link of the GIAI).
 * @throws EpcisError `secret-invalid` unless the secret has 32 bytes
 */
export function deviceKey(secret: Uint8Array, giai: Giai): string {
  return keyed(secret, giaiLink(giai));
}
