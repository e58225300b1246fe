/** First bytes of confirmations (MQTT 3.1.1 and 5 §2.1.2). */
export const PUBACK = 0x40;
export const PUBREC = 0x50;
export const PUBCOMP = 0x70;
/** Confirms a ping, without an id. */
export const PINGRESP = 0xd0;

export const CONFIRMATION_BYTES = 4;

/**
 * Confirmations one behind the other: `pairs` are first byte and packet id of each by turns; of an answer to a ping the id is
 * none. The same in MQTT 3.1.1 and 5
 * (§3.4; 5: reason 0 left out).
 */
export function confirmationBytes(pairs: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe((pairs.length / 2) * CONFIRMATION_BYTES);
  let at = 0;
  for (let next = 0; next < pairs.length; next += 2) {
    const messageId = pairs[next + 1] as number;
    const header = pairs[next] as number;
    bytes[at++] = header;
    if (header === PINGRESP) {
      bytes[at++] = 0;
      continue;
    }
    bytes[at++] = CONFIRMATION_BYTES - 2;
    bytes[at++] = messageId >> 8;
    bytes[at++] = messageId & 255;
  }
  return bytes.subarray(0, at);
}
