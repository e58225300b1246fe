import { createHash } from 'node:crypto';
import type { ActContext } from './act-context.js';

/** Words about what was wrong, and what stands for them on the ledger. */
export interface SealedDiscrepancy {
  readonly words: string;
  readonly salt: string;
  readonly commitment: string;
}

/** Salted, because the words of a discrepancy are few and could be guessed; the salt stays with the words. */
export function sealDiscrepancy(context: ActContext, words: string): SealedDiscrepancy {
  const salt = context.random.bytes(32);
  const commitment = createHash('sha256').update('cct-discrepancy-v1').update(salt).update(words).digest('hex');
  return { words, salt: salt.toString('hex'), commitment };
}
