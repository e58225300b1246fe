const LARGEST_ID = 65_535;

/**
 * Publications of QoS 1 from their packet id to their PUBACK: no more at once than the receiver takes (receive maximum of
 * MQTT 5, §4.9), no id twice (§2.2.1). They are not repeated.
 */
export class OutgoingPublications {
  private readonly unconfirmed = new Set<number>();
  private readonly waiting: { readonly topic: string; readonly payload: Buffer }[] = [];
  private lastId = LARGEST_ID;
  /** Of a receiver that does not say. */
  mostUnconfirmed = 1_000;

  constructor(
    private readonly firstId: number,
    /** What is published is computed anew by and by; what would have to wait behind so many is dropped. */
    private readonly mostWaiting: number,
    private readonly send: (messageId: number, topic: string, payload: Buffer) => void,
  ) {}

  add(topic: string, payload: Buffer): void {
    if (this.waiting.length < this.mostWaiting) this.waiting.push({ topic, payload });
    this.sendDue();
  }

  /** The receiver has it. */
  confirmed(messageId: number): void {
    if (this.unconfirmed.delete(messageId)) this.sendDue();
  }

  private sendDue(): void {
    while (this.unconfirmed.size < this.mostUnconfirmed) {
      const next = this.waiting.shift();
      if (next === undefined) return;
      const id = this.freeId();
      this.unconfirmed.add(id);
      this.send(id, next.topic, next.payload);
    }
  }

  private freeId(): number {
    do this.lastId = this.lastId >= LARGEST_ID ? this.firstId : this.lastId + 1;
    while (this.unconfirmed.has(this.lastId));
    return this.lastId;
  }
}
