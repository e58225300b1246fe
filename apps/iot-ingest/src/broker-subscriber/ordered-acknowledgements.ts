import type { BrokerMessage } from './broker-message.js';

/**
 * Sends acknowledgements in the order in which their messages arrived, whatever the order in which they are given (MQTT
 * 3.1.1 and 5 §4.6): one that comes early waits for those before it.
 */
export class OrderedAcknowledgements {
  /** Messages that were sent are not held on to. */
  private waiting: (BrokerMessage | undefined)[] = [];
  private head = 0;
  private payloadBytes = 0;

  constructor(
    private readonly send: (messageId: number) => void,
    /** A message was acknowledged, whether or not the broker is told yet. */
    private readonly acknowledged: () => void,
  ) {}

  /** Messages that arrived and are not acknowledged. */
  get size(): number {
    return this.waiting.length - this.head;
  }

  /** What those have as payloads. */
  get bytes(): number {
    return this.payloadBytes;
  }

  /** A message arrived that the broker waits for. */
  arrived(message: BrokerMessage): void {
    this.waiting.push(message);
    this.payloadBytes += message.payload.length;
  }

  /** A message is safe. */
  given(message: BrokerMessage): void {
    this.acknowledged();
    if (message.messageId !== null) this.sendDue();
  }

  private sendDue(): void {
    const { waiting } = this;
    for (let next = waiting[this.head]; next?.isSafe === true; next = waiting[this.head]) {
      waiting[this.head++] = undefined;
      this.payloadBytes -= next.payload.length;
      if (next.messageId !== null) this.send(next.messageId);
    }
    if (this.head > 1_000 && this.head * 2 > waiting.length) {
      this.waiting = waiting.slice(this.head);
      this.head = 0;
    }
  }
}
