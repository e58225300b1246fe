import type { GatewayDirectory } from '../gateways/gateway-directory.js';
import {
  type Gateway,
  LARGEST_STATUS_BYTES,
  type ReceivedMessage,
  type TransportRefusal,
  UNKNOWN_GATEWAY,
} from '../message-source.js';
import type { TopicParts } from '../topics.js';

/** A message as a broker delivers it. */
export interface ArrivingMessage {
  readonly topic: string;
  readonly payload: Buffer;
  readonly acknowledge: () => void;
  /** What the transport objects to, whoever sent it. */
  readonly refusal?: TransportRefusal | undefined;
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
    hand(refused(message, UNKNOWN_GATEWAY, 'topic-not-allowed'));
    return;
  }
  const remembered = directory.remembered(parts.userName);
  if (remembered !== undefined) {
    hand(received(message, remembered, parts.channel));
    return;
  }
  void directory.find(parts.organisation, parts.gateway).then((gateway) => {
    if (gateway !== undefined) hand(received(message, gateway, parts.channel));
  });
}

function received(message: ArrivingMessage, gateway: Gateway | null, channel: TopicParts['channel']): ReceivedMessage {
  if (gateway === null) return refused(message, UNKNOWN_GATEWAY, 'gateway-unknown');
  const { topic, payload, acknowledge, refusal } = message;
  if (refusal !== undefined) return refused(message, gateway, refusal);
  if (channel === 'status' && payload.length > LARGEST_STATUS_BYTES) {
    return refused(message, gateway, 'status-too-large');
  }
  return { gateway, channel, refusal: null, topic, payload, acknowledge };
}

function refused(message: ArrivingMessage, gateway: Gateway, refusal: TransportRefusal): ReceivedMessage {
  const { topic, payload, acknowledge } = message;
  return { gateway, channel: 'refused', refusal, topic, payload, acknowledge };
}
