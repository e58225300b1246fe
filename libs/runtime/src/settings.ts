import { resolve } from 'node:path';
import { z } from 'zod';

/** The programs that read configuration; each gets its own slice. */
export const PROCESS_NAMES = ['api', 'iot-ingest', 'ledger-worker', 'cli', 'local'] as const;
export type ProcessName = (typeof PROCESS_NAMES)[number];

const EVERYONE = PROCESS_NAMES;
const SERVERS = ['api', 'iot-ingest', 'ledger-worker'] as const;

/** One name of the registry. */
export interface Setting {
  /** Property of the configuration object. */
  readonly key: string;
  /** Text in, typed value out. */
  readonly schema: z.ZodType<unknown, string>;
  /** One sentence for people. */
  readonly doc: string;
  /** Text that stands in for a missing variable; null: none. */
  readonly default: string | null;
  readonly processes: readonly ProcessName[];
  /** Of these processes it is demanded; for the others a missing value without default is null. */
  readonly requiredBy: readonly ProcessName[];
  /** Redacted wherever it is printed, and readable from the file named by `<NAME>_FILE`. */
  readonly secret: boolean;
}

const setting = <const Definition extends Setting>(definition: Definition): Definition => definition;

const text = z.string().min(1);
const integer = (smallest: number, largest: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/, 'a whole number without sign, unit or separator')
    .transform(Number)
    .pipe(z.number().min(smallest).max(largest));
const port = integer(1, 65_535);
const portOrNone = integer(0, 65_535);
const folder = text.transform((path) => resolve(path));
const url = (...schemes: readonly string[]) =>
  text.refine(
    (value) => URL.canParse(value) && schemes.includes(new URL(value).protocol.slice(0, -1)),
    `an address that starts with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`,
  );

/**
 * Every `CCT_` name there is. A name that is not here is an error at start, so that a misspelt setting cannot silently
 * leave its default in force.
 */
