import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { TextCache } from '@coldchain/kernel';
import { generate, type IConnackPacket, type IConnectPacket, type Packet, type Parser, parser } from 'mqtt-packet';
import { PUBACK } from '../mqtt-packets/confirmation-bytes.js';
import { OrderedAcknowledgements } from '../mqtt-packets/ordered-acknowledgements.js';
import { OutgoingPublications } from '../mqtt-packets/outgoing-publications.js';
import { isPublish, PacketMalformed, PacketSplitter } from '../mqtt-packets/packet-splitter.js';
import { PacketWriter } from '../mqtt-packets/packet-writer.js';
import { publishBytes, type PublishRules, readPublish } from '../mqtt-packets/publish-packet.js';
import { BrokerConnection, type BrokerConnectionOptions, GOES_ON_BELOW } from './broker-connection.js';
import { BrokerMessage } from './broker-message.js';

const PORTS: Readonly<Record<string, number>> = { 'mqtt:': 1883, 'mqtts:': 8883 };
const CONNECT_TIMEOUT_MS = 10_000;
const GOODBYE_MS = 1_000;
const SUBSCRIBE_ID = 1;
const UNSUBSCRIBE_ID = 2;
/** Payloads that may be pending, whatever their number. */
const MOST_BYTES = 8 * 1024 * 1024;
/** From here on ids are those of publications. */
const FIRST_PUBLICATION_ID = 3;
const MOST_WAITING_PUBLICATIONS = 10_000;

/**
 * By an own reader of packets on TCP or TLS: PUBLISH is read from the received bytes without a copy, and the PUBACKs of a
 * turn of the event loop leave as one piece. All other packets, of which there are few, are those of `mqtt-packet`.
 *
 * When as much is pending as the receive maximum allows, or 8 MiB, no more is read from the socket until a quarter is
 * done: a broker that keeps to the window is not touched by it unless its messages are large, all others are held by TCP.
 * The keep-alive goes on meanwhile.
 */
export class PacketConnection extends BrokerConnection {
  private readonly acknowledgements: OrderedAcknowledgements<BrokerMessage>;
  private readonly rules: PublishRules;
  private readonly splitter: PacketSplitter;
  private readonly parser: Parser;
  private readonly publications: OutgoingPublications;
  private readonly protocol: { readonly protocolVersion: 4 | 5 };
  private socket: Socket | undefined;
  private writer: PacketWriter | undefined;
  private held = false;
  private standing = false;
  private wasMalformed = false;
  private heardAt = 0;
  private keepAlive: NodeJS.Timeout | undefined;
  private hasEnded = (): void => undefined;
  private readonly awaited = new Map<'connack' | 'suback' | 'unsuback', (packet: Packet | null) => void>();
  readonly closed: Promise<void>;

  /** Whether an address is one of those that it can connect to. */
  static speaks(url: URL): boolean {
    return url.protocol in PORTS;
  }

  constructor(private readonly options: BrokerConnectionOptions) {
    super();
    this.acknowledgements = new OrderedAcknowledgements((messageId) => this.puback(messageId), options.acknowledged);
    this.protocol = { protocolVersion: options.version === '5' ? 5 : 4 };
    const { version } = options;
    this.rules = { version, mostQos: 1, topics: new TextCache(), aliases: null };
    this.publications = new OutgoingPublications(
      FIRST_PUBLICATION_ID,
      MOST_WAITING_PUBLICATIONS,
      (messageId, topic, payload) => this.writer?.write(publishBytes(topic, payload, { messageId, version })),
    );
    this.parser = parser(this.protocol);
    this.parser.on('packet', (packet) => this.received(packet));
    this.parser.on('error', (error) => this.broken(new PacketMalformed(error.message)));
    this.splitter = new PacketSplitter(
      options.largestPacketBytes,
      (bytes, start, body, end, missing) => {
        if (isPublish(bytes[start] as number)) this.arrivedPublish(bytes, start, body, end, missing);
        else this.parser.parse(bytes.subarray(start, end));
      },
      () => this.held,
    );
    this.closed = new Promise((resolve) => (this.hasEnded = resolve));
  }

