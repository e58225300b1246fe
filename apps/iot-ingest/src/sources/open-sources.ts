import type { Database } from '@coldchain/database';
import type { Clock, Random } from '@coldchain/kernel';
import type { Health, Logger } from '@coldchain/runtime';
import { BrokerSubscriber } from '../broker-subscriber/broker-subscriber.js';
import { EmbeddedBroker } from '../embedded-broker/embedded-broker.js';
import { GatewayAuthentication } from '../gateways/gateway-authentication.js';
import { GatewayListener } from '../gateway-listener/gateway-listener.js';
import { ServerCertificate } from '../gateway-listener/server-certificate.js';
import { GatewayDirectory } from '../gateways/gateway-directory.js';
import { HttpFrames } from '../http-frames/http-frames.js';
import { JetStreamSource } from '../jetstream/jetstream-source.js';
import type { Gateway, MessageSource } from '../message-source.js';
import { MessageSources } from './message-sources.js';

/** What decides where messages come from (`CCT_MQTT_*`, `CCT_NATS_*`, `CCT_INGEST_HTTP_PORT`). */
export interface SourceConfiguration {
  readonly mqttHost: string;
  /** Where gateways connect when there is no other broker; 0: any free port. */
  readonly mqttPort: number;
  readonly mqttServer: 'packets' | 'aedes';
  /** PEM files; both or none. */
  readonly mqttCertFile: string | null;
  readonly mqttKeyFile: string | null;
  readonly mqttUrl: string | null;
  readonly mqttVersion: '5' | '3.1.1';
  readonly mqttClient: 'packets' | 'mqtt.js';
  readonly mqttClientId: string;
  readonly mqttShareGroup: string | null;
  readonly mqttReceiveMaximum: number;
  readonly natsUrl: string | null;
  readonly natsConsumer: string;
  readonly natsReplicas: number;
  readonly httpHost: string;
  readonly ingestHttpPort: number;
}

/** Options of {@link openSources}. */
export interface OpenSourcesOptions {
  readonly database: Database;
  readonly configuration: SourceConfiguration;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: Random;
  readonly health: Health | undefined;
  readonly acknowledgementOf: (gateway: Gateway) => Promise<Buffer>;
}

/** The sources that are configured, as one; where there is no other broker, gateways connect here. */
export interface OpenSources {
  readonly source: MessageSource;
  /** Port that gateways connect to by MQTT, once started; 0: they do not. */
  readonly mqttPort: () => number;
  /** Port of the HTTP twin, once started; 0 without one. */
  readonly httpPort: () => number;
}

/** Makes the sources; nothing is connected before they are started. */
export function openSources(options: OpenSourcesOptions): OpenSources {
  const { database, configuration, logger, clock, random, health, acknowledgementOf } = options;
  const authentication = new GatewayAuthentication(database, clock, random);
  const directory = new GatewayDirectory(database, clock, logger);
  const sources: MessageSource[] = [];
  if (configuration.mqttUrl !== null) {
    const subscriber = new BrokerSubscriber({
      url: configuration.mqttUrl,
      version: configuration.mqttVersion,
      client: configuration.mqttClient,
      clientId: configuration.mqttClientId,
      shareGroup: configuration.mqttShareGroup,
      receiveMaximum: configuration.mqttReceiveMaximum,
      directory,
      random,
      logger,
    });
    health?.addCheck('broker', () => (subscriber.connected ? null : 'broker does not answer'));
    sources.push(subscriber);
  }
  if (configuration.natsUrl !== null) {
    const consumer = new JetStreamSource({
      url: configuration.natsUrl,
      consumer: configuration.natsConsumer,
      replicas: configuration.natsReplicas,
      directory,
      random,
      logger,
    });
    health?.addCheck('nats', () => (consumer.connected ? null : 'cluster does not answer'));
    sources.push(consumer);
  }
  const here = sources.length > 0 ? null : serverOf({ configuration, authentication, random, logger });
  if (here !== null) sources.push(here);
  const http =
    configuration.ingestHttpPort === NONE
      ? null
      : new HttpFrames({
          host: configuration.httpHost,
          port: configuration.ingestHttpPort,
          authentication,
          logger,
          acknowledgementOf,
        });
  if (http !== null) sources.push(http);
  return {
    source: new StoppingDirectory(sources, directory),
    mqttPort: () => here?.port ?? 0,
    httpPort: () => http?.port ?? 0,
  };
}

/** Who takes connections of gateways in this process. */
function serverOf({
  configuration,
  authentication,
  random,
  logger,
}: {
  readonly configuration: SourceConfiguration;
  readonly authentication: GatewayAuthentication;
  readonly random: Random;
  readonly logger: Logger;
}): EmbeddedBroker | GatewayListener {
  const { mqttHost: host, mqttPort: port, mqttServer, mqttCertFile, mqttKeyFile } = configuration;
  const common = { host, port, maxConnections: MAX_CONNECTIONS, authentication, logger };
  if (mqttServer === 'aedes') return new EmbeddedBroker(common);
  const certificate =
    mqttCertFile === null || mqttKeyFile === null ? null : new ServerCertificate(mqttCertFile, mqttKeyFile, logger);
  return new GatewayListener({ ...common, random, certificate });
}

const MAX_CONNECTIONS = 5_000;
const NONE = 0;

/** Look-ups that wait for the database must not keep a process from ending. */
class StoppingDirectory extends MessageSources {
  constructor(
    sources: readonly MessageSource[],
    private readonly directory: GatewayDirectory,
  ) {
    super(sources);
  }

  override async stop(): Promise<void> {
    this.directory.stop();
    await super.stop();
  }
}
