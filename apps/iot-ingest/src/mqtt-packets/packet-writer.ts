import type { Socket } from 'node:net';

/** First bytes of confirmations (MQTT 3.1.1 and 5 §2.1.2). */
export const PUBACK = 0x40;
export const PUBREC = 0x50;
export const PUBCOMP = 0x70;
const PINGRESP = 0xd0;

const CONFIRMATION_BYTES = 4;

/**
 * Writes the packets of one connection in order. What is written within a turn of the event loop leaves with one call of the
 * system at its end, and the confirmations among it as one piece.
 */
export class PacketWriter {
  /** First byte and packet id, one after the other. */
  private confirmations: number[] = [];
  private leaving = false;

  constructor(private readonly socket: Socket) {}

  /** Bytes that the other side has not taken yet. */
  get unsentBytes(): number {
    return this.socket.writableLength + (this.confirmations.length / 2) * CONFIRMATION_BYTES;
  }

  /** A whole packet. */
  write(bytes: Buffer): void {
    if (!this.socket.writable) return;
    this.leaveTogether();
    this.writeConfirmations();
    this.socket.write(bytes);
  }

  /** A confirmation without a reason: four bytes in both versions. */
  confirm(header: number, messageId: number): void {
    this.leaveTogether();
    this.confirmations.push(header, messageId);
  }

  /** The answer to a ping. It leaves as one piece with the confirmations: a piece of two bytes takes much more than those. */
  pong(): void {
    this.confirm(PINGRESP, 0);
  }

  /** Lets everything leave now. */
  flush(): void {
    this.writeConfirmations();
    this.socket.uncork();
  }

  private leaveTogether(): void {
    if (this.leaving) return;
    this.leaving = true;
    this.socket.cork();
    setImmediate(() => {
      this.leaving = false;
      this.flush();
    });
  }

  private writeConfirmations(): void {
    const { confirmations } = this;
    if (confirmations.length === 0) return;
    this.confirmations = [];
    if (!this.socket.writable) return;
    const bytes = Buffer.allocUnsafe((confirmations.length / 2) * CONFIRMATION_BYTES);
    let at = 0;
    for (let next = 0; next < confirmations.length; next += 2) {
      const messageId = confirmations[next + 1] as number;
      const header = confirmations[next] as number;
      bytes[at++] = header;
      if (header === PINGRESP) {
        bytes[at++] = 0;
        continue;
      }
      bytes[at++] = 2;
      bytes[at++] = messageId >> 8;
      bytes[at++] = messageId & 255;
    }
    this.socket.write(bytes.subarray(0, at));
  }
}
