import type { Socket } from 'node:net';
import { generate, type IConnectPacket } from 'mqtt-packet';
import type { Gateway, PlatformChannel } from '../message-source.js';
import { PUBCOMP } from '../mqtt-packets/confirmation-bytes.js';
import { OrderedAcknowledgements } from '../mqtt-packets/ordered-acknowledgements.js';
import { isPublish, PacketMalformed, PacketSplitter } from '../mqtt-packets/packet-splitter.js';
import { PacketWriter } from '../mqtt-packets/packet-writer.js';
import { readPublish } from '../mqtt-packets/publish-packet.js';
import { connack, type ConnectRefusal, connectRefusal, LARGEST_PACKET_BYTES } from './connect-answer.js';
import type { ConnectionHost } from './connection-host.js';
import { GatewayMessage } from './gateway-message.js';
import { GatewaySession } from './gateway-session.js';
import type { ConnectionLoad } from './listener-load.js';
import { onlyPacket } from './only-packet.js';

const CONNECT = 1;
const PINGREQ = 0xc0;
const PING_BYTES = 2;
const CONNECT_TIMEOUT_MS = 10_000;
/** How long the other side may take to end a connection that was ended here. */
const LEAVE_TIMEOUT_MS = 2_000;
/** A CONNECT has no reason to be longer, with a status as last will; as much may be kept of anybody who connects. */
const LONGEST_CONNECT_BYTES = 16 * 1024;
/** How long a gateway that is not read because it does not read either may stay so. */
const STUCK_TIMEOUT_MS = 5 * 60_000;
/** Reason codes of MQTT 5 §3.14.2.1. */
const NORMAL = 0x00;
const MALFORMED = 0x81;
const IMPLEMENTATION_SPECIFIC = 0x83;
const QUOTA_EXCEEDED = 0x97;

/**
 * One connection of a gateway, MQTT 3.1.1 or 5 as its CONNECT says. PUBACK goes out after the COMMIT and in the order of
 * arrival; nothing is kept when the connection has ended. While much of it waits for its commit, no more is read from it.
 */
export class GatewayConnection {
  private readonly acknowledgements: OrderedAcknowledgements<GatewayMessage>;
  private readonly splitter: PacketSplitter;
  private readonly writer: PacketWriter;
  private readonly since = performance.now();
  private session: GatewaySession | null = null;
  private will: Pick<GatewayMessage, 'topic' | 'payload'> | null = null;
  private proving = false;
  /** Since when no more is read of it; null: it is read. */
  private heldAt: number | null = null;
  private bytesBefore = 0;
  private heardAt = performance.now();
  /** When it was ended here; null: it stands, or its other side ended it. */
  private endedAt: number | null = null;

  constructor(
    private readonly socket: Socket,
    private readonly host: ConnectionHost,
  ) {
    this.acknowledgements = new OrderedAcknowledgements(
      (messageId, message) => {
        if (!this.hasEnded) this.session?.confirm(messageId, message);
      },
      (message) => {
        host.load.remove(message.bytes);
        this.letGo();
      },
    );
    this.writer = new PacketWriter(socket);
    this.splitter = new PacketSplitter(
      LARGEST_PACKET_BYTES,
      (bytes, start, body, end, missing) => {
        if (isPublish(bytes[start] as number)) this.published(bytes, start, body, end, missing);
        else this.packet(bytes.subarray(start, end));
        if (this.session !== null && host.load.isTooMuch(this.inHand())) this.hold();
      },
      () => this.proving || this.isHeld || this.hasEnded || host.paused,
    );
    socket.on('data', (chunk) => this.arrived(chunk));
    socket.on('drain', () => this.letGo());
    socket.on('error', (error) => host.logger.debug({ err: error }, 'connection failed'));
    socket.once('close', () => this.gone());
  }

  /** Who it is; null: not proved yet. */
  get gateway(): Gateway | null {
    return this.session?.gateway ?? null;
  }

  /** The client id that it is known by. */
  get clientId(): string {
    return this.session?.clientId ?? '';
  }

  private get isHeld(): boolean {
    return this.heldAt !== null;
  }

  private get hasEnded(): boolean {
    return this.endedAt !== null;
  }

  /** Whether it listens on a channel. */
  listens(channel: PlatformChannel): boolean {
    return !this.hasEnded && this.session?.listens(channel) === true;
  }

  /** Publishes to the gateway, where it listens on that channel. */
  publish(channel: PlatformChannel, payload: Buffer): void {
    if (!this.hasEnded) this.session?.publish(channel, payload);
  }

  /** Looks whether it is silent for too long: one and a half of its keep-alive (MQTT 3.1.1 [MQTT-3.1.2-24]). */
  look(now: number): void {
    const { session, endedAt, heldAt, writer } = this;
    if (heldAt !== null && now - heldAt > STUCK_TIMEOUT_MS && writer.unsentBytes > 0) this.socket.destroy();
    if (session === null && now - this.since > CONNECT_TIMEOUT_MS) this.socket.destroy();
    if (endedAt !== null && now - endedAt > LEAVE_TIMEOUT_MS) this.socket.destroy();
    // What is not read cannot be heard.
    if (session === null || session.keepAliveMs === 0 || heldAt !== null) return;
    if (now - this.heardAt > 1.5 * session.keepAliveMs) this.socket.destroy();
  }

