import type { Socket } from 'node:net';
import type { TextCache } from '@coldchain/kernel';
import type { Logger } from '@coldchain/runtime';
import {
  generate,
  type IConnectPacket,
  type ISubscribePacket,
  type IUnsubscribePacket,
  type Packet,
} from 'mqtt-packet';
import type { Gateway, PlatformChannel, ReceivedMessage } from '../message-source.js';
import { OrderedAcknowledgements } from '../mqtt-packets/ordered-acknowledgements.js';
import { OutgoingPublications } from '../mqtt-packets/outgoing-publications.js';
import { isPublish, PacketMalformed, PacketSplitter } from '../mqtt-packets/packet-splitter.js';
import { PacketWriter, PUBACK, PUBCOMP, PUBREC } from '../mqtt-packets/packet-writer.js';
import { publishBytes, type PublishRules, readPublish } from '../mqtt-packets/publish-packet.js';
import { TopicAliases } from '../mqtt-packets/topic-aliases.js';
import { topicOf } from '../topics.js';
import { connack, type ConnectRefusal, connectRefusal, LARGEST_PACKET_BYTES, MOST_ALIASES } from './connect-answer.js';
import { GatewayMessage, ownTopics, type OwnTopics } from './gateway-message.js';
import type { ConnectionLoad, ListenerLoad } from './listener-load.js';
import { onlyPacket } from './only-packet.js';
import { reasonOf } from './refusal-reason.js';

/** What a connection needs of its listener. */
export interface ConnectionHost {
  readonly load: ListenerLoad;
  /** Names of topics, which are the same on all connections. */
  readonly topics: TextCache;
  readonly logger: Logger;
  /** Whether nothing is to be handed over any more. */
  readonly paused: boolean;
  /** Proves who it is. Never rejects. */
  prove(packet: IConnectPacket): Promise<Gateway | ConnectRefusal>;
  /** Is known by this client id from now on; another connection of that id is ended. The id: the gateway's, or one for it. */
  entered(connection: GatewayConnection, gateway: Gateway, clientId: string): string;
  /** False: there is no room for it. */
  received(message: ReceivedMessage): boolean;
  /** Its connection has ended. */
  left(connection: GatewayConnection): void;
  subscribed(connection: GatewayConnection, gateway: Gateway, channel: PlatformChannel): void;
  unsubscribed(connection: GatewayConnection, gateway: Gateway, channel: PlatformChannel): void;
}

const CONNECT = 1;
const CONNECT_TIMEOUT_MS = 10_000;
/** How long the other side may take to end a connection that was ended here. */
const LEAVE_TIMEOUT_MS = 2_000;
/** A CONNECT has no reason to be longer, with a status as last will. */
const LONGEST_CONNECT_BYTES = 128 * 1024;
/** What is published is computed anew by and by. */
const MOST_WAITING_PUBLICATIONS = 100;
/** Reason codes of MQTT 5 §3.14.2.1. */
const NORMAL = 0x00;
const MALFORMED = 0x81;
const IMPLEMENTATION_SPECIFIC = 0x83;
const QUOTA_EXCEEDED = 0x97;
/** Of SUBACK (§3.9.3 of both versions) and UNSUBACK. */
const NOT_GRANTED = 0x80;
const NOT_AUTHORISED = 0x87;
const NO_SUBSCRIPTION = 0x11;
const CHANNELS = ['acks', 'commands'] as const;

/** What is known of a gateway once it has proved who it is. */
interface Standing {
  readonly gateway: Gateway;
  readonly own: OwnTopics;
  readonly clientId: string;
  readonly rules: PublishRules;
  readonly protocol: { readonly protocolVersion: 4 | 5; readonly properties?: IConnectPacket['properties'] };
  readonly publications: OutgoingPublications;
  readonly keepAliveMs: number;
  /** QoS of what it listens on. */
  readonly granted: Map<PlatformChannel, number>;
}

/**
 * One connection of a gateway, MQTT 3.1.1 or 5 as its CONNECT says. PUBACK goes out after the COMMIT and in the order of
 * arrival; nothing is kept when the connection has ended. While much of it waits for its commit, no more is read from it.
 */
