/** First bytes of confirmations (MQTT 3.1.1 and 5 §2.1.2). */
export const PUBACK = 0x40;
export const PUBREC = 0x50;
export const PUBCOMP = 0x70;

const BYTES = 4;

/**
 * Confirmations one behind the other: `pairs` are first byte and packet id of each by turns. The same in MQTT 3.1.1 and 5
 * (§3.4; 5: reason 0 left out).
 */
export function confirmationBytes(pairs: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe((pairs.length / 2) * BYTES);
  let at = 0;
  for (let next = 0; next < pairs.length; next += 2) {
    const messageId = pairs[next + 1] as number;
    bytes[at++] = pairs[next] as number;
    bytes[at++] = BYTES - 2;
    bytes[at++] = messageId >> 8;
    bytes[at++] = messageId & 255;
  }
  return bytes;
}
