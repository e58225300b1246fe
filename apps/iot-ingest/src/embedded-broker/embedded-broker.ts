import { createServer, type Server, type Socket } from 'node:net';
import { sleep } from '@coldchain/kernel';
import type { Logger } from '@coldchain/runtime';
import { Aedes, type Client, type ConnectPacket, type PublishPacket, type Subscription } from 'aedes';
import {
  type Gateway,
  type MessageReceiver,
  MessageSource,
  type PlatformChannel,
  type ReceivedMessage,
} from '../message-source.js';
import { ownTopics, refusalOf } from '../own-topics.js';
import { topicOf } from '../topics.js';
import type { GatewayAuthentication } from '../gateways/gateway-authentication.js';
import { PacketSizeGuard } from './packet-size-guard.js';

/** A packet above this ends its connection unread. Below it and above the frame limit it is set aside with its code. */
const LARGEST_PACKET_BYTES = 1024 * 1024;
const CONNECT_TIMEOUT_MS = 10_000;
const LEAVE_TIMEOUT_MS = 2_000;
/** What was taken over is not routed any further: nobody can subscribe to this topic. */
const TAKEN_OVER = 'coldchain/taken-over';
const NOTHING = Buffer.alloc(0);

/** CONNACK return codes of MQTT 3.1.1 §3.2.2.3. */
const SERVER_UNAVAILABLE = 3;
const BAD_USER_NAME_OR_PASSWORD = 4;

/** Options of {@link EmbeddedBroker}. */
export interface EmbeddedBrokerOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly maxConnections: number;
  readonly authentication: GatewayAuthentication;
  readonly logger: Logger;
}

/**
 * An MQTT 3.1.1 broker (aedes) in this process. Its one trick is the hook `authorizePublish`: what is awaited there
 * happens before the PUBACK, so the PUBACK of a gateway means that its message is in PostgreSQL. It keeps no session
 * and stores no message: gateways keep their frames until the application acknowledgement covers them.
 */
export class EmbeddedBroker extends MessageSource {
  private receiver: MessageReceiver | undefined;
  private broker: Aedes | undefined;
  private server: Server | undefined;
  private readonly sockets = new Set<Socket>();
  private readonly gateways = new WeakMap<Client, Gateway>();
  private readonly listeners = new Map<number, Set<Client>>();
  private paused = false;

  constructor(private readonly options: EmbeddedBrokerOptions) {
    super();
  }

