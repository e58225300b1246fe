import type { OrderedAcknowledgements } from '../mqtt-packets/ordered-acknowledgements.js';
import type { PublishPacket } from '../mqtt-packets/publish-packet.js';
import { type Gateway, LARGEST_STATUS_BYTES, type ReceivedMessage, type TransportRefusal } from '../message-source.js';
import { topicOf } from '../topics.js';

/** Topics that a gateway publishes on, made once for a connection. */
export interface OwnTopics {
  readonly readings: string;
  readonly status: string;
}

/** @see OwnTopics */
export function ownTopics({ organisation, name }: Gateway): OwnTopics {
  return { readings: topicOf(organisation, name, 'readings'), status: topicOf(organisation, name, 'status') };
}

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
    this.refusal = refusalOf(own, topic, payload, isCut);
    // MQTT 3.1.1 [MQTT-3.3.5-2]: a PUBLISH that is not authorised is acknowledged or ends the connection. Acknowledged:
    // an ended connection would hold up the messages behind it, and the sender would repeat this one for ever.
    this.channel = this.refusal !== null ? 'refused' : topic === own.readings ? 'readings' : 'status';
  }

  acknowledge(refusal: string | null): void {
    if (this.isSafe) return;
    this.isSafe = true;
    this.setAside = refusal;
    this.acknowledgements.given(this);
  }
}

function refusalOf(own: OwnTopics, topic: string, payload: Buffer, isCut: boolean): TransportRefusal | null {
  if (isCut) return 'packet-too-large';
  if (topic === own.readings) return null;
  if (topic !== own.status) return 'topic-not-allowed';
  return payload.length > LARGEST_STATUS_BYTES ? 'status-too-large' : null;
}
