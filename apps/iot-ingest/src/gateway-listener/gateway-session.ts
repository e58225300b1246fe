import {
  generate,
  type IConnectPacket,
  type ISubscribePacket,
  type IUnsubscribePacket,
  type Packet,
} from 'mqtt-packet';
import type { Gateway, PlatformChannel } from '../message-source.js';
import { PUBACK, PUBREC } from '../mqtt-packets/confirmation-bytes.js';
import { OutgoingPublications } from '../mqtt-packets/outgoing-publications.js';
import type { PacketWriter } from '../mqtt-packets/packet-writer.js';
import { publishBytes, type PublishRules } from '../mqtt-packets/publish-packet.js';
import { TopicAliases } from '../mqtt-packets/topic-aliases.js';
import { type OwnTopics, ownTopics } from '../own-topics.js';
import { topicOf } from '../topics.js';
import { MOST_ALIASES } from './connect-answer.js';
import type { ConnectionHost } from './connection-host.js';
import type { GatewayMessage } from './gateway-message.js';
import { reasonOf } from './refusal-reason.js';

/** Publications without PUBACK at once, and those behind them: what is published is computed anew by and by. */
const MOST_UNCONFIRMED = 20;
const MOST_WAITING = 100;
const MOST_UNSENT_BYTES = 64 * 1024;
/** Of a PUBLISH beside its topic and its payload. */
const MOST_PUBLISH_BYTES = 10;
/** Of SUBACK and UNSUBACK (MQTT 3.1.1 §3.9.3, MQTT 5 §3.9.3 and §3.11.3). */
const NOT_GRANTED = 0x80;
const NOT_AUTHORISED = 0x87;
const NO_SUBSCRIPTION = 0x11;
const CHANNELS = ['acks', 'commands'] as const;

/** What a CONNECT and its proof say about a gateway. */
export interface SessionOptions {
  readonly gateway: Gateway;
  readonly clientId: string;
  readonly version: '5' | '3.1.1';
  readonly connect: IConnectPacket;
  readonly writer: PacketWriter;
  readonly host: Pick<ConnectionHost, 'topics' | 'announced'>;
}

/** What a gateway that has proved who it is and its connection agreed on, and what it listens on; it ends with the connection. */
export class GatewaySession {
  readonly gateway: Gateway;
  readonly clientId: string;
  readonly own: OwnTopics;
  readonly rules: PublishRules;
  readonly keepAliveMs: number;
  private readonly protocol: { readonly protocolVersion: 4 | 5; readonly properties?: IConnectPacket['properties'] };
  private readonly publications: OutgoingPublications;
  /** QoS of what it listens on. */
  private readonly granted = new Map<PlatformChannel, 0 | 1>();

  constructor(private readonly options: SessionOptions) {
    const { gateway, clientId, version, connect, host, writer } = options;
    const { properties, keepalive = 0 } = connect;
    this.gateway = gateway;
    this.clientId = clientId;
    this.own = ownTopics(gateway);
    const aliases = version === '5' ? new TopicAliases(MOST_ALIASES) : null;
    this.rules = { version, mostQos: 2, topics: host.topics, aliases };
    this.keepAliveMs = keepalive * 1000;
    this.protocol = { protocolVersion: version === '5' ? 5 : 4, ...(properties === undefined ? {} : { properties }) };
    this.publications = new OutgoingPublications(1, MOST_WAITING, (messageId, topic, payload) =>
      writer.write(publishBytes(topic, payload, { messageId, version })),
    );
    this.publications.mostUnconfirmed = Math.min(properties?.receiveMaximum ?? MOST_UNCONFIRMED, MOST_UNCONFIRMED);
  }

  /** Of its packets. */
  get protocolVersion(): 4 | 5 {
    return this.protocol.protocolVersion;
  }

  listens(channel: PlatformChannel): boolean {
    return this.granted.has(channel);
  }

  /** Sends a packet. */
  send(packet: Packet): void {
    this.options.writer.write(generate(packet, this.protocol));
  }

  /** Publishes to the gateway, where it listens on that channel. */
  publish(channel: PlatformChannel, payload: Buffer): void {
    const qos = this.granted.get(channel);
    if (qos === undefined) return;
    const { writer, version, gateway } = this.options;
    const topic = topicOf(gateway.organisation, gateway.name, channel);
    // MQTT 5 [MQTT-3.1.2-25]: what is larger than the gateway said that it takes is dropped, or it would end the connection.
    const bytes = topic.length + payload.length + MOST_PUBLISH_BYTES;
    if (bytes > (this.protocol.properties?.maximumPacketSize ?? Infinity)) return;
    if (qos === 1) this.publications.add(topic, payload);
    // Of one that does not read, what is computed anew anyway is dropped.
    else if (writer.unsentBytes < MOST_UNSENT_BYTES)
      writer.write(publishBytes(topic, payload, { messageId: null, version }));
  }

  /** The gateway has what was published under this id. */
  confirmed(messageId: number): void {
    this.publications.confirmed(messageId);
  }

  subscribe({ messageId = 0, subscriptions }: ISubscribePacket): void {
    const isNew = !this.listens('acks');
    const granted = subscriptions.map(({ topic, qos }) => {
      const channel = this.channelOf(topic);
      if (channel === undefined) return this.protocolVersion === 5 ? NOT_AUTHORISED : NOT_GRANTED;
      const given = qos === 0 ? 0 : 1;
      this.granted.set(channel, given);
      return given;
    });
    this.send({ cmd: 'suback', messageId, granted });
    if (isNew && this.listens('acks')) this.options.host.announced(this.gateway);
  }

  unsubscribe({ messageId = 0, unsubscriptions }: IUnsubscribePacket): void {
    const granted = unsubscriptions.map((topic) => {
      const channel = this.channelOf(topic);
      return channel !== undefined && this.granted.delete(channel) ? 0 : NO_SUBSCRIPTION;
    });
    this.send({ cmd: 'unsuback', messageId, granted });
  }

  /** PUBACK or PUBREC; one of MQTT 5 is told under which code its message was set aside. */
  confirm(messageId: number, { qos, setAside }: GatewayMessage): void {
    if (setAside === null || this.protocolVersion === 4) {
      this.options.writer.confirm(qos === 2 ? PUBREC : PUBACK, messageId);
      return;
    }
    const isTold = this.protocol.properties?.requestProblemInformation !== false;
    const properties = isTold ? { properties: { reasonString: setAside } } : {};
    this.send({ cmd: qos === 2 ? 'pubrec' : 'puback', messageId, reasonCode: reasonOf(setAside), ...properties });
  }

  private channelOf(topic: string): PlatformChannel | undefined {
    const { organisation, name } = this.gateway;
    return CHANNELS.find((channel) => topic === topicOf(organisation, name, channel));
  }
}