export class GatewayConnection {
  private readonly acknowledgements: OrderedAcknowledgements<GatewayMessage>;
  private readonly splitter: PacketSplitter;
  private readonly writer: PacketWriter;
  private readonly since = performance.now();
  private standing: Standing | null = null;
  private will: Pick<GatewayMessage, 'topic' | 'payload'> | null = null;
  private proving = false;
  private held = false;
  private bytesBefore = 0;
  private heardAt = performance.now();
  /** When it was ended here; null: it stands, or its other side ended it. */
  private endedAt: number | null = null;

  constructor(
    private readonly socket: Socket,
    private readonly host: ConnectionHost,
  ) {
    this.acknowledgements = new OrderedAcknowledgements(
      (messageId, message) => this.confirm(messageId, message),
      (message) => {
        host.load.remove(message.payload.length);
        this.letGo();
      },
    );
    this.writer = new PacketWriter(socket);
    this.splitter = new PacketSplitter(
      LARGEST_PACKET_BYTES,
      (bytes, start, body, end, missing) => {
        if (isPublish(bytes[start] as number)) this.published(bytes, start, body, end, missing);
        else this.packet(bytes.subarray(start, end));
      },
      () => this.proving || this.held || this.hasEnded,
    );
    socket.on('data', (chunk) => this.arrived(chunk));
    socket.on('drain', () => this.letGo());
    socket.on('error', (error) => host.logger.debug({ err: error }, 'connection failed'));
    socket.once('close', () => this.gone());
  }

  /** Who it is; null: not proved yet. */
  get gateway(): Gateway | null {
    return this.standing?.gateway ?? null;
  }

  /** The client id that it is known by. */
  get clientId(): string {
    return this.standing?.clientId ?? '';
  }

  private get hasEnded(): boolean {
    return this.endedAt !== null;
  }

  /** Publishes to the gateway, where it listens on that channel. */
  publish(channel: PlatformChannel, payload: Buffer): void {
    const { standing } = this;
    const qos = standing?.granted.get(channel);
    if (standing === null || qos === undefined || this.hasEnded) return;
    const { gateway, publications, rules } = standing;
    const topic = topicOf(gateway.organisation, gateway.name, channel);
    if (qos === 1) publications.add(topic, payload);
    // Of one that does not read, what is computed anew anyway is dropped.
    else if (this.writer.unsentBytes === 0)
      this.writer.write(publishBytes(topic, payload, { messageId: null, version: rules.version }));
  }

  /** Looks whether it is silent for too long: one and a half of its keep-alive (MQTT 3.1.1 [MQTT-3.1.2-24]). */
  look(now: number): void {
    const { standing, endedAt } = this;
    if (standing === null && now - this.since > CONNECT_TIMEOUT_MS) this.socket.destroy();
    if (endedAt !== null && now - endedAt > LEAVE_TIMEOUT_MS) this.socket.destroy();
    // What is not read cannot be heard.
    if (standing === null || standing.keepAliveMs === 0 || this.held) return;
    if (now - this.heardAt > 1.5 * standing.keepAliveMs) this.socket.destroy();
  }

  /** Ends it, after everything that was written has left. A reason is told to a gateway of MQTT 5. */
  end(reasonCode: number): void {
    if (this.hasEnded) return;
    if (this.standing?.rules.version === '5') this.send({ cmd: 'disconnect', reasonCode });
    this.leave();
  }

  private arrived(chunk: Buffer): void {
    if (this.hasEnded || this.host.paused) return;
    this.heardAt = performance.now();
    if (this.standing === null && !this.proving) {
      const isFirst = this.bytesBefore === 0;
      this.bytesBefore += chunk.length;
      // Before anybody has proved anything, nothing but a CONNECT is collected.
      if ((isFirst && (chunk[0] as number) >> 4 !== CONNECT) || this.bytesBefore > LONGEST_CONNECT_BYTES) {
        this.socket.destroy();
        return;
      }
    }
    this.take(() => this.splitter.push(chunk));
  }

