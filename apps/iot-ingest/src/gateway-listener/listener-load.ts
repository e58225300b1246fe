/** A connection may always have so many messages that wait for their commit, also while all together have too many. */
export const FEW_OF_ONE = 100;
/** And no more than one packet beyond so many bytes: five thousand connections would need more room than there is. */
const FEW_BYTES_OF_ONE = 8 * 1024;
/** No connection has more. One of MQTT 5 is told {@link FEW_OF_ONE} as receive maximum and keeps to it. */
const MOST_OF_ONE = 1_000;
const MOST_BYTES_OF_ONE = 1024 * 1024;
/** Of all connections; beyond, those that have many are not read. */
const MOST_OF_ALL = 15_000;
const MOST_BYTES_OF_ALL = 8 * 1024 * 1024;
/**
 * What is taken at all. A connection that ends leaves what it sent to its commit, and the next one may send as much: whoever
 * comes again and again would find no end.
 */
const ROOM = { messages: 500_000, bytes: 64 * 1024 * 1024 };
/** A gateway that sends and does not read what it is told is not read either. */
const MOST_UNSENT_BYTES = 256 * 1024;

/** What one connection has in hand. */
export interface ConnectionLoad {
  readonly messages: number;
  /** Of whole packets. */
  readonly bytes: number;
  /** Confirmations and publications that its gateway has not taken yet. */
  readonly unsentBytes: number;
}

/**
 * What waits for its commit, of all connections together, and who is to be read no further because of it. Whoever has
 * little is always read, so that its pings are answered however long the database is away, and no gateway with a long
 * backlog takes the room of the others.
 */
export class ListenerLoad {
  private messages = 0;
  private bytes = 0;

  add(packetBytes: number): void {
    this.messages++;
    this.bytes += packetBytes;
  }

  remove(packetBytes: number): void {
    this.messages--;
    this.bytes -= packetBytes;
  }

  /** Whether there is no room for any message. */
  get isFull(): boolean {
    return this.messages >= ROOM.messages || this.bytes >= ROOM.bytes;
  }

  /** Whether no more is to be read of a connection. */
  isTooMuch(of: ConnectionLoad): boolean {
    if (of.messages >= MOST_OF_ONE || of.bytes >= MOST_BYTES_OF_ONE || of.unsentBytes >= MOST_UNSENT_BYTES) return true;
    return (of.messages >= FEW_OF_ONE || of.bytes >= FEW_BYTES_OF_ONE) && this.isPressed;
  }

  /** Whether a connection that is not read may be read again. */
  isRelieved(of: ConnectionLoad): boolean {
    if (of.unsentBytes >= MOST_UNSENT_BYTES / 2) return false;
    if (of.messages <= FEW_OF_ONE / 2 && of.bytes <= FEW_BYTES_OF_ONE / 2) return true;
    return of.messages <= MOST_OF_ONE / 2 && of.bytes <= MOST_BYTES_OF_ONE / 2 && !this.isPressed;
  }

  private get isPressed(): boolean {
    return this.messages >= MOST_OF_ALL || this.bytes >= MOST_BYTES_OF_ALL;
  }
}