  /** Ends it, after everything that was written has left. A reason is told to a gateway of MQTT 5. */
  end(reasonCode: number): void {
    if (this.hasEnded) return;
    if (this.session?.protocolVersion === 5) this.session.send({ cmd: 'disconnect', reasonCode });
    // At once: what the gateway says on the connection that takes the place of this one is newer than its last will.
    this.handWill();
    this.leave();
  }

  private get awaitsConnect(): boolean {
    return this.session === null && !this.proving && !this.hasEnded;
  }

  private arrived(chunk: Buffer): void {
    // What is not taken is sent again, to whoever is there then.
    if (this.hasEnded || this.host.paused) return;
    this.heardAt = performance.now();
    // Before anybody has proved anything, nothing but a CONNECT is collected.
    if (this.awaitsConnect && this.bytesBefore === 0 && (chunk[0] as number) >> 4 !== CONNECT) {
      this.socket.destroy();
      return;
    }
    this.take(() => this.splitter.push(chunk));
    if (!this.awaitsConnect) return;
    this.bytesBefore += chunk.length;
    if (this.bytesBefore > LONGEST_CONNECT_BYTES) this.socket.destroy();
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
    const { session } = this;
    if (session === null) throw new PacketMalformed('PUBLISH before CONNECT');
    const { gateway, own, rules } = session;
    const packet = readPublish(bytes, { start, body, end }, rules);
    if (missing > 0) this.host.logger.warn({ gateway: gateway.id, bytes: end - start + missing }, 'message too large');
    const message = new GatewayMessage(gateway, own, packet, missing > 0, this.acknowledgements, end - start);
    this.acknowledgements.arrived(message);
    if (this.taken(message)) return;
    this.host.logger.warn({ gateway: gateway.id }, 'too much waits for its commit, connection ended');
    this.end(QUOTA_EXCEEDED);
  }

  private packet(bytes: Buffer): void {
    // Not by `onlyPacket`, which is made anew each time: others are not heard while a flood of them is answered.
    if (this.session !== null && bytes.length === PING_BYTES && bytes[0] === PINGREQ) {
      this.writer.pong();
      return;
    }
    const packet = onlyPacket(bytes, this.session?.protocolVersion ?? 4);
    const { session } = this;
    if (session === null) {
      if (packet.cmd !== 'connect') throw new PacketMalformed(`${packet.cmd} before CONNECT`);
      this.connect(packet);
      return;
    }
    switch (packet.cmd) {
      case 'puback':
        session.confirmed(packet.messageId ?? 0);
        return;
      case 'pubrel':
        this.writer.confirm(PUBCOMP, packet.messageId ?? 0);
        return;
      case 'subscribe':
        session.subscribe(packet);
        return;
      case 'unsubscribe':
        session.unsubscribe(packet);
        return;
      case 'disconnect':
        // MQTT 5 §3.14.2.1: with any other reason than this one the last will is published.
        if (session.protocolVersion === 4 || (packet.reasonCode ?? NORMAL) === NORMAL) this.will = null;
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

  private welcome(connect: IConnectPacket, version: '5' | '3.1.1', gateway: Gateway): void {
    const { host, writer } = this;
    const clientId = host.entered(this, gateway, connect.clientId);
    this.session = new GatewaySession({ gateway, clientId, version, connect, writer, host });
    const { will } = connect;
    if (will !== undefined) this.will = { topic: will.topic, payload: Buffer.from(will.payload as Buffer) };
    this.session.send(connack(version, null, connect.clientId === '' ? clientId : null));
  }

  private inHand(): ConnectionLoad {
    const { size: messages, bytes } = this.acknowledgements;
    return { messages, bytes, unsentBytes: this.writer.unsentBytes };
  }

  private hold(): void {
    this.heldAt ??= performance.now();
    this.socket.pause();
  }

  private letGo(): void {
    if (!this.isHeld || !this.host.load.isRelieved(this.inHand())) return;
    this.heldAt = null;
    // Not from inside an acknowledgement: the rest of its group comes first.
    setImmediate(() => this.goOn());
  }

  /** Takes what arrived while nothing was to be taken, and reads on. */
  private goOn(): void {
    if (this.isHeld || this.hasEnded || this.host.paused || this.socket.destroyed) return;
    this.heardAt = performance.now();
    this.take(() => this.splitter.takeAll());
    if (!this.isHeld && !this.proving) this.socket.resume();
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
    this.host.left(this);
    this.handWill();
  }

  /** False: there is no room for it. */
  private taken(message: GatewayMessage): boolean {
    const { load } = this.host;
    if (load.isFull) return false;
    load.add(message.bytes);
    const isTaken = this.host.received(message);
    if (!isTaken) load.remove(message.bytes);
    return isTaken;
  }

  private handWill(): void {
    const { session, will } = this;
    // That we stop is no word of the gateway's.
    if (session === null || will === null || this.host.paused) return;
    this.will = null;
    const { gateway, own } = session;
    const packet = { ...will, messageId: null, qos: 0 as const };
    const bytes = will.topic.length + will.payload.length;
    const message = new GatewayMessage(gateway, own, packet, false, this.acknowledgements, bytes);
    if (this.taken(message)) return;
    this.host.logger.warn({ gateway: gateway.id }, 'last will not taken: too much waits for its commit');
  }
}
