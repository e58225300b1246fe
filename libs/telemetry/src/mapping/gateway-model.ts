import { DomainError } from '@coldchain/kernel';
import { ObjectReader } from '../object-reader.js';
import { type JsonPointer, parseJsonPointer } from './json-pointer.js';

/** How a model writes times: ISO 8601 with a zone, seconds or milliseconds since 1970. */
const TIME_FORMS = ['iso', 's', 'ms'] as const;

/**
 * Where the JSON messages of a model of gateways say what a reading needs: one message, one reading, without numbers of
 * the gateway.
 */
export interface GatewayModel {
  readonly logger: JsonPointer;
  readonly time: JsonPointer;
  readonly timeForm: (typeof TIME_FORMS)[number];
  readonly celsius: JsonPointer;
  /** Degrees Celsius per unit of the number at `celsius`; 0.01 where hundredths are sent. */
  readonly celsiusScale: number;
  readonly humidity: JsonPointer | null;
  /** Per cent of relative humidity per unit of the number at `humidity`. */
  readonly humidityScale: number;
  /** Counter of the logger. */
  readonly counter: JsonPointer | null;
}

/** A mapping that is none; `details.member` names what is wrong. */
export class GatewayModelInvalid extends DomainError<'gateway-model-invalid'> {
  readonly code = 'gateway-model-invalid';
}

/**
 * Reads a mapping `{logger, time, timeForm, celsius, celsiusScale?, humidity?, humidityScale?, counter?}` whose places are
 * JSON Pointers (RFC 6901). Strict: no unknown or missing member.
 * @throws GatewayModelInvalid
 */
export function parseGatewayModel(value: unknown): GatewayModel {
  const reader = new ObjectReader(value, '', (member, problem) => {
    throw new GatewayModelInvalid(`${member === '' ? 'mapping' : member}: ${problem}`, { member });
  });
  const pointer = (member: string): JsonPointer =>
    parseJsonPointer(reader.text(member, /^\/.{0,254}$/)) ?? reader.fail(member, 'not a JSON Pointer');
  const optional = (member: string): JsonPointer | null => (reader.has(member) ? pointer(member) : null);
  const scale = (member: string): number => (reader.has(member) ? reader.number(member, 1e-6, 1e6) : 1);
  const model: GatewayModel = {
    logger: pointer('logger'),
    time: pointer('time'),
    timeForm: reader.choice('timeForm', TIME_FORMS),
    celsius: pointer('celsius'),
    celsiusScale: scale('celsiusScale'),
    humidity: optional('humidity'),
    humidityScale: scale('humidityScale'),
    counter: optional('counter'),
  };
  reader.end();
  return model;
}

/**
 * Models that are known by name. ChirpStack v4 (event `up`) and The Things Stack v3 (`uplink_message`) say when the
 * network received the message, LoRaWAN loggers having no clock; the names `temperature` and `humidity` are what most
 * payload decoders give. The Things Stack leaves out members that are 0, a counter's too.
 */
export const GATEWAY_MODELS = {
  'chirpstack-v4': parseGatewayModel({
    logger: '/deviceInfo/devEui',
    time: '/time',
    timeForm: 'iso',
    celsius: '/object/temperature',
    humidity: '/object/humidity',
    counter: '/fCnt',
  }),
  'the-things-stack-v3': parseGatewayModel({
    logger: '/end_device_ids/dev_eui',
    time: '/uplink_message/received_at',
    timeForm: 'iso',
    celsius: '/uplink_message/decoded_payload/temperature',
    humidity: '/uplink_message/decoded_payload/humidity',
    counter: '/uplink_message/f_cnt',
  }),
} as const satisfies Readonly<Record<string, GatewayModel>>;

/** The model of a gateway as it is registered: one of {@link GATEWAY_MODELS}, or `own` with a mapping. */
export interface RegisteredModel {
  readonly name: string;
  readonly mapping: unknown;
}

/** The model that a registration means. @throws GatewayModelInvalid where the name is unknown, or the mapping is none */
function registeredModel({ name, mapping }: RegisteredModel): GatewayModel {
  if (Object.hasOwn(GATEWAY_MODELS, name)) return GATEWAY_MODELS[name as keyof typeof GATEWAY_MODELS];
  if (name === 'own') return parseGatewayModel(mapping);
  throw new GatewayModelInvalid(`there is no model ${name}`, { member: 'model' });
}

/** The model that a registration means; null where the name is unknown, or the mapping is none. */
export function usableModel(registered: RegisteredModel): GatewayModel | null {
  try {
    return registeredModel(registered);
  } catch (error) {
    if (error instanceof GatewayModelInvalid) return null;
    throw error;
  }
}