export const SETTINGS = {
  CCT_MODE: setting({
    key: 'mode',
    schema: z.enum(['development', 'production']),
    doc: 'What is allowed: `production` refuses the embedded ledger, the embedded broker (it has no TLS), anonymous MQTT, and empty or default passwords.',
    default: 'development',
    processes: EVERYONE,
    requiredBy: [],
    secret: false,
  }),
  CCT_LOG_LEVEL: setting({
    key: 'logLevel',
    schema: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']),
    doc: 'Least severity that is logged.',
    default: 'info',
    processes: EVERYONE,
    requiredBy: [],
    secret: false,
  }),
  CCT_DATA_DIR: setting({
    key: 'dataDir',
    schema: folder,
    doc: 'Folder of the embedded database, keys, logs and demonstration accounts; relative to the working folder.',
    default: '.coldchain',
    processes: EVERYONE,
    requiredBy: [],
    secret: false,
  }),
  CCT_DATABASE_URL: setting({
    key: 'databaseUrl',
    schema: url('postgres', 'postgresql'),
    doc: 'PostgreSQL 15 or later, as the owner of the database; without it `npm start` runs an embedded server.',
    default: null,
    processes: EVERYONE,
    requiredBy: SERVERS,
    secret: true,
  }),
  CCT_HTTP_PORT: setting({
    key: 'httpPort',
    schema: port,
    doc: 'Port of the HTTP API and its page.',
    default: '3000',
    processes: ['api', 'local', 'cli'],
    requiredBy: [],
    secret: false,
  }),
  CCT_HTTP_HOST: setting({
    key: 'httpHost',
    schema: text,
    doc: 'Address that HTTP listens on, also for the health ports; `0.0.0.0` for every interface.',
    default: '127.0.0.1',
    processes: ['api', 'iot-ingest', 'ledger-worker', 'local'],
    requiredBy: [],
    secret: false,
  }),
  CCT_MQTT_PORT: setting({
    key: 'mqttPort',
    schema: port,
    doc: 'Port of the embedded MQTT broker.',
    default: '1883',
    processes: ['iot-ingest', 'cli', 'local'],
    requiredBy: [],
    secret: false,
  }),
  CCT_MQTT_HOST: setting({
    key: 'mqttHost',
    schema: text,
    doc: 'Address that the embedded MQTT broker listens on.',
    default: '127.0.0.1',
    processes: ['iot-ingest', 'cli', 'local'],
    requiredBy: [],
    secret: false,
  }),
  CCT_MQTT_URL: setting({
    key: 'mqttUrl',
    schema: url('mqtt', 'mqtts', 'ws', 'wss'),
    doc: 'An external MQTT broker, with user and password; without it the embedded broker runs.',
    default: null,
    processes: ['iot-ingest', 'cli', 'local'],
    requiredBy: [],
    secret: true,
  }),
  CCT_LEDGER: setting({
    key: 'ledger',
    schema: z.enum(['embedded', 'fabric']),
    doc: 'The ledger: `embedded` runs the same contracts in one process and is not a Fabric network; `fabric` is one, and `npm start` brings it up.',
    default: 'embedded',
    processes: ['api', 'ledger-worker', 'local'],
    requiredBy: [],
    secret: false,
  }),
  CCT_LEDGER_KEYS_DIR: setting({
    key: 'ledgerKeysDir',
    schema: folder,
    doc: 'Folder of the ledger identities; only the ledger worker reads it. `npm start` puts it into the data folder.',
    default: '.coldchain/ledger-keys',
    processes: ['ledger-worker'],
    requiredBy: [],
    secret: false,
  }),
  CCT_FABRIC_NETWORK: setting({
    key: 'fabricNetwork',
    schema: folder,
    doc: 'Folder of the Fabric network, with `network.json` and the identities of the parties; without it `fabric` in the data folder. `npm start` leaves a network that is named here to whoever runs it.',
    default: null,
    processes: ['ledger-worker', 'local'],
    requiredBy: [],
    secret: false,
  }),
  CCT_FABRIC_BIN: setting({
    key: 'fabricBin',
    schema: folder,
    doc: 'Folder with the programs of Hyperledger Fabric, its `config` folder beside it; without it those that `npm run fabric -- install` built.',
    default: null,
    processes: ['local'],
    requiredBy: [],
    secret: false,
  }),
  CCT_FABRIC_CACHE_DIR: setting({
    key: 'fabricCacheDir',
    schema: folder,
    doc: 'Folder that `npm run fabric -- install` builds into; without it `coldchain` in the cache folder of the user.',
    default: null,
    processes: ['local'],
    requiredBy: [],
    secret: false,
  }),
  CCT_FABRIC_PORT: setting({
    key: 'fabricPort',
    schema: integer(1, 65_496),
    doc: 'First of the 40 ports of a new Fabric network, 7050 without it; it is kept with the network.',
    default: null,
    processes: ['local'],
    requiredBy: [],
    secret: false,
  }),
  CCT_FABRIC_BLOCK_MS: setting({
    key: 'fabricBlockMs',
    schema: integer(10, 10_000),
    doc: 'How long the orderers of a new Fabric network wait for a block to fill, 200 without it; it is kept with the network.',
    default: null,
    processes: ['local'],
    requiredBy: [],
    secret: false,
  }),
  CCT_FABRIC_REGULATOR: setting({
    key: 'fabricRegulator',
    schema: text,
    doc: 'Enrolment name of the regulator, whose party `npm run fabric -- deploy` puts on the ledger.',
    default: 'medicines-authority',
    processes: ['local'],
    requiredBy: [],
    secret: false,
  }),
  CCT_DEMO: setting({
    key: 'demo',
    schema: z.enum(['on', 'off']),
    doc: 'Demonstration data and simulated gateways of `npm start`.',
    default: 'on',
    processes: ['api', 'local'],
    requiredBy: [],
    secret: false,
  }),
  CCT_VERDICT_BOUND_MS: setting({
    key: 'verdictBoundMs',
    schema: integer(1, 86_400_000),
    doc: 'How long an earlier `ok` stands while the ledger cannot confirm it; then the answer is unknown.',
    default: '300000',
    processes: ['api', 'cli', 'local'],
    requiredBy: [],
    secret: false,
  }),
  CCT_INGEST_GROUP_SIZE: setting({
    key: 'ingestGroupSize',
    schema: integer(1, 5_000),
    doc: 'Messages that are stored by one statement at most.',
    default: '500',
    processes: ['iot-ingest'],
    requiredBy: [],
    secret: false,
  }),
  CCT_INGEST_LINGER_MS: setting({
    key: 'ingestLingerMs',
    schema: integer(0, 1_000),
    doc: 'How long a message waits for others to be stored with.',
    default: '5',
    processes: ['iot-ingest'],
    requiredBy: [],
    secret: false,
  }),
  CCT_INGEST_MAX_AGE_DAYS: setting({
    key: 'ingestMaxAgeDays',
    schema: integer(1, 36_500),
    doc: 'Readings older than this are set aside as an implausible clock.',
    default: '3650',
    processes: ['iot-ingest'],
    requiredBy: [],
    secret: false,
  }),
  CCT_EVALUATE_POLL_MS: setting({
    key: 'evaluatePollMs',
    schema: integer(1, 60_000),
    doc: 'How often the evaluator looks for new readings when no notification wakes it.',
    default: '200',
    processes: ['iot-ingest'],
    requiredBy: [],
    secret: false,
  }),
  CCT_ROOTS_INTERVAL_MS: setting({
    key: 'rootsIntervalMs',
    schema: integer(100, 86_400_000),
    doc: 'Time between two telemetry roots of an organisation: what it received meanwhile is under one of them.',
    default: '300000',
    processes: ['iot-ingest'],
    requiredBy: [],
    secret: false,
  }),
  CCT_OUTBOX_POLL_MS: setting({
    key: 'outboxPollMs',
    schema: integer(1, 60_000),
    doc: 'How often the relay looks for new outbox rows when no notification wakes it.',
    default: '200',
    processes: ['ledger-worker'],
    requiredBy: [],
    secret: false,
  }),
  CCT_HEIGHT_CHECK_MS: setting({
    key: 'heightCheckMs',
    schema: integer(10, 60_000),
    doc: 'How often the ledger is asked for its height; a projection at that height is confirmed at that time.',
    default: '1000',
    processes: ['ledger-worker'],
    requiredBy: [],
    secret: false,
  }),
  CCT_INGEST_HEALTH_PORT: setting({
    key: 'ingestHealthPort',
    schema: portOrNone,
    doc: 'Port for `/livez`, `/readyz` and `/metrics` of `iot-ingest`; 0: none.',
    default: '0',
    processes: ['iot-ingest', 'local'],
    requiredBy: [],
    secret: false,
  }),
  CCT_WORKER_HEALTH_PORT: setting({
    key: 'workerHealthPort',
    schema: portOrNone,
    doc: 'Port for `/livez`, `/readyz` and `/metrics` of `ledger-worker`; 0: none.',
    default: '0',
    processes: ['ledger-worker', 'local'],
    requiredBy: [],
    secret: false,
  }),
  CCT_API_URL: setting({
    key: 'apiUrl',
    schema: url('http', 'https'),
    doc: 'Address of the API that the command line asks; without it, the port `CCT_HTTP_PORT` of this machine.',
    default: null,
    processes: ['cli'],
    requiredBy: [],
    secret: false,
  }),
  CCT_API_KEY: setting({
    key: 'apiKey',
    schema: text,
    doc: 'Key of the account that the command line acts as.',
    default: null,
    processes: ['cli'],
    requiredBy: [],
    secret: true,
  }),
  CCT_GATEWAY_PASSWORD: setting({
    key: 'gatewayPassword',
    schema: text,
    doc: 'Password of the gateway that `coldchain gateway` publishes as.',
    default: null,
    processes: ['cli'],
    requiredBy: [],
    secret: true,
  }),
  CCT_PARENT_PIPE: setting({
    key: 'parentPipe',
    schema: z.enum(['0', '1']),
    doc: '1: standard input is a pipe of the parent; the process stops when it closes, so that it never outlives its launcher.',
    default: '0',
    processes: SERVERS,
    requiredBy: [],
    secret: false,
  }),
} as const satisfies Readonly<Record<string, Setting>>;

type Settings = typeof SETTINGS;
export type SettingName = keyof Settings;

type ValueOf<Name extends SettingName, Process extends ProcessName> = Settings[Name]['default'] extends string
  ? z.output<Settings[Name]['schema']>
  : Process extends Settings[Name]['requiredBy'][number]
    ? z.output<Settings[Name]['schema']>
    : z.output<Settings[Name]['schema']> | null;

/** What one process may know, frozen: only the settings that it uses. */
export type Configuration<Process extends ProcessName> = {
  readonly [
    Name in SettingName as Process extends Settings[Name]['processes'][number] ? Settings[Name]['key'] : never
  ]: ValueOf<Name, Process>;
};
