import { type Gateway, LARGEST_STATUS_BYTES, type TransportRefusal } from './message-source.js';
import { topicOf } from './topics.js';

/** Topics that a gateway publishes on, made once for a connection. */
export interface OwnTopics {
  readonly readings: string;
  readonly status: string;
}

/** @see OwnTopics */
export function ownTopics({ organisation, name }: Gateway): OwnTopics {
  return { readings: topicOf(organisation, name, 'readings'), status: topicOf(organisation, name, 'status') };
}

/**
 * Why a message that a gateway publishes itself is set aside; null: it is taken as readings or as status. MQTT 3.1.1
 * [MQTT-3.3.5-2]: a PUBLISH that is not authorised is acknowledged or ends the connection. Acknowledged: an ended connection
 * would hold up the messages behind it, and the sender would repeat this one for ever.
 */
export function refusalOf(own: OwnTopics, topic: string, payload: Buffer): TransportRefusal | null {
  if (topic === own.readings) return null;
  if (topic !== own.status) return 'topic-not-allowed';
  return payload.length > LARGEST_STATUS_BYTES ? 'status-too-large' : null;
}
