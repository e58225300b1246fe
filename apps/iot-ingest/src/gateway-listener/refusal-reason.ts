/** Reason codes of PUBACK and PUBREC (MQTT 5 §3.4.2.1). */
const IMPLEMENTATION_SPECIFIC = 0x83;
const NOT_AUTHORISED = 0x87;
const PAYLOAD_FORMAT_INVALID = 0x99;

/** What the platform could not do, though the message may be right. */
const OURS = ['storage-refused', 'decoder-failed', 'model-unusable', 'sequence-clash', 'sequence-detached'];

/** The reason code for a message that was set aside under this code; its bytes are kept, so sending it again is no use. */
export function reasonOf(code: string): number {
  if (code === 'topic-not-allowed' || code.startsWith('signature-')) return NOT_AUTHORISED;
  return OURS.includes(code) ? IMPLEMENTATION_SPECIFIC : PAYLOAD_FORMAT_INVALID;
}
