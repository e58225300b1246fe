import { z } from 'zod';
import { folder, integer, portOrNone, setting, text } from './setting.js';

/** Where `iot-ingest` takes messages from beside the embedded broker. */
export const INGEST_SOURCE_SETTINGS = {
  CCT_MQTT_VERSION: setting({
    key: 'mqttVersion',
    schema: z.enum(['5', '3.1.1']),
    doc: 'Version of MQTT spoken with the external broker.',
    default: '5',
    processes: ['iot-ingest'],
    requiredBy: [],
    secret: false,
  }),
  CCT_MQTT_CLIENT_ID: setting({
    key: 'mqttClientId',
    schema: text,
    doc: 'Client id under which the external broker keeps the session; every instance of `iot-ingest` needs its own.',
    default: 'coldchain-ingest',
    processes: ['iot-ingest'],
    requiredBy: [],
    secret: false,
  }),
  CCT_MQTT_SHARE_GROUP: setting({
    key: 'mqttShareGroup',
    schema: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'letters, digits, _ and - only'),
    doc: 'Group of a shared subscription at the external broker, the same for all instances; without it each gets everything.',
    default: null,
    processes: ['iot-ingest'],
    requiredBy: [],
    secret: false,
  }),
  CCT_MQTT_RECEIVE_MAXIMUM: setting({
    key: 'mqttReceiveMaximum',
    schema: integer(1, 65_535),
    doc: 'Messages that the external broker may send before the first is stored; above twice as many nothing more is read.',
    default: '2000',
    processes: ['iot-ingest'],
    requiredBy: [],
    secret: false,
  }),
  CCT_NATS_URL: setting({
    key: 'natsUrl',
    schema: z
      .string()
      .refine(
        (value) =>
          value.split(',').every((each) => URL.canParse(each) && ['nats:', 'tls:'].includes(new URL(each).protocol)),
        'addresses that start with nats:// or tls://, separated by commas',
      ),
    doc: 'Servers of a NATS cluster at which gateways publish by MQTT, with user and password; taken from its stream.',
    default: null,
    processes: ['iot-ingest'],
    requiredBy: [],
    secret: true,
  }),
  CCT_NATS_CONSUMER: setting({
    key: 'natsConsumer',
    schema: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'letters, digits, _ and - only'),
    doc: 'Durable consumer in the NATS cluster that all instances of `iot-ingest` share.',
    default: 'coldchain-ingest',
    processes: ['iot-ingest'],
    requiredBy: [],
    secret: false,
  }),
  CCT_NATS_REPLICAS: setting({
    key: 'natsReplicas',
    schema: integer(1, 5),
    doc: 'Copies of the stream in the NATS cluster, where this process has to make it.',
    default: '3',
    processes: ['iot-ingest'],
    requiredBy: [],
    secret: false,
  }),
  CCT_INGEST_KEY_FILE: setting({
    key: 'ingestKeyFile',
    schema: folder,
    doc: 'Ed25519 key (PEM) that acknowledgements and commands are signed with, made where there is none; `.pub` beside it is for gateways. Without it `ingest-key.pem` in the data folder.',
    default: null,
    processes: ['iot-ingest'],
    requiredBy: [],
    secret: false,
  }),
  CCT_INGEST_HTTP_PORT: setting({
    key: 'ingestHttpPort',
    schema: portOrNone,
    doc: 'Port for `POST /v1/gateways/{name}/frames` of `iot-ingest`, behind the proxy that has TLS; 0: none.',
    default: '0',
    processes: ['iot-ingest'],
    requiredBy: [],
    secret: false,
  }),
} as const;
