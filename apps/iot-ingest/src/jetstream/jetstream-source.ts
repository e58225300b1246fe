import { type Random, sleep } from '@coldchain/kernel';
import type { Logger } from '@coldchain/runtime';
import {
  AckPolicy,
  type Consumer,
  type ConsumerMessages,
  DeliverPolicy,
  type JetStreamManager,
  jetstream,
  jetstreamManager,
  type JsMsg,
  RetentionPolicy,
  StorageType,
} from '@nats-io/jetstream';
import { connect, type NatsConnection, nanos } from '@nats-io/transport-node';
import type { GatewayDirectory } from '../gateways/gateway-directory.js';
import { type Gateway, type MessageReceiver, MessageSource, type PlatformChannel } from '../message-source.js';
import { ArrivingMessage, withGateway } from '../sources/arriving-message.js';
import { everyGateway, topicOf } from '../topics.js';
import { subjectOf, topicOfSubject } from './subjects.js';

/** Options of {@link JetStreamSource}. */
export interface JetStreamSourceOptions {
  /** One or several servers of a cluster, with user and password; separated by commas. */
  readonly url: string;
  /** Durable consumer that all instances share. */
  readonly consumer: string;
  /** Copies of the stream and of the consumer's place. */
  readonly replicas: number;
  /** A message is delivered again when it was not acknowledged in this time, ms; an outage of the database may be longer. */
  readonly ackWaitMs?: number;
  readonly directory: GatewayDirectory;
  readonly random: Random;
  readonly logger: Logger;
}

/** Where NATS keeps messages of QoS 1 that arrive by MQTT, under the subject prefix that follows. */
const STREAM = '$MQTT_msgs';
const PREFIX = '$MQTT.msgs.';
const FETCH = 1_000;
const MOST_PENDING = 5_000;
const ACK_WAIT_MS = 60_000;
const GOODBYE_MS = 2_000;
const FIRST_RETRY_MS = 200;
const LONGEST_RETRY_MS = 10_000;

/**
 * Takes what gateways publish by MQTT at a NATS cluster out of its replicated stream, with a durable pull consumer:
 * acknowledged after the COMMIT, shared by all instances. The consumer is made before anything else, because the stream
 * keeps only what a consumer wants: a PUBACK given before it exists would stand for nothing.
 */
export class JetStreamSource extends MessageSource {
  private receiver: MessageReceiver | undefined;
  private connection: NatsConnection | undefined;
  private messages: ConsumerMessages | undefined;
  private running: Promise<void> | undefined;
  private readonly stopping = new AbortController();
  private paused = false;
  /** Newest delivery of each message that is not acknowledged, by its number in the stream. */
  private readonly open = new Map<number, JsMsg>();

  constructor(private readonly options: JetStreamSourceOptions) {
    super();
  }

  get connected(): boolean {
    return this.connection !== undefined && !this.connection.isClosed() && this.messages !== undefined;
  }

  /** Gives up the place of a consumer that no instance will use again: the stream then keeps nothing for it. */
  static async forget(url: string, consumer: string): Promise<void> {
    const connection = await connectTo(url);
    try {
      await (await jetstreamManager(connection)).consumers.delete(STREAM, consumer);
    } finally {
      await connection.close();
    }
  }

  /** Returns when the cluster was tried once; it is tried for ever. */
  async start(receiver: MessageReceiver): Promise<void> {
    this.receiver = receiver;
    await new Promise<void>((resolve) => {
      this.running = this.run(resolve);
    });
  }

  async pause(): Promise<void> {
    this.paused = true;
    this.messages?.stop();
  }

  listens(): boolean {
    return this.connected;
  }

  send(gateway: Gateway, channel: PlatformChannel, payload: Buffer): void {
    // To subscribers by MQTT it comes with QoS 0: what is lost is said again.
    this.connection?.publish(subjectOf(topicOf(gateway.organisation, gateway.name, channel)), payload);
  }

  async stop(): Promise<void> {
    this.paused = true;
    this.stopping.abort();
    this.messages?.stop();
    await this.running;
    if (this.connection === undefined || this.connection.isClosed()) return;
    const flushed = new AbortController();
    const flushing = this.connection.flush().catch(() => undefined);
    await Promise.race([flushing, sleep(GOODBYE_MS, flushed.signal)]);
    flushed.abort();
    await this.connection.close();
  }

