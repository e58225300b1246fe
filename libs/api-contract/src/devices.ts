import { z } from 'zod';
import { StandingAnswer } from './acts.js';
import { DayText, Instant, LoggerSerial } from './scalars.js';

/** Name of a gateway. */
export const GatewayName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/)
  .meta({ description: 'Unique in the organisation', example: 'dock-1' });

/** A public key that frames of a gateway are signed with. */
export const GatewayKeyBody = z.strictObject({
  kid: z
    .string()
    .regex(/^[!-~]{1,64}$/)
    .meta({ description: 'Key id; in COSE_Sign1 the gateway names it', example: 'k1' }),
  algorithm: z.enum(['Ed25519', 'ES256']),
  publicKey: z
    .base64()
    .max(400)
    .meta({ description: 'SubjectPublicKeyInfo (DER), base64: the text between the lines of a PEM file' }),
});
export const GatewayPath = z.strictObject({ name: GatewayName });
export const GatewayKeyAnswer = z.strictObject({ kid: z.string(), algorithm: z.string() });
export const GatewayKeyPath = z.strictObject({ name: GatewayName, kid: z.string().regex(/^[!-~]{1,64}$/) });
/** A key with when it was registered and revoked. */
export const RegisteredGatewayKey = GatewayKeyAnswer.extend({
  createdAt: Instant,
  revokedAt: Instant.nullable(),
});
export const GatewayKeyList = z.strictObject({ keys: z.array(RegisteredGatewayKey) });

const BatteryPercent = z.number().min(0).max(100).nullable().meta({ description: 'As its gateway said last' });

/** A gateway that may publish readings. */
export const CreateGatewayBody = z.strictObject({
  name: GatewayName,
  model: z
    .enum(['chirpstack-v4', 'the-things-stack-v3', 'own'])
    .optional()
    .meta({ description: "Its messages are of another system's form; `own` needs `mapping`" }),
  mapping: z
    .record(z.string(), z.union([z.string(), z.number()]))
    .optional()
    .meta({
      description: 'JSON Pointers `logger`, `time`, `celsius`, and `timeForm` iso, s or ms; for the model `own`',
    }),
  keys: z.array(GatewayKeyBody).max(4).default([]),
  acceptsUnsequenced: z
    .boolean()
    .default(false)
    .meta({ description: 'Messages without boot and sequence are taken; their gaps cannot be noticed' }),
});
export const CreateGatewayAnswer = z.strictObject({
  name: z.string(),
  user: z.string().meta({ description: 'User name for MQTT: organisation/gateway' }),
  password: z.string().nullable().meta({ description: 'Shown once; null when the request was repeated' }),
  topic: z.string(),
});
export const GatewayAnswer = z.strictObject({
  name: z.string(),
  acceptsUnsequenced: z.boolean(),
  createdAt: Instant,
  lastSeenAt: Instant.nullable(),
  model: z.string().nullable(),
  status: z.record(z.string(), z.unknown()).nullable().meta({ description: 'What it last said of itself' }),
  statusAt: Instant.nullable(),
  clockOffsetMs: z.int().nullable().meta({ description: "How far its clock is behind the server's" }),
  batteryPercent: BatteryPercent,
  missing: z.int().min(0).meta({
    description: 'Numbers of its four newest boots, up to the highest stored, that are neither stored nor set aside',
  }),
  rejected: z
    .int()
    .min(0)
    .meta({ description: 'Messages of the last day that were set aside; of more than 1,000 so many' }),
});
export const GatewayList = z.strictObject({ gateways: z.array(GatewayAnswer) });

export const RegisterLoggerBody = z.strictObject({
  serial: LoggerSerial,
  intervalMs: z
    .int()
    .min(1000)
    .max(86_400_000)
    .meta({ description: 'Declared time between readings: one holds at most so long' }),
  model: z.string().min(1).max(128).optional(),
  calibrationDue: z.iso.date().optional(),
  calibrationCertificate: z.string().min(1).max(128).optional(),
  accuracyMilliCelsius: z
    .int()
    .min(0)
    .max(5_000)
    .optional()
    .meta({ description: 'How far it may be off (default 500): two on one unit disagree beyond the sum of theirs' }),
});
export const LoggerAnswer = z.strictObject({
  serial: z.string(),
  intervalMs: z.int(),
  registered: z.boolean().meta({ description: 'false: it was only heard' }),
  boundTo: z.string().nullable().meta({ description: 'SSCC of the unit that it watches' }),
  place: z.string().nullable().meta({ description: 'Name of the place that it watches' }),
  model: z.string().nullable(),
  calibrationDue: z.iso.date().nullable(),
  calibrationCertificate: z.string().nullable(),
  accuracyMilliCelsius: z.int(),
  lastReadingAt: Instant.nullable(),
  clockOffsetMs: z.int().nullable().meta({ description: 'Shortest time lately from a reading to its arrival' }),
  silentSince: Instant.nullable().meta({ description: 'It is quiet for longer than three declared intervals' }),
  silentCause: z.enum(['broker', 'gateway', 'battery', 'clock', 'range']).nullable(),
  batteryPercent: BatteryPercent,
});
export const LoggerList = z.strictObject({ loggers: z.array(LoggerAnswer) });

/** A registered logger whose key and calibration the ledger is to know. */
export const RegisterDeviceBody = z.strictObject({
  serial: LoggerSerial,
  publicKey: z
    .string()
    .max(1000)
    .regex(/^-----BEGIN PUBLIC KEY-----[A-Za-z0-9+/=\s]+-----END PUBLIC KEY-----\s*$/)
    .meta({ description: 'PEM (SubjectPublicKeyInfo), Ed25519 or P-256: what its frames are signed with' }),
  calibrationDue: DayText.meta({ description: 'Last day of the calibration; a later day says that it was calibrated' }),
});
export const DevicePath = z.strictObject({ serial: LoggerSerial });
export const DeviceActAnswer = StandingAnswer.extend({ serial: z.string(), device: z.string() });
export const DeviceAnswer = z.strictObject({
  serial: z.string(),
  device: z.string().meta({ description: 'Pseudonymous key on the ledger' }),
  publicKeySha256: z.string(),
  calibrationDue: z.string(),
  state: z.enum(['registered', 'revoked']),
  boundTo: z.string().nullable().meta({ description: 'SSCC of the unit that the ledger binds it to' }),
  anchored: z.boolean().meta({ description: 'The ledger has it in this state' }),
});
export const DeviceList = z.strictObject({ devices: z.array(DeviceAnswer) });
