import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { type Random, sleep, TextCache } from '@coldchain/kernel';
import type { Logger } from '@coldchain/runtime';
import type { IConnectPacket } from 'mqtt-packet';
import type { GatewayAuthentication } from '../gateways/gateway-authentication.js';
import {
  type Gateway,
  type MessageReceiver,
  MessageSource,
  type PlatformChannel,
  type ReceivedMessage,
} from '../message-source.js';
import type { ConnectRefusal } from './connect-answer.js';
import { ConnectedGateways } from './connected-gateways.js';
import type { ConnectionHost } from './connection-host.js';
import { GatewayConnection } from './gateway-connection.js';
import { ListenerLoad } from './listener-load.js';
import type { ServerCertificate } from './server-certificate.js';

/** Options of {@link GatewayListener}. */
export interface GatewayListenerOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly maxConnections: number;
  /** Null: without TLS. */
  readonly certificate: ServerCertificate | null;
  readonly authentication: Pick<GatewayAuthentication, 'authenticate'>;
  readonly random: Random;
  readonly logger: Logger;
  /** How long a TLS handshake may take. */
  readonly handshakeTimeoutMs?: number;
}

const TCP = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 };
const LOOK_MS = 1_000;
const LEAVE_TIMEOUT_MS = 2_000;
const HANDSHAKE_TIMEOUT_MS = 10_000;
/** Reason codes of DISCONNECT (MQTT 5 §3.14.2.1). */
const SERVER_SHUTTING_DOWN = 0x8b;
const SESSION_TAKEN_OVER = 0x8e;

/**
 * Takes connections of gateways itself, MQTT 3.1.1 and 5, with TLS where it has a certificate: the PUBACK of a gateway means
 * that its message is in PostgreSQL, and no broker stands between. It reads PUBLISH from the received bytes without a copy,
 * keeps no session and stores no message. It is no broker: what a gateway publishes is for the platform alone, and it
 * listens on its own `acks` and `commands` alone.
 */
export class GatewayListener extends MessageSource {
  private receiver: MessageReceiver | undefined;
  private server: Server | undefined;
  private readonly connections = new Set<GatewayConnection>();
  private readonly sockets = new Set<Socket>();
  private readonly gateways = new ConnectedGateways();
  private readonly host: ConnectionHost;
  private looking: NodeJS.Timeout | undefined;
  private paused = false;
  /** Connections since the last look for which there was no place. */
  private turnedAway = 0;

  constructor(private readonly options: GatewayListenerOptions) {
    super();
    this.host = this.hostOfConnections();
  }

  /** The port that is listened on, once started. */
  get port(): number {
    const address = this.server?.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  async start(receiver: MessageReceiver): Promise<void> {
    this.receiver = receiver;
    this.server = await this.listen();
    this.looking = setInterval(() => {
      const now = performance.now();
      for (const connection of this.connections) connection.look(now);
      this.reportTurnedAway();
    }, LOOK_MS);
  }

  async pause(): Promise<void> {
    this.paused = true;
    // Resolves only when the last connection has ended: not awaited, `stop` ends them.
    this.server?.close();
  }

  listens(gateway: Gateway): boolean {
    for (const connection of this.gateways.of(gateway)) if (connection.listens('acks')) return true;
    return false;
  }

  send(gateway: Gateway, channel: PlatformChannel, payload: Buffer): void {
    for (const connection of this.gateways.of(gateway)) connection.publish(channel, payload);
  }

  async stop(): Promise<void> {
    await this.pause();
    clearInterval(this.looking);
    this.options.certificate?.stop();
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), LEAVE_TIMEOUT_MS);
    for (const connection of this.connections) connection.end(SERVER_SHUTTING_DOWN);
    while (!abort.signal.aborted && [...this.sockets].some((socket) => socket.writableLength > 0)) {
      await sleep(5, abort.signal);
    }
    clearTimeout(timer);
    for (const socket of this.sockets) socket.destroy();
  }

  private listen(): Promise<Server> {
    const { certificate, logger, maxConnections, port, host } = this.options;
    const server =
      certificate === null ? createServer(TCP, (socket) => this.connected(socket)) : this.tlsServer(certificate);
    server.maxConnections = maxConnections;
    server.on('drop', () => this.turnedAway++);
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, () => {
        server.off('error', reject);
        server.on('error', (error) => logger.error({ err: error }, 'listening failed'));
        resolve(server);
      });
    });
  }

  /** Once a look, however many they are. */
  private reportTurnedAway(): void {
    const { turnedAway, options } = this;
    if (turnedAway === 0) return;
    this.turnedAway = 0;
    options.logger.warn({ turnedAway, maxConnections: options.maxConnections }, 'no place for more connections');
  }

  private tlsServer(certificate: ServerCertificate): Server {
    const options = {
      ...TCP,
      ...certificate.read(),
      handshakeTimeout: this.options.handshakeTimeoutMs ?? HANDSHAKE_TIMEOUT_MS,
    };
    const server = createTlsServer(options, (socket) => this.connected(socket));
    certificate.watch((files) => server.setSecureContext(files));
    // One that fails or takes too long is only told of by Node: it would stand for ever, and hold a place.
    server.on('tlsClientError', (error, socket) => {
      this.options.logger.debug({ err: error }, 'connection failed');
      socket.destroy();
    });
    // Also those whose handshake is not done are ended by `stop`.
    server.on('connection', (socket: Socket) => this.opened(socket));
    return server;
  }

  private opened(socket: Socket): void {
    this.sockets.add(socket);
    socket.once('close', () => this.sockets.delete(socket));
  }

  private connected(socket: Socket): void {
    // Its handshake was done after the last one was taken.
    if (this.paused) {
      socket.destroy();
      return;
    }
    this.opened(socket);
    this.connections.add(new GatewayConnection(socket, this.host));
  }

  private hostOfConnections(): ConnectionHost {
    const paused = (): boolean => this.paused;
    return {
      load: new ListenerLoad(),
      topics: new TextCache(),
      logger: this.options.logger,
      get paused() {
        return paused();
      },
      prove: (packet) => this.prove(packet),
      entered: (connection, gateway, clientId) => this.entered(connection, gateway, clientId),
      received: (message) => this.received(message),
      left: (connection) => this.left(connection),
      announced: (gateway) => this.receiver?.announced(gateway),
    };
  }

  private received(message: ReceivedMessage): boolean {
    return this.receiver?.received(message) ?? false;
  }

  private async prove({ username = '', password }: IConnectPacket): Promise<Gateway | ConnectRefusal> {
    try {
      const answer = await this.options.authentication.authenticate(username, password ?? Buffer.alloc(0));
      if (answer.ok) return answer.gateway;
      if (answer.code === 'busy') return 'unavailable';
      this.options.logger.info({ code: 'gateway-refused' }, 'gateway refused');
      return 'bad-credentials';
    } catch (error) {
      this.options.logger.warn({ err: error }, 'gateways cannot be checked now');
      return 'unavailable';
    }
  }

  /** Whoever comes with the client id of another connection takes its place (MQTT 3.1.1 [MQTT-3.1.4-2]). */
  private entered(connection: GatewayConnection, gateway: Gateway, clientId: string): string {
    const id = clientId === '' ? this.options.random.bytes(12).toString('hex') : clientId;
    this.gateways.add(gateway, id, connection)?.end(SESSION_TAKEN_OVER);
    return id;
  }

  private left(connection: GatewayConnection): void {
    this.connections.delete(connection);
    const { gateway, clientId } = connection;
    if (gateway !== null) this.gateways.remove(gateway, clientId, connection);
  }
}
