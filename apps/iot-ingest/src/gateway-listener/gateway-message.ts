import type { OrderedAcknowledgements } from '../mqtt-packets/ordered-acknowledgements.js';
import type { PublishPacket } from '../mqtt-packets/publish-packet.js';
import type { Gateway, ReceivedMessage, TransportRefusal } from '../message-source.js';
import { type OwnTopics, refusalOf } from '../own-topics.js';

/** A message that a gateway published, or left as its last will. */
export class GatewayMessage implements ReceivedMessage {
  readonly channel: ReceivedMessage['channel'];
  readonly refusal: TransportRefusal | null;
  readonly topic: string;
  readonly payload: Buffer;
  readonly messageId: number | null;
  readonly qos: 0 | 1 | 2;
  isSafe = false;
  /** Code under which it was set aside. */
  setAside: string | null = null;

  constructor(
    readonly gateway: Gateway,
    own: OwnTopics,
    { topic, payload, messageId, qos }: PublishPacket,
    isCut: boolean,
    private readonly acknowledgements: OrderedAcknowledgements<GatewayMessage>,
    /** Of its whole packet: topic and properties may be longer than the payload. */
    readonly bytes: number,
  ) {
    this.topic = topic;
    this.payload = payload;
    this.messageId = messageId;
    this.qos = qos;
    this.refusal = isCut ? 'packet-too-large' : refusalOf(own, topic, payload);
    this.channel = this.refusal !== null ? 'refused' : topic === own.readings ? 'readings' : 'status';
  }

  acknowledge(refusal: string | null): void {
    if (this.isSafe) return;
    this.isSafe = true;
    this.setAside = refusal;
    this.acknowledgements.given(this);
  }
}
