import type { Transaction } from '@coldchain/database';
import { storableJson, storableText } from '../storable.js';
import type { DeadLetterEntry } from './entry.js';

/** Bytes of a message that a dead letter keeps; a longer one is cut, its length and hash stand in the details. */
const KEPT_BYTES = 256 * 1024;
const LONGEST_BOOT = 128;

/** Stores messages that were set aside, with their bytes and the reason, in the transaction of their group. */
export async function storeDeadLetters(transaction: Transaction, entries: readonly DeadLetterEntry[]): Promise<void> {
  for (const { message, code, details, boot, seq, bytesOnly } of entries) {
    const { gateway, topic, payload } = message;
    const cut = payload.length > KEPT_BYTES ? { ...details, bytes: payload.length } : details;
    await transaction.query(
      `INSERT INTO dead_letter (organisation_id, gateway_id, topic, boot, seq, code, details, raw)
       VALUES (nullif($1::int4, 0), nullif($2::int4, 0), $3, $4, $5, $6, $7, $8)`,
      [
        bytesOnly ? null : gateway.organisationId,
        bytesOnly ? null : gateway.id,
        bytesOnly ? 'unreadable' : storableText(topic),
        bytesOnly || boot === null ? null : storableText(boot).slice(0, LONGEST_BOOT),
        bytesOnly ? null : seq,
        code,
        storableJson(cut),
        payload.subarray(0, KEPT_BYTES),
      ],
    );
  }
}
