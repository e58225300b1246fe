import type { Socket } from 'node:net';
import { CONFIRMATION_BYTES, confirmationBytes, PINGRESP } from './confirmation-bytes.js';

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
    if (this.socket.writable) this.socket.write(confirmationBytes(confirmations));
  }
}
