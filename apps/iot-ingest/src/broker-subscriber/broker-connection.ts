import type { Logger } from '@coldchain/runtime';
import type { BrokerMessage } from './broker-message.js';

/**
 * Of what may be pending, as much may be when more is read again. By half the groups behind those that are stored ran short,
 * and two writers stood still by turns (single readings: 146,000 → 164,000 a second).
 */
export const GOES_ON_BELOW = 0.75;

/** Options of a {@link BrokerConnection}. */
export interface BrokerConnectionOptions {
  /** With user name and password. */
  readonly url: URL;
  readonly version: '5' | '3.1.1';
  readonly clientId: string;
  readonly keepaliveS: number;
  /** How long the broker keeps the session after the connection has ended, s; only MQTT 5 can say so. */
  readonly sessionExpiryS: number;
  /** Messages that the broker may send without PUBACK; only MQTT 5 can say so. */
  readonly receiveMaximum: number;
  /** Larger packets are not sent to us by a broker of MQTT 5; of others the beginning is handed on with its refusal. */
  readonly largestPacketBytes: number;
  readonly filters: readonly string[];
  readonly logger: Logger;
  /** A message arrived, which is to be acknowledged once. */
  readonly arrived: (message: BrokerMessage) => void;
  /** A message that arrived was acknowledged. */
  readonly acknowledged: () => void;
}

/**
 * One connection to a broker, from CONNECT to its end: acknowledgements belong to it and are dropped when it has gone,
 * because a packet id means something else on the next one. The session is kept; PUBACKs are sent in the order of
 * arrival. Of a broker that sends more than the receive maximum (Mosquitto before 2.0.13) or knows none (3.1.1), no more
 * than a bounded number of messages is taken before some of them are done.
 */
export abstract class BrokerConnection {
  /** Resolves when the connection has ended. */
  abstract readonly closed: Promise<void>;
  /** Messages of this connection that are not acknowledged. */
  abstract readonly pending: number;
  /** Whether it stands. */
  abstract readonly connected: boolean;
  /** Whether it ended because of bytes that are none of MQTT; they will probably come again. */
  abstract readonly malformed: boolean;
  /** Connects and subscribes; false: it did not come to that, and has ended. */
  abstract start(): Promise<boolean>;
  /** Stops the flow towards us; what is pending can still be acknowledged. */
  abstract unsubscribe(): Promise<void>;
  /** Sends with QoS 1, without waiting for the outcome. */
  abstract publish(topic: string, payload: Buffer): void;
  /** Ends it: PUBACKs given so far are written first. */
  abstract end(): Promise<void>;
}
