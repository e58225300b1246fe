import mqtt, { type IClientOptions, type IPublishPacket, type MqttClient } from 'mqtt';
import { confirmationBytes, PUBACK } from '../mqtt-packets/confirmation-bytes.js';
import { OrderedAcknowledgements } from '../mqtt-packets/ordered-acknowledgements.js';
import { BrokerConnection, type BrokerConnectionOptions, GOES_ON_BELOW } from './broker-connection.js';
import { BrokerMessage } from './broker-message.js';

/** What MQTT.js is told instead of "handled": it sends no PUBACK and goes on with the next packet. */
const DEFERRED = new Error('acknowledged later');
const CONNECT_TIMEOUT_MS = 10_000;
const GOODBYE_MS = 1_000;
/** Payloads that may be pending, whatever their number. */
const MOST_BYTES = 16 * 1024 * 1024;

/**
 * By MQTT.js, which also speaks through WebSockets. When more than twice the receive maximum or 16 MiB are pending, no
 * further packet is looked at until a quarter of it is done. That also holds up PINGRESP, so a hold that lasts ends the
 * connection, in order and before MQTT.js thinks it dead.
 */
export class MqttJsConnection extends BrokerConnection {
  private readonly acknowledgements: OrderedAcknowledgements<BrokerMessage>;
  private readonly client: MqttClient;
  private readonly mostPending: number;
  private held: (() => void) | null = null;
  private holdTimer: NodeJS.Timeout | undefined;
  private open = true;
  private isEnding = false;
  /** PUBACKs that leave at the end of this turn of the event loop: first byte and id by turns. */
  private pubacks: number[] = [];
  private wasMalformed = false;
  readonly closed: Promise<void>;

  constructor(private readonly options: BrokerConnectionOptions) {
    super();
    this.mostPending = 2 * options.receiveMaximum;
    this.acknowledgements = new OrderedAcknowledgements((messageId) => this.puback(messageId), options.acknowledged);
    const { address, ...credentials } = withoutCredentials(options.url);
    this.client = mqtt.connect(address, {
      ...protocolOf(options),
      ...credentials,
      clientId: options.clientId,
      keepalive: options.keepaliveS,
      clean: false,
      reconnectPeriod: 0,
      connectTimeout: CONNECT_TIMEOUT_MS,
      manualConnect: true,
      // It calls this six times a message, and its own way to find out that nobody listens takes a microsecond of them.
      log: () => undefined,
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
    this.client.on('error', (error) => {
      // Errors of the socket and of CONNACK have codes, those of its parser have none.
      this.wasMalformed ||= !('code' in error);
      this.options.logger.warn({ err: error }, 'broker connection failed');
    });
  }

  get pending(): number {
    return this.acknowledgements.size;
  }

  get connected(): boolean {
    return this.open && this.client.connected;
  }

  get malformed(): boolean {
    return this.wasMalformed;
  }

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

  publish(topic: string, payload: Buffer): void {
    if (this.connected) this.client.publish(topic, payload, { qos: 1 }, () => undefined);
  }

  async end(): Promise<void> {
    if (!this.open) return;
    this.sendPubacks();
    this.isEnding = true;
    this.client.end(false);
    const timer = setTimeout(() => this.client.end(true), GOODBYE_MS);
    await this.closed;
    clearTimeout(timer);
  }

  private handle(packet: IPublishPacket, done: (error?: Error) => void): void {
    const { messageId, qos, topic } = packet;
    const payload = Buffer.isBuffer(packet.payload) ? packet.payload : Buffer.from(packet.payload, 'utf8');
    if (qos !== 1 || messageId === undefined) {
      // Its publisher asked for no acknowledgement of its own; it is taken all the same.
      this.options.arrived(new BrokerMessage(topic, payload, null, null, this.acknowledgements));
      done();
      return;
    }
    const message = new BrokerMessage(topic, payload, null, messageId, this.acknowledgements);
    this.acknowledgements.arrived(message);
    this.options.arrived(message);
    const goOn = (): void => done(DEFERRED);
    if (this.pending < this.mostPending && this.acknowledgements.bytes < MOST_BYTES) goOn();
    else this.hold(goOn);
  }

  private puback(messageId: number): void {
    if (this.pubacks.push(PUBACK, messageId) === 2) setImmediate(() => this.sendPubacks());
    this.letGo();
  }

  /** By the stream: MQTT.js writes each packet in pieces, and each piece is an object and an entry of a system call. */
  private sendPubacks(): void {
    const { pubacks } = this;
    this.pubacks = [];
    if (!this.open || this.isEnding || pubacks.length === 0) return;
    const { stream } = this.client;
    if (stream.writable) stream.write(confirmationBytes(pubacks));
  }

  private hold(goOn: () => void): void {
    this.held = goOn;
    this.holdTimer = setTimeout(
      () => {
        this.options.logger.warn({ pending: this.pending }, 'too much waits for its commit, broker connection ended');
        this.client.end(true);
      },
      (this.options.keepaliveS * 1000) / 2,
    );
  }

  private letGo(): void {
    const isFull =
      this.pending > this.mostPending * GOES_ON_BELOW || this.acknowledgements.bytes > MOST_BYTES * GOES_ON_BELOW;
    if (this.held === null || isFull) return;
    clearTimeout(this.holdTimer);
    const goOn = this.held;
    this.held = null;
    // Not from inside an acknowledgement: the rest of its group comes first.
    setImmediate(goOn);
  }
}

function protocolOf(options: BrokerConnectionOptions): IClientOptions {
  if (options.version === '3.1.1') return { protocolVersion: 4 };
  const { receiveMaximum, sessionExpiryS, largestPacketBytes } = options;
  return {
    protocolVersion: 5,
    properties: { receiveMaximum, sessionExpiryInterval: sessionExpiryS, maximumPacketSize: largestPacketBytes },
  };
}

/** MQTT.js divides what stands before `@` at its last colon, which a password may have. */
function withoutCredentials(url: URL): {
  readonly address: string;
  readonly username?: string;
  readonly password?: string;
} {
  const address = new URL(url);
  address.username = '';
  address.password = '';
  return {
    address: address.href,
    ...(url.username === '' ? {} : { username: decodeURIComponent(url.username) }),
    ...(url.password === '' ? {} : { password: decodeURIComponent(url.password) }),
  };
}
