const PUBACK = 0x40;
const BYTES = 4;

/** PUBACKs one behind the other: fixed header and packet id, the same in MQTT 3.1.1 and 5 (§3.4; 5: reason 0 left out). */
export function pubackBytes(messageIds: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(messageIds.length * BYTES);
  let at = 0;
  for (const messageId of messageIds) {
    bytes[at++] = PUBACK;
    bytes[at++] = BYTES - 2;
    bytes[at++] = messageId >> 8;
    bytes[at++] = messageId & 255;
  }
  return bytes;
}
