import { scrypt, timingSafeEqual } from 'node:crypto';
import type { Random } from '@coldchain/kernel';

/**
 * How passwords of gateways and persons are kept: `scrypt$<log2 N>$<r>$<p>$<salt>$<hash>`, salt and hash in base64url (RFC 7914).
 * The parameters travel with the hash, so that they can rise later without locking anybody out.
 * N = 2^14, r = 8, p = 1: 16 MiB and some 40 ms for each attempt.
 */
const COST = { log2N: 14, r: 8, p: 1, saltBytes: 16, hashBytes: 32 } as const;
const SHAPE = /^scrypt\$(\d{1,2})\$(\d{1,2})\$(\d{1,2})\$([A-Za-z0-9_-]{16,88})\$([A-Za-z0-9_-]{43})$/;

/** A new password for a gateway: 192 random bits in base64url; shown once, kept only as its hash. */
export function newGatewayPassword(random: Random): string {
  return random.bytes(24).toString('base64url');
}

/** The text that a `password_hash` keeps. */
export async function hashPassword(password: string, random: Random): Promise<string> {
  const salt = random.bytes(COST.saltBytes);
  const hash = await derive(Buffer.from(password, 'utf8'), salt, COST.log2N, COST.r, COST.p);
  return `scrypt$${COST.log2N}$${COST.r}$${COST.p}$${salt.toString('base64url')}$${hash.toString('base64url')}`;
}

/** Whether a password belongs to a stored hash, compared in constant time. A hash of another shape belongs to none. */
export async function verifyPassword(password: Uint8Array, stored: string): Promise<boolean> {
  const parts = SHAPE.exec(stored);
  if (parts === null) return false;
  const [, log2N = '', r = '', p = '', salt = '', hash = ''] = parts;
  const expected = Buffer.from(hash, 'base64url');
  const actual = await derive(password, Buffer.from(salt, 'base64url'), Number(log2N), Number(r), Number(p));
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

function derive(password: Uint8Array, salt: Uint8Array, log2N: number, r: number, p: number): Promise<Buffer> {
  const options = { N: 2 ** log2N, r, p, maxmem: 256 * 2 ** log2N * r };
  return new Promise((resolve, reject) => {
    scrypt(password, salt, COST.hashBytes, options, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}
