import { verify } from 'node:crypto';
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

/**
 * Judges the signature of a frame by what is registered: at once, or when libuv's threads have verified it, two signatures in
 * the time of one, and no event waits. A signed frame of a gateway that never had a key is taken as
 * unsigned where signatures are not required: there is nothing that could tell it from a forged one.
 */
export function verifySignature(
  raw: Buffer,
  signature: FrameSignature | null,
  { keys, signaturesRequired, hasRevokedKeys }: GatewayPolicy,
): VerifiedSignature | Promise<VerifiedSignature> {
  if (signature === null) return signaturesRequired ? refused('signature-missing') : UNSIGNED;
  if (keys.length === 0) return signaturesRequired || hasRevokedKeys ? refused('signature-key-unknown') : UNSIGNED;
  const candidates = candidatesOf(signature, keys);
  if (candidates.length === 0) return refused('signature-key-unknown');
  const [signed, value] =
    signature.form === 'cose'
      ? [signature.signed, signature.signature]
      : [raw.subarray(0, signature.signedBytes), Buffer.from(signature.text, 'base64')];
  // Both algorithms give 64 bytes, ES256 as R and S side by side (RFC 9053 §2.1, as in JWS; not DER).
  if (value.length !== 64) return refused('signature-invalid');
  return new Promise((resolve, reject) => {
    const tryNext = (place: number): void => {
      const candidate = candidates[place];
      if (candidate === undefined) {
        resolve(refused('signature-invalid'));
        return;
      }
      verifyInPool(signed, value, candidate, (error, isValid) => {
        if (error !== null) reject(error);
        else if (isValid) resolve({ ok: true, key: candidate.id });
        else tryNext(place + 1);
      });
    };
    tryNext(0);
  });
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

function verifyInPool(
  signed: Buffer,
  value: Buffer,
  { algorithm, key }: GatewayKey,
  done: (error: Error | null, isValid: boolean) => void,
): void {
  try {
    if (algorithm === 'Ed25519') verify(null, signed, key, value, done);
    else verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, value, done);
  } catch (error) {
    // Of a key that does not fit its algorithm; within a callback nobody else would catch it.
    done(error instanceof Error ? error : new Error(String(error)), false);
  }
}
