import type { GatewayDirectory } from '../gateways/gateway-directory.js';
import {
  type Gateway,
  LARGEST_STATUS_BYTES,
  type ReceivedMessage,
  type TransportRefusal,
  UNKNOWN_GATEWAY,
} from '../message-source.js';
import type { TopicParts } from '../topics.js';

/**
 * A message as a broker delivers it, which becomes the message that is handed on when its gateway is known: at a hundred
 * thousand a second every object of a message counts.
 */
export abstract class ArrivingMessage implements ReceivedMessage {
  gateway = UNKNOWN_GATEWAY;
  channel: ReceivedMessage['channel'] = 'refused';

  constructor(
    public topic: string,
    readonly payload: Buffer,
    /** What the transport objects to, whoever sent it. */
    public refusal: TransportRefusal | null,
  ) {}

  abstract acknowledge(): void;
}

/**
 * Hands a broker's message on with the gateway that its topic names; whoever may publish there is the broker's business.
 * At once where the gateway is remembered, else after it was looked up, messages of one gateway in their order. Never
 * handed on when looking up was stopped.
 */
export function withGateway(
  message: ArrivingMessage,
  directory: GatewayDirectory,
  hand: (message: ReceivedMessage) => void,
): void {
  const parts = directory.topics.of(message.topic);
  if (parts === null) {
    message.refusal = 'topic-not-allowed';
    hand(message);
    return;
  }
  message.topic = parts.topic;
  const remembered = directory.remembered(parts.userName);
  if (remembered !== undefined) {
    received(message, remembered, parts.channel);
    hand(message);
    return;
  }
  void directory.find(parts.organisation, parts.gateway).then((gateway) => {
    if (gateway === undefined) return;
    received(message, gateway, parts.channel);
    hand(message);
  });
}

function received(message: ArrivingMessage, gateway: Gateway | null, channel: TopicParts['channel']): void {
  if (gateway === null) {
    message.refusal = 'gateway-unknown';
    return;
  }
  message.gateway = gateway;
  if (message.refusal !== null) return;
  if (channel === 'status' && message.payload.length > LARGEST_STATUS_BYTES) message.refusal = 'status-too-large';
  else message.channel = channel;
}
