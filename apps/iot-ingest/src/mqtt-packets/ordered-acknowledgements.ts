/** A message of a connection that is acknowledged in its turn. */
export interface OrderedMessage {
  /** Null: QoS 0, its sender asked for no acknowledgement. */
  readonly messageId: number | null;
  /** What it takes while it waits. */
  readonly bytes: number;
  /** Whether it is safe here, so that its sender may be told when its turn comes. */
  readonly isSafe: boolean;
}

/**
 * Sends acknowledgements in the order in which their messages arrived, whatever the order in which they are given (MQTT
 * 3.1.1 and 5 §4.6): one that comes early waits for those before it.
 */
export class OrderedAcknowledgements<Message extends OrderedMessage> {
  /** Messages that were sent are not held on to. */
  private waiting: (Message | undefined)[] = [];
  private head = 0;
  private waitingBytes = 0;

  constructor(
    private readonly send: (messageId: number, message: Message) => void,
    /** A message was acknowledged, whether or not its sender is told yet. */
    private readonly acknowledged: (message: Message) => void,
  ) {}

  /** Messages that arrived and are not acknowledged. */
  get size(): number {
    return this.waiting.length - this.head;
  }

  /** What those take. */
  get bytes(): number {
    return this.waitingBytes;
  }

  /** A message arrived whose turn is to be waited for. */
  arrived(message: Message): void {
    this.waiting.push(message);
    this.waitingBytes += message.bytes;
  }

  /** A message is safe. */
  given(message: Message): void {
    this.sendDue();
    this.acknowledged(message);
  }

  private sendDue(): void {
    const { waiting } = this;
    for (let next = waiting[this.head]; next?.isSafe === true; next = waiting[this.head]) {
      waiting[this.head++] = undefined;
      this.waitingBytes -= next.bytes;
      if (next.messageId !== null) this.send(next.messageId, next);
    }
    if (this.head > 1_000 && this.head * 2 > waiting.length) {
      this.waiting = waiting.slice(this.head);
      this.head = 0;
    }
  }
}