  private take(work: () => void): void {
    try {
      work();
    } catch (error) {
      const isTheirs = error instanceof PacketMalformed;
      if (isTheirs) this.host.logger.debug({ err: error, gateway: this.gateway?.id }, 'connection broken');
      else this.host.logger.error({ err: error, gateway: this.gateway?.id }, 'packet not handled');
      this.end(isTheirs ? MALFORMED : IMPLEMENTATION_SPECIFIC);
    }
  }

  private published(bytes: Buffer, start: number, body: number, end: number, missing: number): void {
    const { standing } = this;
    if (standing === null) throw new PacketMalformed('PUBLISH before CONNECT');
    const { gateway, own, rules } = standing;
    const packet = readPublish(bytes, { start, body, end }, rules);
    if (missing > 0) this.host.logger.warn({ gateway: gateway.id, bytes: end - start + missing }, 'message too large');
    const message = new GatewayMessage(gateway, own, packet, missing > 0, this.acknowledgements);
    this.acknowledgements.arrived(message);
    this.host.load.add(packet.payload.length);
    if (this.host.received(message)) {
      if (this.host.load.isTooMuch(this.inHand())) this.hold();
      return;
    }
    this.host.load.remove(packet.payload.length);
    this.host.logger.warn({ gateway: gateway.id }, 'too much waits for its commit, connection ended');
    this.end(QUOTA_EXCEEDED);
  }

  private packet(bytes: Buffer): void {
    const packet = onlyPacket(bytes, this.standing?.protocol.protocolVersion ?? 4);
    if (this.standing === null) {
      if (packet.cmd !== 'connect') throw new PacketMalformed(`${packet.cmd} before CONNECT`);
      this.connect(packet);
      return;
    }
    const { protocol, publications } = this.standing;
    switch (packet.cmd) {
      case 'pingreq':
        this.send({ cmd: 'pingresp' });
        return;
      case 'puback':
        publications.confirmed(packet.messageId ?? 0);
        return;
      case 'pubrel':
        this.writer.confirm(PUBCOMP, packet.messageId ?? 0);
        return;
      case 'subscribe':
        this.subscribe(packet, this.standing);
        return;
      case 'unsubscribe':
        this.unsubscribe(packet, this.standing);
        return;
      case 'disconnect':
        // MQTT 5 §3.14.2.1: with any other reason than this one the last will is published.
        if (protocol.protocolVersion === 4 || (packet.reasonCode ?? NORMAL) === NORMAL) this.will = null;
        this.leave();
        return;
      default:
        throw new PacketMalformed(`unexpected packet: ${packet.cmd}`);
    }
  }

  private connect(packet: IConnectPacket): void {
    const refusal = connectRefusal(packet);
    const version = packet.protocolVersion === 5 ? ('5' as const) : ('3.1.1' as const);
    if (refusal !== null) {
      this.refuse(version, refusal);
      return;
    }
    this.proving = true;
    this.socket.pause();
    void this.host.prove(packet).then((answer) => {
      this.proving = false;
      if (this.hasEnded || this.socket.destroyed) return;
      if (typeof answer === 'string') this.refuse(version, answer);
      else this.welcome(packet, version, answer);
      this.goOn();
    });
  }

  private refuse(version: '5' | '3.1.1', refusal: ConnectRefusal): void {
    this.writer.write(generate(connack(version, refusal, null), { protocolVersion: version === '5' ? 5 : 4 }));
    this.leave();
  }

  private welcome(packet: IConnectPacket, version: '5' | '3.1.1', gateway: Gateway): void {
    const { properties, keepalive = 0, will } = packet;
    const clientId = this.host.entered(this, gateway, packet.clientId);
    const publications = new OutgoingPublications(1, MOST_WAITING_PUBLICATIONS, (messageId, topic, payload) =>
      this.writer.write(publishBytes(topic, payload, { messageId, version })),
    );
    publications.mostUnconfirmed = Math.min(properties?.receiveMaximum ?? 20, 20);
    const aliases = version === '5' ? new TopicAliases(MOST_ALIASES) : null;
    this.standing = {
      gateway,
      own: ownTopics(gateway),
      clientId,
      rules: { version, mostQos: 2, topics: this.host.topics, aliases },
      protocol: { protocolVersion: version === '5' ? 5 : 4, ...(properties === undefined ? {} : { properties }) },
      publications,
      keepAliveMs: keepalive * 1000,
      granted: new Map(),
    };
    if (will !== undefined) this.will = { topic: will.topic, payload: Buffer.from(will.payload as Buffer) };
    this.send(connack(version, null, packet.clientId === '' ? clientId : null));
  }

