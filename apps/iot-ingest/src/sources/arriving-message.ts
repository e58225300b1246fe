import type { GatewayDirectory } from '../gateways/gateway-directory.js';
import { type Gateway, LARGEST_STATUS_BYTES, type ReceivedMessage, UNKNOWN_GATEWAY } from '../message-source.js';
import { partsOfTopic } from '../topics.js';

/** A message as a broker delivers it. */
export interface ArrivingMessage {
  readonly topic: string;
  readonly payload: Buffer;
  readonly acknowledge: () => void;
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
  const parts = partsOfTopic(message.topic);
  if (parts === null) {
    hand(refused(message, 'topic-not-allowed'));
    return;
  }
  const { organisation, gateway: name, channel } = parts;
  const known = (gateway: Gateway | null): void => {
    if (gateway === null) hand(refused(message, 'gateway-unknown'));
    else if (channel === 'status' && message.payload.length > LARGEST_STATUS_BYTES)
      hand({ ...refused(message, 'status-too-large'), gateway });
    else hand({ ...message, gateway, channel, refusal: null });
  };
  const remembered = directory.remembered(organisation, name);
  if (remembered !== undefined) known(remembered);
  else {
    void directory.find(organisation, name).then((gateway) => {
      if (gateway !== undefined) known(gateway);
    });
  }
}

function refused(message: ArrivingMessage, refusal: NonNullable<ReceivedMessage['refusal']>): ReceivedMessage {
  return { ...message, gateway: UNKNOWN_GATEWAY, channel: 'refused', refusal };
}
