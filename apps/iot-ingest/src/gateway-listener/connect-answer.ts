import type { IConnackPacket, IConnectPacket } from 'mqtt-packet';
import { FEW_OF_ONE } from './listener-load.js';

/** A packet above this is passed over but for its beginning, which is set aside with its code. */
export const LARGEST_PACKET_BYTES = 1024 * 1024;
/** Topics that a gateway may give short names to: it has two. */
export const MOST_ALIASES = 4;

/** Why a connection is not taken. */
export type ConnectRefusal = 'bad-credentials' | 'unavailable' | 'identifier-missing' | 'method-unknown' | 'limit-zero';

/** CONNACK return codes of MQTT 3.1.1 §3.2.2.3 and reason codes of MQTT 5 §3.2.2.2. */
const CODES: Readonly<Record<ConnectRefusal, { readonly returnCode: number; readonly reasonCode: number }>> = {
  'bad-credentials': { returnCode: 4, reasonCode: 0x86 },
  unavailable: { returnCode: 3, reasonCode: 0x88 },
  'identifier-missing': { returnCode: 2, reasonCode: 0x85 },
  'method-unknown': { returnCode: 5, reasonCode: 0x8c },
  'limit-zero': { returnCode: 5, reasonCode: 0x82 },
};

/** Why a CONNECT cannot be taken, whoever sends it; null: nothing is wrong with it. */
export function connectRefusal(packet: IConnectPacket): ConnectRefusal | null {
  // Other ways to prove oneself than a password are none of this listener's (MQTT 5 §4.12).
  if (packet.properties?.authenticationMethod !== undefined) return 'method-unknown';
  // MQTT 5 §3.1.2.11: a protocol error, and nothing could ever be published to it.
  const { receiveMaximum, maximumPacketSize } = packet.properties ?? {};
  if (receiveMaximum === 0 || maximumPacketSize === 0) return 'limit-zero';
  // MQTT 3.1.1 [MQTT-3.1.3-8]
  const isKept = packet.clean === false && packet.protocolVersion !== 5;
  return isKept && packet.clientId === '' ? 'identifier-missing' : null;
}

/**
 * CONNACK. A session is never there and never kept: gateways keep their frames until the application acknowledgement
 * covers them. `assigned`: the client id, where the gateway left it to us.
 */
export function connack(
  version: '5' | '3.1.1',
  refusal: ConnectRefusal | null,
  assigned: string | null,
): IConnackPacket {
  const sessionPresent = false;
  if (refusal !== null) {
    const { returnCode, reasonCode } = CODES[refusal];
    return { cmd: 'connack', sessionPresent, ...(version === '5' ? { reasonCode } : { returnCode }) };
  }
  if (version === '3.1.1') return { cmd: 'connack', sessionPresent, returnCode: 0 };
  return {
    cmd: 'connack',
    sessionPresent,
    reasonCode: 0,
    properties: {
      sessionExpiryInterval: 0,
      receiveMaximum: FEW_OF_ONE,
      maximumPacketSize: LARGEST_PACKET_BYTES,
      topicAliasMaximum: MOST_ALIASES,
      wildcardSubscriptionAvailable: false,
      subscriptionIdentifiersAvailable: false,
      sharedSubscriptionAvailable: false,
      ...(assigned === null ? {} : { assignedClientIdentifier: assigned }),
    },
  };
}