  private subscribe({ messageId = 0, subscriptions }: ISubscribePacket, standing: Standing): void {
    const { gateway, granted, protocol } = standing;
    const begun: PlatformChannel[] = [];
    const answers = subscriptions.map(({ topic, qos }) => {
      const channel = CHANNELS.find((each) => topic === topicOf(gateway.organisation, gateway.name, each));
      if (channel === undefined) return protocol.protocolVersion === 5 ? NOT_AUTHORISED : NOT_GRANTED;
      granted.set(channel, Math.min(qos, 1));
      begun.push(channel);
      return Math.min(qos, 1);
    });
    this.send({ cmd: 'suback', messageId, granted: answers });
    for (const channel of begun) this.host.subscribed(this, gateway, channel);
  }

  private unsubscribe({ messageId = 0, unsubscriptions }: IUnsubscribePacket, standing: Standing): void {
    const { gateway, granted } = standing;
    const answers = unsubscriptions.map((topic) => {
      const channel = CHANNELS.find((each) => topic === topicOf(gateway.organisation, gateway.name, each));
      if (channel === undefined || !granted.delete(channel)) return NO_SUBSCRIPTION;
      this.host.unsubscribed(this, gateway, channel);
      return 0;
    });
    this.send({ cmd: 'unsuback', messageId, granted: answers });
  }

  private confirm(messageId: number, { qos, setAside }: GatewayMessage): void {
    const { standing } = this;
    if (standing === null || this.hasEnded) return;
    if (setAside === null || standing.rules.version !== '5') {
      this.writer.confirm(qos === 2 ? PUBREC : PUBACK, messageId);
    } else {
      const isTold = standing.protocol.properties?.requestProblemInformation !== false;
      const properties = isTold ? { properties: { reasonString: setAside } } : {};
      this.send({ cmd: qos === 2 ? 'pubrec' : 'puback', messageId, reasonCode: reasonOf(setAside), ...properties });
    }
  }

  private send(packet: Packet): void {
    this.writer.write(generate(packet, this.standing?.protocol ?? { protocolVersion: 4 }));
  }

  private inHand(): ConnectionLoad {
    const { size: messages, bytes } = this.acknowledgements;
    return { messages, bytes, unsentBytes: this.writer.unsentBytes };
  }

  private hold(): void {
    this.held = true;
    this.socket.pause();
  }

  private letGo(): void {
    if (!this.held || !this.host.load.isRelieved(this.inHand())) return;
    this.held = false;
    // Not from inside an acknowledgement: the rest of its group comes first.
    setImmediate(() => this.goOn());
  }

  /** Takes what arrived while nothing was to be taken, and reads on. */
  private goOn(): void {
    if (this.held || this.hasEnded || this.socket.destroyed) return;
    this.heardAt = performance.now();
    this.take(() => this.splitter.takeAll());
    if (!this.held && !this.proving) this.socket.resume();
  }

  /** Everything that was written leaves first. */
  private leave(): void {
    this.endedAt = performance.now();
    this.writer.flush();
    // Read on, or the end of the other side would not be noticed.
    this.socket.resume().end();
  }

  private gone(): void {
    this.endedAt ??= performance.now();
    const { standing, will } = this;
    this.host.left(this);
    if (standing === null) return;
    const { gateway, own } = standing;
    for (const channel of standing.granted.keys()) this.host.unsubscribed(this, gateway, channel);
    // That we stop is no word of the gateway's.
    if (will === null || this.host.paused) return;
    const packet = { ...will, messageId: null, qos: 0 as const };
    const message = new GatewayMessage(gateway, own, packet, false, this.acknowledgements);
    this.host.load.add(message.payload.length);
    if (this.host.received(message)) return;
    this.host.load.remove(message.payload.length);
    this.host.logger.warn({ gateway: gateway.id }, 'last will not taken: too much waits for its commit');
  }
}
