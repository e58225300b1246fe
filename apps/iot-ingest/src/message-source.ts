/** A gateway that proved who it is; what it sends is stored under it. */
export interface Gateway {
  readonly id: number;
  readonly organisationId: number;
  /** Slug of its organisation and its own name: the two levels of its topics. */
  readonly organisation: string;
  readonly name: string;
  /** Ledger identity of its organisation (`MSP id:name`). */
  readonly party: string;
  /** Whether messages without `boot` and `seq` are taken from it. */
  readonly acceptsUnsequenced: boolean;
}

/**
 * Stands for the sender where a topic names a gateway that is not registered: what came from it is set aside under no
 * organisation.
 */
export const UNKNOWN_GATEWAY: Gateway = {
  id: 0,
  organisationId: 0,
  organisation: '',
  name: '',
  party: '',
  acceptsUnsequenced: false,
};

/** What the transport itself objects to; the message is set aside with this code and acknowledged. */
export type TransportRefusal = 'topic-not-allowed' | 'status-too-large' | 'gateway-unknown' | 'packet-too-large';

/** A status is a few members; more is set aside. */
export const LARGEST_STATUS_BYTES = 4 * 1024;

/** One message of a gateway. */
export interface ReceivedMessage {
  readonly gateway: Gateway;
  /** `refused`: set aside with `refusal`, whatever it holds. */
  readonly channel: 'readings' | 'status' | 'refused';
  readonly refusal: TransportRefusal | null;
  readonly topic: string;
  readonly payload: Buffer;
  /**
   * Tells the sender that the message is safe (PUBACK). To be called once, after the COMMIT that stored it, and in the
   * order in which the messages of one gateway were received (MQTT 3.1.1 §4.6). `refusal`: the code under which it was
   * set aside, or null; only some senders can be told.
   */
  acknowledge(refusal: string | null): void;
}

/** What a gateway listens on. */
export type PlatformChannel = 'acks' | 'commands';

/** The side that takes messages. Neither call waits: what they start is owned by the receiver. */
export abstract class MessageReceiver {
  /** False: too much waits for its commit. The message was not taken; its connection should be ended. */
  abstract received(message: ReceivedMessage): boolean;
  /** A gateway began to listen for acknowledgements, or said that it is there. */
  abstract announced(gateway: Gateway): void;
}

/**
 * Where messages of gateways come from, and the way back to them. A message that is never acknowledged is sent again by
 * its gateway; a source must not acknowledge by itself, and must keep taking other gateways' messages meanwhile.
 */
export abstract class MessageSource {
  /** Begins to take connections or messages. */
  abstract start(receiver: MessageReceiver): Promise<void>;

  /** Hands nothing over from now on; acknowledgements still go out. */
  abstract pause(): Promise<void>;

  /** Whether the gateway would hear an application acknowledgement now. */
  abstract listens(gateway: Gateway): boolean;

  /** Hands an acknowledgement or a command to the gateway's connections; without one it is dropped. */
  abstract send(gateway: Gateway, channel: PlatformChannel, payload: Buffer): void;

  /** Ends all connections after the acknowledgements given so far have left. */
  abstract stop(): Promise<void>;
}