  get pending(): number {
    return this.acknowledgements.size;
  }

  get connected(): boolean {
    return this.standing;
  }

  get malformed(): boolean {
    return this.wasMalformed;
  }

  async start(): Promise<boolean> {
    const socket = this.open();
    const connack = (await this.answer('connack', CONNECT_TIMEOUT_MS)) as IConnackPacket | null;
    const code = connack?.reasonCode ?? connack?.returnCode ?? null;
    if (code === 0) {
      this.welcomed(connack?.properties);
      const granted = this.answer('suback', CONNECT_TIMEOUT_MS);
      const subscriptions = this.options.filters.map((topic) => ({ topic, qos: 1 as const }));
      this.send({ cmd: 'subscribe', messageId: SUBSCRIBE_ID, subscriptions });
      const suback = await granted;
      if (suback?.cmd === 'suback' && suback.granted.every((qos) => Number(qos) <= 2)) return true;
      if (suback !== null)
        this.options.logger.error({ filters: this.options.filters }, 'broker refuses a subscription');
    } else if (code !== null) this.options.logger.warn({ code }, 'broker refuses the connection');
    this.standing = false;
    socket.destroy();
    await this.closed;
    return false;
  }

  async unsubscribe(): Promise<void> {
    if (!this.standing) return;
    const done = this.answer('unsuback', GOODBYE_MS);
    this.send({ cmd: 'unsubscribe', messageId: UNSUBSCRIBE_ID, unsubscriptions: [...this.options.filters] });
    await done;
  }

  publish(topic: string, payload: Buffer): void {
    if (this.standing) this.publications.add(topic, payload);
  }

  async end(): Promise<void> {
    const { socket } = this;
    if (socket === undefined || socket.destroyed) return;
    if (this.standing) {
      this.send({ cmd: 'disconnect' });
      this.standing = false;
      this.writer?.flush();
    }
    // Read on, or the end of the other side would not be noticed.
    socket.removeAllListeners('data').resume().end();
    const timer = setTimeout(() => socket.destroy(), GOODBYE_MS);
    await this.closed;
    clearTimeout(timer);
  }

  private open(): Socket {
    const { url, largestPacketBytes, receiveMaximum, sessionExpiryS, clientId, keepaliveS, version } = this.options;
    const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
    const port = url.port === '' ? (PORTS[url.protocol] as number) : Number(url.port);
    const secure = url.protocol === 'mqtts:';
    const socket = secure ? connectTls({ host, port, servername: host }) : connectTcp({ host, port, noDelay: true });
    this.socket = socket;
    this.writer = new PacketWriter(socket);
    const connect: IConnectPacket = {
      cmd: 'connect',
      clientId,
      keepalive: keepaliveS,
      clean: false,
      ...this.protocol,
      ...(url.username === '' ? {} : { username: decodeURIComponent(url.username) }),
      ...(url.password === '' ? {} : { password: Buffer.from(decodeURIComponent(url.password)) }),
      ...(version === '5'
        ? {
            properties: {
              receiveMaximum,
              sessionExpiryInterval: sessionExpiryS,
              maximumPacketSize: largestPacketBytes,
            },
          }
        : {}),
    };
    socket.once(secure ? 'secureConnect' : 'connect', () => this.send(connect));
    socket.on('data', (chunk) => this.arrived(chunk));
    socket.on('error', (error) => this.options.logger.warn({ err: error }, 'broker connection failed'));
    socket.once('close', () => this.gone());
    return socket;
  }

