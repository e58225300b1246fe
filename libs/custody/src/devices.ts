import { createHash } from 'node:crypto';
import type { DeviceState } from '@coldchain/chaincode/protocol';
import { deviceKey } from '@coldchain/epcis';
import type { LocalDate } from '@coldchain/gs1';
import type { ActContext } from './act-context.js';
import { ActRefused } from './act-refused.js';
import { deviceOfLogger } from './device-state.js';
import { loggerAsset } from './logger-asset.js';
import { detachLogger, ownLogger } from './loggers.js';
import { leaveEveryPlace } from './places.js';
import { recordStanding, type Standing } from './record-act.js';

/** A registered logger whose key and calibration the ledger is to know. */
export interface RegisterDevice {
  /** Serial number that the logger sends. */
  readonly serial: string;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Buffer;
  /** Last day of the calibration, `YYYY-MM-DD`. */
  readonly calibrationDue: LocalDate;
}

/**
 * Registers a logger of the acting organisation as a device on the ledger; again with a later day: it was calibrated. From
 * then on the ledger, too, lets it measure one unit at a time, and none when its calibration is overdue. A logger with a
 * new key is a new device: the old one must be revoked first.
 *
 * @throws ActRefused `logger-unknown`, `device-exists-differently`, `device-revoked` and what else the contract refuses.
 */
export async function registerDevice(context: ActContext, input: RegisterDevice): Promise<Standing<DeviceState>> {
  const loggerId = await ownLogger(context, input.serial);
  const publicKey = createHash('sha256').update(input.publicKey).digest('hex');
  const known = await deviceOfKey(context, loggerId, input.publicKey);
  const present = await deviceOfLogger(context, loggerId);
  if (known === null && present?.state === 'registered') {
    throw new ActRefused('device-exists-differently', { serial: input.serial });
  }
  const device = known ?? (await insertDevice(context, loggerId, input.publicKey));
  return recordStanding(context, 'registerDevice', { device, publicKey, calibrationDue: input.calibrationDue });
}

/**
 * Takes a device out of use for good, and its logger off the unit or place that it watches: what it sends from now on is no
 * evidence.
 *
 * @throws ActRefused `logger-unknown`, `device-unknown` and what else the contract refuses.
 */
export async function revokeDevice(context: ActContext, serial: string): Promise<Standing<DeviceState>> {
  const loggerId = await ownLogger(context, serial);
  const device = await deviceOfLogger(context, loggerId);
  if (device === null) throw new ActRefused('device-unknown', { serial });
  const revoked = await recordStanding<DeviceState>(context, 'revokeDevice', { device: device.device });
  const watched = await context.transaction.query<{ unit_id: number }>(
    'SELECT unit_id FROM unit_logger WHERE logger_id = $1 AND unbound_at IS NULL',
    [loggerId],
  );
  for (const { unit_id } of watched) await detachLogger(context, unit_id, loggerId);
  await leaveEveryPlace(context, loggerId);
  return revoked;
}

async function deviceOfKey(context: ActContext, loggerId: number, publicKey: Buffer): Promise<string | null> {
  const [row] = await context.transaction.query<{ device_key: string }>(
    'SELECT device_key FROM device WHERE logger_id = $1 AND public_key = $2 AND organisation_id = $3',
    [loggerId, publicKey, context.organisation.id],
  );
  return row?.device_key ?? null;
}

async function insertDevice(context: ActContext, loggerId: number, publicKey: Buffer): Promise<string> {
  const secret = context.random.bytes(32);
  const key = deviceKey(secret, (await loggerAsset(context.transaction, loggerId)).giai);
  await context.transaction.query(
    'INSERT INTO device (organisation_id, logger_id, secret, device_key, public_key) VALUES ($1, $2, $3, $4, $5)',
    [context.organisation.id, loggerId, secret, key, publicKey],
  );
  return key;
}
