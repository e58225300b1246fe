interface Arrived {
  readonly messageId: number;
  given: boolean;
}

/**
 * Sends acknowledgements in the order in which their messages arrived, whatever the order in which they are given (MQTT
 * 3.1.1 and 5 §4.6): one that comes early waits for those before it.
 */
export class OrderedAcknowledgements {
  private waiting: Arrived[] = [];
  private head = 0;

  constructor(private readonly send: (messageId: number) => void) {}

  /** Messages that arrived and are not acknowledged. */
  get size(): number {
    return this.waiting.length - this.head;
  }

  /** A message arrived; the answer is to be called once when it may be acknowledged. */
  arrived(messageId: number): () => void {
    const entry = { messageId, given: false };
    this.waiting.push(entry);
    return () => {
      entry.given = true;
      this.sendDue();
    };
  }

  private sendDue(): void {
    for (let next = this.waiting[this.head]; next?.given === true; next = this.waiting[this.head]) {
      this.head++;
      this.send(next.messageId);
    }
    if (this.head > 1_000 && this.head * 2 > this.waiting.length) {
      this.waiting = this.waiting.slice(this.head);
      this.head = 0;
    }
  }
}
