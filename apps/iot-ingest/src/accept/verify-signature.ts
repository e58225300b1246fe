import { verify } from 'node:crypto';
import { promisify } from 'node:util';
import type { FrameSignature } from '@coldchain/telemetry';
import type { GatewayKey, GatewayPolicy } from '../gateways/gateway-policy.js';

/**
 * Why a frame is not believed. `signature-missing`: its organisation requires one. `signature-key-unknown`: no registered
 * key of its gateway has the key id, or there is none at all. `signature-invalid`: it does not verify.
 */
export type SignatureRefusal = 'signature-missing' | 'signature-key-unknown' | 'signature-invalid';

/** What came of looking at a frame's signature; `key` null: there was nothing to verify, and none was asked for. */
export type VerifiedSignature =
  { readonly ok: true; readonly key: number | null } | { readonly ok: false; readonly code: SignatureRefusal };

/** With a callback the signature is verified by libuv's threads: two signatures take as long as one, and no event waits. */
const verifyInPool = promisify(verify);

/**
 * Judges the signature of a frame by what is registered. A signed frame of a gateway that never had a key is taken as
 * unsigned where signatures are not required: there is nothing that could tell it from a forged one.
 */
export async function verifySignature(
  raw: Buffer,
  signature: FrameSignature | null,
  { keys, signaturesRequired, hasRevokedKeys }: GatewayPolicy,
): Promise<VerifiedSignature> {
  if (signature === null) return signaturesRequired ? refused('signature-missing') : UNSIGNED;
  if (keys.length === 0) return signaturesRequired || hasRevokedKeys ? refused('signature-key-unknown') : UNSIGNED;
  const candidates = candidatesOf(signature, keys);
  if (candidates.length === 0) return refused('signature-key-unknown');
  const [signed, value] =
    signature.form === 'cose'
      ? [signature.signed, signature.signature]
      : [raw.subarray(0, signature.signedBytes), Buffer.from(signature.text, 'base64')];
  for (const key of candidates) {
    if (await verifies(signed, value, key)) return { ok: true, key: key.id };
  }
  return refused('signature-invalid');
}

const UNSIGNED: VerifiedSignature = { ok: true, key: null };

function refused(code: SignatureRefusal): VerifiedSignature {
  return { ok: false, code };
}

function candidatesOf(signature: FrameSignature, keys: readonly GatewayKey[]): readonly GatewayKey[] {
  if (signature.form === 'trailing') return keys;
  return keys.filter(
    ({ kid, algorithm }) => algorithm === signature.algorithm && (signature.keyId === null || signature.keyId === kid),
  );
}

/** Both algorithms give 64 bytes, ES256 as R and S side by side (RFC 9053 §2.1, as in JWS; not DER). */
async function verifies(signed: Buffer, value: Buffer, { algorithm, key }: GatewayKey): Promise<boolean> {
  if (value.length !== 64) return false;
  return algorithm === 'Ed25519'
    ? verifyInPool(null, signed, key, value)
    : verifyInPool('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, value);
}