  private async run(tried: () => void): Promise<void> {
    const { signal } = this.stopping;
    for (let failures = 0; !signal.aborted;) {
      try {
        const connection = await connectTo(this.options.url);
        this.connection = connection;
        failures = 0;
        await this.consume(connection, tried);
      } catch (error) {
        if (!signal.aborted) this.options.logger.warn({ err: error }, 'cannot take messages from the cluster now');
      }
      tried();
      // Acknowledgements still go out on this connection; whoever paused it will end it.
      if (this.paused) return;
      this.messages = undefined;
      await this.connection?.close().catch(() => undefined);
      const wait = Math.min(FIRST_RETRY_MS * 2 ** failures++, LONGEST_RETRY_MS);
      await sleep(wait * (0.5 + this.options.random.unit() / 2), signal);
    }
  }

  private async consume(connection: NatsConnection, ready: () => void): Promise<void> {
    const consumer = await this.consumer(connection);
    // Messages of an earlier connection come again on this one.
    this.open.clear();
    const messages = await consumer.consume({ max_messages: FETCH });
    this.messages = messages;
    this.options.logger.info({ consumer: this.options.consumer }, 'consuming from the cluster');
    ready();
    for await (const message of messages) {
      if (this.paused) break;
      this.arrived(message);
    }
  }

  private arrived(message: JsMsg): void {
    const { seq } = message;
    const again = this.open.has(seq);
    this.open.set(seq, message);
    // Delivered again while its first copy still waits: that one's acknowledgement will be for this delivery.
    if (again) return;
    withGateway(new StreamMessage(message, this.open), this.options.directory, (handed) => {
      if (this.paused || this.receiver === undefined) return;
      if (this.receiver.received(handed)) return;
      this.options.logger.warn({ open: this.open.size }, 'too much waits for its commit, message given back');
      this.open.get(seq)?.nak(1_000);
      this.open.delete(seq);
    });
  }

  private async consumer(connection: NatsConnection): Promise<Consumer> {
    const { consumer, replicas } = this.options;
    const manager = await jetstreamManager(connection);
    await ensureStream(manager, replicas);
    await manager.consumers.add(STREAM, {
      durable_name: consumer,
      ack_policy: AckPolicy.Explicit,
      deliver_policy: DeliverPolicy.All,
      ack_wait: nanos(this.options.ackWaitMs ?? ACK_WAIT_MS),
      max_ack_pending: MOST_PENDING,
      filter_subjects: [everyGateway('readings'), everyGateway('status')].map((filter) => PREFIX + subjectOf(filter)),
    });
    return jetstream(connection).consumers.get(STREAM, consumer);
  }
}

/** A message of the stream; its newest delivery is acknowledged. */
class StreamMessage extends ArrivingMessage {
  private readonly number: number;

  constructor(
    { subject, data, seq }: JsMsg,
    private readonly open: Map<number, JsMsg>,
  ) {
    super(topicOfSubject(subject.slice(PREFIX.length)), Buffer.from(data), null);
    this.number = seq;
  }

  acknowledge(): void {
    this.open.get(this.number)?.ack();
    this.open.delete(this.number);
  }
}

async function connectTo(url: string): Promise<NatsConnection> {
  const servers = url.split(',');
  const { username, password } = new URL(servers[0] ?? '');
  return connect({
    servers: servers.map((server) => new URL(server).host),
    ...(username === '' ? {} : { user: decodeURIComponent(username), pass: decodeURIComponent(password) }),
    name: 'coldchain-ingest',
    maxReconnectAttempts: -1,
    reconnectTimeWait: 250,
  });
}

/** As the servers make it themselves with the first client that speaks MQTT; made before, nothing can come earlier. */
async function ensureStream(manager: JetStreamManager, replicas: number): Promise<void> {
  try {
    await manager.streams.info(STREAM);
  } catch (error) {
    if (!(error instanceof Error) || !/stream not found/i.test(error.message)) throw error;
    await manager.streams.add({
      name: STREAM,
      subjects: [`${PREFIX}>`],
      storage: StorageType.File,
      retention: RetentionPolicy.Interest,
      num_replicas: replicas,
    });
  }
}
