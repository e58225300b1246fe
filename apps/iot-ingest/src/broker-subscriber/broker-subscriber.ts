import { type Random, sleep } from '@coldchain/kernel';
import type { Logger } from '@coldchain/runtime';
import type { GatewayDirectory } from '../gateways/gateway-directory.js';
import {
  type Gateway,
  type MessageReceiver,
  MessageSource,
  type PlatformChannel,
  type ReceivedMessage,
} from '../message-source.js';
import { withGateway } from '../sources/arriving-message.js';
import { everyGateway, topicOf } from '../topics.js';
import type { BrokerConnection, BrokerConnectionOptions } from './broker-connection.js';
import { MqttJsConnection } from './mqtt-js-connection.js';
import { PacketConnection } from './packet-connection.js';

/** Options of {@link BrokerSubscriber}. */
export interface BrokerSubscriberOptions {
  /** With user name and password. */
  readonly url: string;
  readonly version: '5' | '3.1.1';
  /** `packets`: the own packet reader, for TCP and TLS; `mqtt.js`, which is also taken for WebSockets. */
  readonly client: 'packets' | 'mqtt.js';
  /** The broker keeps a session under it; every instance has its own. */
  readonly clientId: string;
  /** Group of a shared subscription; null: none, every instance gets everything. */
  readonly shareGroup: string | null;
  /** Messages that the broker may send without PUBACK (MQTT 5); of twice as many at most nothing more is read. */
  readonly receiveMaximum: number;
  readonly directory: GatewayDirectory;
  readonly random: Random;
  readonly logger: Logger;
}

const KEEPALIVE_S = 30;
const FIRST_RETRY_MS = 200;
const LONGEST_RETRY_MS = 10_000;
const ROOM_MS = 20;
/** A larger message is dropped by a broker of MQTT 5; of one by a broker of 3.1.1 the own reader keeps the beginning. */
const LARGEST_PACKET_BYTES = 8 * 1024 * 1024;
/** How long a broker keeps the session of an instance that is away, s. Gateways keep their frames anyway. */
const SESSION_EXPIRY_S = 24 * 3_600;

/**
 * Takes messages from an external broker, MQTT 5 or 3.1.1, with a session that outlives the connection. PUBACK goes out
 * after the COMMIT, in the order of arrival; what was not acknowledged comes again on the next connection.
 */
export class BrokerSubscriber extends MessageSource {
  private receiver: MessageReceiver | undefined;
  private connection: BrokerConnection | undefined;
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;
  private paused = false;
  /** Messages of all connections that are neither acknowledged nor dropped. */
  private inHand = 0;

  constructor(private readonly options: BrokerSubscriberOptions) {
    super();
  }

  /** Whether it is connected now. */
  get connected(): boolean {
    return this.connection?.connected ?? false;
  }

  /** Messages that are not acknowledged yet. */
  get pending(): number {
    return this.connection?.pending ?? 0;
  }

  /** Returns when the broker was tried once; it is tried for ever. */
  async start(receiver: MessageReceiver): Promise<void> {
    this.receiver = receiver;
    await new Promise<void>((resolve) => {
      this.running = this.run(resolve);
    });
  }

  /** Other members of a group get what comes from now on; without a group the broker keeps it for our session. */
  async pause(): Promise<void> {
    this.paused = true;
    if (this.options.shareGroup !== null) await this.connection?.unsubscribe();
  }

  listens(): boolean {
    return this.connected;
  }

  send(gateway: Gateway, channel: PlatformChannel, payload: Buffer): void {
    this.connection?.publish(topicOf(gateway.organisation, gateway.name, channel), payload);
  }

  async stop(): Promise<void> {
    this.paused = true;
    this.stopping.abort();
    await this.connection?.end();
    await this.running;
  }

  private async run(tried: () => void): Promise<void> {
    const { signal } = this.stopping;
    const { receiveMaximum, logger, version, random } = this.options;
    let failures = 0;
    while (!signal.aborted) {
      const connection = this.connect();
      this.connection = connection;
      const started = await connection.start();
      tried();
      if (started) {
        logger.info({ version }, 'subscribed at the broker');
        await connection.closed;
        if (signal.aborted) return;
        // Bytes that are none of MQTT come again with the session.
        if (!connection.malformed) failures = 0;
        logger.warn({ pending: connection.pending }, 'broker connection lost, connecting again');
      }
      // What is still to be stored will come again, also when it came before the SUBACK: no more before there is room.
      while (!signal.aborted && this.inHand > receiveMaximum / 2) await sleep(ROOM_MS, signal);
      const wait = Math.min(FIRST_RETRY_MS * 2 ** failures++, LONGEST_RETRY_MS);
      await sleep(wait * (0.5 + random.unit() / 2), signal);
    }
  }

  private connect(): BrokerConnection {
    const { version, clientId, shareGroup, receiveMaximum, directory, logger } = this.options;
    const url = new URL(this.options.url);
    const share = shareGroup === null ? '' : `$share/${shareGroup}/`;
    let hasEnded = false;
    const hand = (message: ReceivedMessage): void => {
      // A message of a connection that has gone was not acknowledged, and comes again on the next one.
      if (hasEnded || !this.hand(message)) this.inHand--;
    };
    const options: BrokerConnectionOptions = {
      url,
      version,
      clientId,
      keepaliveS: KEEPALIVE_S,
      sessionExpiryS: SESSION_EXPIRY_S,
      receiveMaximum,
      largestPacketBytes: LARGEST_PACKET_BYTES,
      filters: [`${share}${everyGateway('readings')}`, `${share}${everyGateway('status')}`],
      logger,
      arrived: (message) => {
        this.inHand++;
        withGateway(message, directory, hand);
      },
      acknowledged: () => this.inHand--,
    };
    const connection =
      this.options.client === 'packets' && PacketConnection.speaks(url)
        ? new PacketConnection(options)
        : new MqttJsConnection(options);
    void connection.closed.then(() => (hasEnded = true));
    return connection;
  }

  /** Without an answer while stopping, and where there is no room: it comes again. */
  private hand(message: ReceivedMessage): boolean {
    if (this.paused || this.receiver === undefined) return false;
    const isTaken = this.receiver.received(message);
    if (!isTaken) this.refused();
    return isTaken;
  }

  private refused(): void {
    this.options.logger.warn({ pending: this.pending }, 'too much waits for its commit, broker connection ended');
    void this.connection?.end();
  }
}
