import { z } from 'zod';
import { StandingAnswer } from './acts.js';
import { DayText, Instant, LoggerSerial } from './scalars.js';

/** A gateway that may publish readings. */
export const CreateGatewayBody = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/)
    .meta({ description: 'Unique in the organisation', example: 'dock-1' }),
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
});
export const GatewayList = z.strictObject({ gateways: z.array(GatewayAnswer) });

export const RegisterLoggerBody = z.strictObject({
  serial: LoggerSerial,
  intervalMs: z
    .int()
    .min(1000)
    .max(86_400_000)
    .meta({ description: 'Declared time between readings: one holds at most so long' }),
});
export const LoggerAnswer = z.strictObject({
  serial: z.string(),
  intervalMs: z.int(),
  registered: z.boolean().meta({ description: 'false: it was only heard' }),
  boundTo: z.string().nullable().meta({ description: 'SSCC of the unit that it watches' }),
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
