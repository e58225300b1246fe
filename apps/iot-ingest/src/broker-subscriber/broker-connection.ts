import type { Logger } from '@coldchain/runtime';
import mqtt, { type IClientOptions, type IPublishPacket, type MqttClient } from 'mqtt';
import { OrderedAcknowledgements } from './ordered-acknowledgements.js';

/** Options of {@link BrokerConnection}. */
export interface BrokerConnectionOptions {
  readonly url: string;
  readonly client: IClientOptions;
  readonly filters: readonly string[];
  /** Messages without PUBACK above which nothing more is read. */
  readonly mostPending: number;
  /** How long reading may stand still before the connection is ended, ms: shorter than its keep-alive. */
  readonly longestHoldMs: number;
  readonly logger: Logger;
  /** A message of QoS 1 with its acknowledgement, which is to be called once. */
  readonly arrived: (packet: IPublishPacket, acknowledge: () => void) => void;
}

/** What MQTT.js is told instead of "handled": it sends no PUBACK and goes on with the next packet. */
const DEFERRED = new Error('acknowledged later');
const CONNECT_TIMEOUT_MS = 10_000;
const GOODBYE_MS = 1_000;

/** `_sendPacket` is not in the types of MQTT.js; the contract suite holds its pinned version to what is needed here. */
interface PacketSender {
  _sendPacket(packet: { readonly cmd: 'puback'; readonly messageId: number }): void;
}

/**
 * One connection to a broker, from CONNECT to its end: acknowledgements belong to it and are dropped when it has gone,
 * because a packet id means something else on the next one. PUBACKs are deferred and sent in the order of arrival.
 *
 * When more messages are pending than the receive maximum lets through, the broker does not keep to it (Mosquitto before
 * 2.0.13) or knows none (3.1.1): then no further packet is looked at until half of them are done. That also holds up
 * PINGRESP, so a hold that lasts ends the connection, in order and before MQTT.js thinks it dead.
 */
export class BrokerConnection {
  private readonly acknowledgements = new OrderedAcknowledgements();
  private readonly client: MqttClient;
  private held: (() => void) | null = null;
  private holdTimer: NodeJS.Timeout | undefined;
  private open = true;
  /** Resolves when the connection has ended. */
  readonly closed: Promise<void>;

  constructor(private readonly options: BrokerConnectionOptions) {
    this.client = mqtt.connect(options.url, {
      ...options.client,
      clean: false,
      reconnectPeriod: 0,
      connectTimeout: CONNECT_TIMEOUT_MS,
      manualConnect: true,
    });
    // Before CONNECT: a broker sends what waits for the session right behind its CONNACK.
    this.client.handleMessage = (packet, done) => this.handle(packet, done);
    this.closed = new Promise((resolve) => {
      this.client.once('close', () => {
        this.open = false;
        clearTimeout(this.holdTimer);
        resolve();
      });
    });
    this.client.on('error', (error) => this.options.logger.warn({ err: error }, 'broker connection failed'));
  }

  /** Messages of this connection that are not acknowledged. */
  get pending(): number {
    return this.acknowledgements.size;
  }

  /** Whether it stands. */
  get connected(): boolean {
    return this.open && this.client.connected;
  }

  /** Connects and subscribes; false: it did not come to that, and has ended. */
  async start(): Promise<boolean> {
    const connected = new Promise<boolean>((resolve) => {
      this.client.once('connect', () => resolve(true));
      this.client.once('close', () => resolve(false));
    });
    this.client.connect();
    if (!(await connected)) return false;
    try {
      const granted = await this.client.subscribeAsync([...this.options.filters], { qos: 1 });
      if (granted.every(({ qos }) => qos <= 2)) return true;
      this.options.logger.error({ filters: this.options.filters }, 'broker refuses a subscription');
    } catch (error) {
      this.options.logger.warn({ err: error }, 'broker subscription failed');
    }
    await this.end();
    return false;
  }

  /** Stops the flow towards us; what is pending can still be acknowledged. */
  async unsubscribe(): Promise<void> {
    if (!this.connected) return;
    const done = this.client.unsubscribeAsync([...this.options.filters]).then(
      () => undefined,
      () => undefined,
    );
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([done, this.closed, new Promise<void>((resolve) => (timer = setTimeout(resolve, GOODBYE_MS)))]);
    clearTimeout(timer);
  }

  /** Sends without waiting for the outcome. */
  publish(topic: string, payload: Buffer): void {
    if (this.connected) this.client.publish(topic, payload, { qos: 1 }, () => undefined);
  }

  /** Ends it: PUBACKs given so far are written first. */
  async end(): Promise<void> {
    if (!this.open) return;
    this.client.end(false);
    const timer = setTimeout(() => this.client.end(true), GOODBYE_MS);
    await this.closed;
    clearTimeout(timer);
  }

  private handle(packet: IPublishPacket, done: (error?: Error) => void): void {
    const { messageId, qos } = packet;
    if (qos !== 1 || messageId === undefined) {
      // Its publisher asked for no acknowledgement of its own; it is taken all the same.
      this.options.arrived(packet, () => undefined);
      done();
      return;
    }
    const acknowledge = this.acknowledgements.arrived(() => this.puback(messageId));
    this.options.arrived(packet, () => {
      acknowledge();
      this.letGo();
    });
    const goOn = (): void => done(DEFERRED);
    if (this.pending < this.options.mostPending) goOn();
    else this.hold(goOn);
  }

  private puback(messageId: number): void {
    if (this.open) (this.client as unknown as PacketSender)._sendPacket({ cmd: 'puback', messageId });
  }

  private hold(goOn: () => void): void {
    this.held = goOn;
    this.holdTimer = setTimeout(() => {
      this.options.logger.warn({ pending: this.pending }, 'too much waits for its commit, broker connection ended');
      this.client.end(true);
    }, this.options.longestHoldMs);
  }

  private letGo(): void {
    if (this.held === null || this.pending > this.options.mostPending / 2) return;
    clearTimeout(this.holdTimer);
    const goOn = this.held;
    this.held = null;
    // Not from inside an acknowledgement: the rest of its group comes first.
    setImmediate(goOn);
  }
}