  /** The port that is listened on, once started. */
  get port(): number {
    const address = this.server?.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  async start(receiver: MessageReceiver): Promise<void> {
    this.receiver = receiver;
    const broker = await Aedes.createBroker({
      connectTimeout: CONNECT_TIMEOUT_MS,
      maxTopicLevels: 8,
      preConnect: (_client, packet, done) => {
        prepareConnect(packet);
        done(null, true);
      },
      authenticate: (client, userName, password, done) => {
        this.authenticate(client, userName ?? '', password ?? NOTHING, done);
      },
      authorizePublish: (client, packet, done) => this.takeOver(client, packet, done),
      authorizeSubscribe: (client, subscription, done) => done(null, this.allowed(client, subscription)),
    });
    broker.on('subscribe', (subscriptions, client) => this.subscribed(client, subscriptions));
    broker.on('unsubscribe', (topics, client) => this.unsubscribed(client, topics));
    broker.on('clientDisconnect', (client) => this.forget(client));
    broker.on('clientError', (client, error) =>
      this.options.logger.debug({ err: error, client: client.id }, 'connection failed'),
    );
    this.broker = broker;
    this.server = await this.listen(broker);
  }

  async pause(): Promise<void> {
    this.paused = true;
    const server = this.server;
    // Resolves only when the last connection has ended: not awaited, `stop` ends them.
    server?.close();
  }

  listens(gateway: Gateway): boolean {
    return (this.listeners.get(gateway.id)?.size ?? 0) > 0;
  }

  send(gateway: Gateway, channel: PlatformChannel, payload: Buffer): void {
    const { broker } = this;
    if (broker === undefined || broker.closed || !this.listens(gateway)) return;
    const topic = topicOf(gateway.organisation, gateway.name, channel);
    // Not waited for: a gateway that reads slowly must not keep the others from theirs.
    broker.publish({ cmd: 'publish', topic, payload, qos: 1, retain: false, dup: false }, (error) => {
      if (error) this.options.logger.debug({ err: error, gateway: gateway.id }, 'acknowledgement not delivered');
    });
  }

  async stop(): Promise<void> {
    await this.pause();
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), LEAVE_TIMEOUT_MS);
    // The broker destroys its sockets, and with them what is still in their buffers: PUBACKs go first.
    await new Promise((resolve) => setImmediate(resolve));
    while (!abort.signal.aborted && [...this.sockets].some((socket) => socket.writableLength > 0)) {
      await sleep(5, abort.signal);
    }
    clearTimeout(timer);
    const { broker } = this;
    if (broker !== undefined) await new Promise<void>((resolve) => broker.close(resolve));
    for (const socket of this.sockets) socket.destroy();
  }

  private listen(broker: Aedes): Promise<Server> {
    const server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 }, (socket) => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
      broker.handle(socket);
      const guard = new PacketSizeGuard(LARGEST_PACKET_BYTES);
      // With a `readable` listener (the broker's) this event comes from inside read(): it copies and delays nothing.
      socket.on('data', (chunk: Buffer) => {
        if (guard.accepts(chunk)) return;
        this.options.logger.warn({ limitBytes: LARGEST_PACKET_BYTES }, 'packet too large, connection ended');
        socket.destroy();
      });
    });
    server.maxConnections = this.options.maxConnections;
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.options.port, this.options.host, () => {
        server.off('error', reject);
        server.on('error', (error) => this.options.logger.error({ err: error }, 'listening failed'));
        resolve(server);
      });
    });
  }

  private authenticate(
    client: Client,
    userName: string,
    password: Buffer,
    done: (error: (Error & { returnCode: number }) | null, success: boolean | null) => void,
  ): void {
    const refuse = (returnCode: number, message: string): void =>
      done(Object.assign(new Error(message), { returnCode }), null);
    this.options.authentication.authenticate(userName, password).then(
      (answer) => {
        if (answer.ok) {
          this.gateways.set(client, answer.gateway);
          done(null, true);
        } else if (answer.code === 'busy') refuse(SERVER_UNAVAILABLE, 'too many connection attempts');
        else {
          this.options.logger.info({ code: 'gateway-refused' }, 'gateway refused');
          refuse(BAD_USER_NAME_OR_PASSWORD, 'unknown gateway or wrong password');
        }
      },
      (error: unknown) => {
        this.options.logger.warn({ err: error }, 'gateways cannot be checked now');
        refuse(SERVER_UNAVAILABLE, 'gateways cannot be checked now');
      },
    );
  }

  /** Holds the PUBACK until the receiver acknowledges, whatever the message is: nothing of it is lost by a refusal. */
  private takeOver(client: Client | null, packet: PublishPacket, done: (error?: Error | null) => void): void {
    const gateway = client === null ? undefined : this.gateways.get(client);
    if (gateway === undefined) {
      done(new Error('sender unknown'));
      return;
    }
    // No answer while stopping: without a PUBACK the gateway sends it again, to whoever is there then.
    if (this.paused || this.receiver === undefined) return;
    if (this.receiver.received(receivedMessage(gateway, packet, done))) return;
    this.options.logger.warn({ gateway: gateway.id }, 'too much waits for its commit, connection ended');
    done(new Error('too much waits for its commit'));
  }

  private allowed(client: Client, subscription: Subscription): Subscription | null {
    const gateway = this.gateways.get(client);
    if (gateway === undefined) return null;
    const own = (['acks', 'commands'] as const).map((channel) => topicOf(gateway.organisation, gateway.name, channel));
    return own.includes(subscription.topic) ? subscription : null;
  }

  private subscribed(client: Client, subscriptions: readonly Subscription[]): void {
    const gateway = this.gateways.get(client);
    if (gateway === undefined) return;
    const acks = topicOf(gateway.organisation, gateway.name, 'acks');
    if (!subscriptions.some((subscription) => subscription.topic === acks)) return;
    const clients = this.listeners.get(gateway.id) ?? new Set();
    this.listeners.set(gateway.id, clients.add(client));
    this.receiver?.announced(gateway);
  }

  private unsubscribed(client: Client, topics: readonly string[]): void {
    const gateway = this.gateways.get(client);
    if (gateway !== undefined && topics.includes(topicOf(gateway.organisation, gateway.name, 'acks')))
      this.forget(client);
  }

  private forget(client: Client): void {
    const gateway = this.gateways.get(client);
    if (gateway === undefined) return;
    const clients = this.listeners.get(gateway.id);
    clients?.delete(client);
    if (clients?.size === 0) this.listeners.delete(gateway.id);
  }
}

/**
 * A client id belongs to its user name: otherwise one gateway could end another's connection by taking its id. And every
 * session is clean: none is kept for gateways that never return.
 */
function prepareConnect(packet: ConnectPacket): void {
  if (packet.clientId !== '' && packet.protocolVersion === 4)
    packet.clientId = `${packet.username ?? ''}|${packet.clientId}`;
  packet.clean = true;
}

function receivedMessage(gateway: Gateway, packet: PublishPacket, done: () => void): ReceivedMessage {
  const { topic } = packet;
  const payload = Buffer.isBuffer(packet.payload) ? packet.payload : Buffer.from(packet.payload, 'utf8');
  const own = ownTopics(gateway);
  const refusal = refusalOf(own, topic, payload);
  const channel = refusal !== null ? 'refused' : topic === own.readings ? 'readings' : 'status';
  if (channel === 'status') packet.retain = true;
  else {
    packet.topic = TAKEN_OVER;
    packet.payload = NOTHING;
    packet.retain = false;
  }
  return { gateway, topic, payload, channel, refusal, acknowledge: () => done() };
}