  private welcomed(properties: IConnackPacket['properties']): void {
    this.standing = true;
    if (properties?.receiveMaximum !== undefined) this.publications.mostUnconfirmed = properties.receiveMaximum;
    const keepAliveMs = (properties?.serverKeepAlive ?? this.options.keepaliveS) * 1000;
    if (keepAliveMs === 0) return;
    // Half of it: a ping may come late, and the answer to one must come before the next but one.
    this.keepAlive = setInterval(() => {
      const silentMs = performance.now() - this.heardAt;
      if (!this.held && silentMs > 1.5 * keepAliveMs) this.broken(new Error('broker does not answer'));
      else this.send({ cmd: 'pingreq' });
    }, keepAliveMs / 2);
  }

  private arrived(chunk: Buffer): void {
    this.heardAt = performance.now();
    try {
      this.splitter.push(chunk);
    } catch (error) {
      this.broken(error);
    }
  }

  private arrivedPublish(bytes: Buffer, start: number, body: number, end: number, missing: number): void {
    const { topic, payload, messageId } = readPublish(bytes, { start, body, end }, this.rules);
    const refusal = missing > 0 ? ('packet-too-large' as const) : null;
    if (refusal !== null)
      this.options.logger.warn(
        { topic, bytes: end - start + missing },
        'message too large, its beginning is set aside',
      );
    const message = new BrokerMessage(topic, payload, refusal, messageId, this.acknowledgements);
    if (messageId !== null) {
      this.acknowledgements.arrived(message);
      if (this.pending >= this.options.receiveMaximum || this.acknowledgements.bytes >= MOST_BYTES) this.hold();
    }
    this.options.arrived(message);
  }

  private received(packet: Packet): void {
    switch (packet.cmd) {
      case 'connack':
      case 'suback':
      case 'unsuback':
        this.awaited.get(packet.cmd)?.(packet);
        return;
      case 'puback':
        if (packet.messageId !== undefined) this.publications.confirmed(packet.messageId);
        return;
      case 'disconnect':
        this.broken(new Error(`broker ends the connection: reason ${packet.reasonCode ?? 0}`));
        return;
      case 'pingresp':
        return;
      default:
        this.broken(new PacketMalformed(`unexpected packet: ${packet.cmd}`));
    }
  }

  /** Null: it did not come in time, or the connection has ended. */
  private answer(kind: 'connack' | 'suback' | 'unsuback', withinMs: number): Promise<Packet | null> {
    return new Promise((resolve) => {
      // While held nothing is read, so it may have come: what waits for the session can come before a SUBACK.
      const timedOut = (): void => {
        if (this.held) timer = setTimeout(timedOut, withinMs);
        else this.awaited.get(kind)?.(null);
      };
      let timer = setTimeout(timedOut, withinMs);
      this.awaited.set(kind, (packet) => {
        clearTimeout(timer);
        this.awaited.delete(kind);
        resolve(packet);
      });
    });
  }

  private send(packet: Packet): void {
    this.writer?.write(generate(packet, this.protocol));
  }

  private puback(messageId: number): void {
    if (this.standing) this.writer?.confirm(PUBACK, messageId);
    const hasRoom =
      this.pending <= this.options.receiveMaximum * GOES_ON_BELOW &&
      this.acknowledgements.bytes <= MOST_BYTES * GOES_ON_BELOW;
    if (this.held && hasRoom) this.letGo();
  }

  private hold(): void {
    this.held = true;
    this.socket?.pause();
  }

  private letGo(): void {
    this.held = false;
    // Not from inside an acknowledgement: the rest of its group comes first.
    setImmediate(() => {
      if (this.held || this.socket === undefined || this.socket.destroyed) return;
      try {
        this.splitter.takeAll();
        if (!this.held) this.socket.resume();
      } catch (error) {
        this.broken(error);
      }
    });
  }

  private broken(error: unknown): void {
    this.options.logger.warn({ err: error }, 'broker connection broken');
    this.standing = false;
    this.wasMalformed ||= error instanceof PacketMalformed;
    this.socket?.destroy();
  }

  private gone(): void {
    this.standing = false;
    clearInterval(this.keepAlive);
    for (const answer of this.awaited.values()) answer(null);
    this.hasEnded();
  }
}
