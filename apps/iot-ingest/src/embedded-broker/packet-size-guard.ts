/**
 * Reads along the byte stream of one MQTT connection and answers false as soon as a packet announces more than
 * `largestBytes` (fixed header, MQTT 3.1.1 §2.2.3). The broker's parser would collect such a packet in memory to its end.
 */
export class PacketSizeGuard {
  /** Bytes of the present packet's body that are still to come. */
  private body = 0;
  private inLength = false;
  private length = 0;
  private multiplier = 1;

  constructor(private readonly largestBytes: number) {}

  /** Takes the next bytes; false: the connection must be ended. */
  accepts(chunk: Uint8Array): boolean {
    let offset = 0;
    while (offset < chunk.length) {
      if (this.body > 0) {
        const skipped = Math.min(this.body, chunk.length - offset);
        this.body -= skipped;
        offset += skipped;
      } else if (!this.inLength) {
        // packet type and flags: what they mean is the parser's business
        this.inLength = true;
        this.length = 0;
        this.multiplier = 1;
        offset++;
      } else {
        const byte = chunk[offset++] ?? 0;
        this.length += (byte & 0x7f) * this.multiplier;
        this.multiplier *= 128;
        if (this.length > this.largestBytes || this.multiplier > 128 ** 4) return false;
        if (byte < 0x80) {
          this.inLength = false;
          this.body = this.length;
        }
      }
    }
    return true;
  }
}
