import { type KeyObject, verify } from 'node:crypto';

/** Numbers that the platform asks for again. */
export interface ResendRequest {
  readonly boot: string;
  readonly ranges: readonly (readonly [from: number, to: number])[];
}

/**
 * Whether a message of the platform is signed with that key: `sig` is its last member, over the exact bytes before
 * `,"sig":`. A broker between could make a gateway forget frames that nobody stored.
 */
export function isSignedBy(payload: Buffer, key: KeyObject): boolean {
  const signedBytes = payload.lastIndexOf(',"sig":"');
  const [, text] = /^,"sig":"([A-Za-z0-9_-]{86})"\}$/.exec(payload.toString('latin1', Math.max(0, signedBytes))) ?? [];
  if (signedBytes < 0 || text === undefined) return false;
  return verify(null, payload.subarray(0, signedBytes), key, Buffer.from(text, 'base64url'));
}

/** The request of a message on `commands`; null for anything else. */
export function readResendRequest(payload: Buffer): ResendRequest | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(payload.toString('utf8'));
  } catch {
    return null;
  }
  if (typeof parsed !== 'object' || parsed === null) return null;
  const { command, boot, ranges } = parsed as Readonly<Record<'command' | 'boot' | 'ranges', unknown>>;
  if (command !== 'resend' || typeof boot !== 'string' || !Array.isArray(ranges)) return null;
  const pairs = (ranges as readonly unknown[]).filter(
    (pair): pair is readonly [number, number] =>
      Array.isArray(pair) && pair.length === 2 && pair.every((end) => Number.isSafeInteger(end)),
  );
  return { boot, ranges: pairs };
}
