import type { TransportRefusal } from '../message-source.js';
import { ArrivingMessage } from '../sources/arriving-message.js';
import type { OrderedAcknowledgements } from '../mqtt-packets/ordered-acknowledgements.js';

/** A message of a broker's connection. */
export class BrokerMessage extends ArrivingMessage {
  /** Whether it is safe here, so that the broker may be told when its turn comes. */
  isSafe = false;

  constructor(
    topic: string,
    payload: Buffer,
    refusal: TransportRefusal | null,
    /** Null: QoS 0, its publisher asked for no acknowledgement. */
    readonly messageId: number | null,
    private readonly acknowledgements: OrderedAcknowledgements<BrokerMessage>,
  ) {
    super(topic, payload, refusal);
  }

  get bytes(): number {
    return this.payload.length;
  }

  /** Once is enough: who counts what is in hand would count it out twice. */
  acknowledge(): void {
    if (this.isSafe) return;
    this.isSafe = true;
    this.acknowledgements.given(this);
  }
}
