/** What the platform says to a gateway. */
export type DownChannel = 'acks' | 'commands';
/** What a gateway says to the platform. */
export type UpChannel = 'readings' | 'status';

/** The side that hears the platform. */
export interface UplinkListener {
  heard(channel: DownChannel, payload: Buffer): void;
  /** The connection is gone; nothing more is heard on it. */
  closed(): void;
}

/** A connection to the platform or its broker. */
export abstract class UplinkConnection {
  /**
   * Resolves when the transport confirms (PUBACK), which says nothing about the platform; rejects when the connection
   * ends before. `retain`: the broker keeps it for who comes later.
   */
  abstract publish(channel: UpChannel, payload: Buffer, retain: boolean): Promise<void>;

  /** Ends the connection; does not wait long. */
  abstract close(): Promise<void>;
}

/** The way to the platform. A port, so that a test can cut, delay and repeat what passes. */
export abstract class Uplink {
  /**
   * Connects and listens on both channels of the platform; null when it cannot now.
   * @throws what makes another try useless
   */
  abstract connect(listener: UplinkListener, signal: AbortSignal): Promise<UplinkConnection | null>;
}
