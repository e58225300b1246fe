import type { DeviceState } from '@coldchain/chaincode/protocol';
import type { OrganisationTransaction } from '@coldchain/database';
import { percentOf } from './gateways.queries.js';

/** A logger and the unit that it watches. */
export interface LoggerRow {
  readonly id: number;
  readonly serial: string;
  readonly interval_ms: number;
  readonly registered: boolean;
  readonly bound_to: string | null;
  readonly model: string | null;
  readonly calibration_due: string | null;
  readonly calibration_certificate: string | null;
  readonly accuracy_milli_celsius: number;
  readonly place: string | null;
  readonly last_reading_at: Date | null;
  readonly clock_offset_ms: number | null;
  readonly silent_since: Date | null;
  readonly silent_cause: string | null;
  /** As the gateway says that heard it last. */
  readonly battery_percent: number | null;
}

const SELECT_LOGGER = `
  SELECT g.id, g.serial, g.interval_ms, g.registered, u.sscc AS bound_to, g.model, g.calibration_due::text,
         g.calibration_certificate, g.accuracy_milli_celsius, p.name AS place, g.last_reading_at, g.clock_offset_ms::float8 AS clock_offset_ms, g.silent_since, g.silent_cause,
         ${percentOf("h.status -> 'batteries' -> g.serial")} AS battery_percent
  FROM logger g
  LEFT JOIN unit_logger n ON n.logger_id = g.id AND n.unbound_at IS NULL
  LEFT JOIN unit u ON u.id = n.unit_id
  LEFT JOIN place_logger w ON w.logger_id = g.id AND w.until IS NULL
  LEFT JOIN place p ON p.id = w.place_id
  LEFT JOIN gateway h ON h.id = g.last_gateway_id`;

/** Loggers of the organisation after an id. */
export function loggersAfter(
  transaction: OrganisationTransaction,
  after: number | null,
  count: number,
): Promise<LoggerRow[]> {
  return transaction.query<LoggerRow>(
    `${SELECT_LOGGER} WHERE $1::integer IS NULL OR g.id > $1 ORDER BY g.id LIMIT $2`,
    [after, count],
  );
}

/** The organisation's own logger; one of others that came with a unit may have the same serial number. */
export async function loggerOf(transaction: OrganisationTransaction, serial: string): Promise<LoggerRow | undefined> {
  const [row] = await transaction.query<LoggerRow>(`${SELECT_LOGGER} WHERE g.serial = $1 AND g.organisation_id = $2`, [
    serial,
    transaction.organisationId,
  ]);
  return row;
}

/** What is registered of a logger; what is left out stays as it is. */
export interface LoggerRegistration {
  readonly serial: string;
  readonly intervalMs: number;
  readonly model?: string | undefined;
  readonly calibrationDue?: string | undefined;
  readonly calibrationCertificate?: string | undefined;
  readonly accuracyMilliCelsius?: number | undefined;
}

/**
 * Registers a logger: a new one, or one that was only heard so far (its kept readings become those of a known logger).
 * Of an already registered one only model, calibration and accuracy change.
 */
export async function registerLogger(
  transaction: OrganisationTransaction,
  { serial, intervalMs, model, calibrationDue, calibrationCertificate, accuracyMilliCelsius }: LoggerRegistration,
  today: string,
): Promise<void> {
  await transaction.query(
    `INSERT INTO logger (organisation_id, serial, interval_ms, registered) VALUES ($1, $2, $3, true)
     ON CONFLICT (organisation_id, serial)
     DO UPDATE SET registered = true, interval_ms = excluded.interval_ms WHERE NOT logger.registered`,
    [transaction.organisationId, serial, intervalMs],
  );
  await transaction.query(
    `UPDATE logger SET model = coalesce($3, model), calibration_due = coalesce($4::date, calibration_due),
                       calibration_certificate = coalesce($5, calibration_certificate),
                       accuracy_milli_celsius = coalesce($6, accuracy_milli_celsius)
     WHERE organisation_id = $1 AND serial = $2`,
    [
      transaction.organisationId,
      serial,
      model ?? null,
      calibrationDue ?? null,
      calibrationCertificate ?? null,
      accuracyMilliCelsius ?? null,
    ],
  );
  if (calibrationDue !== undefined) {
    await keepCalibration(
      transaction,
      { serial, due: calibrationDue, certificate: calibrationCertificate ?? null },
      today,
    );
  }
}

/** A calibration as it is told. */
export interface ToldCalibration {
  readonly serial: string;
  /** Last day, `YYYY-MM-DD`. */
  readonly due: string;
  readonly certificate: string | null;
}

/**
 * Keeps a calibration of an own logger: the first counts from ever, one with a later day from today on, and an earlier day
 * corrects the newest.
 */
export async function keepCalibration(
  transaction: OrganisationTransaction,
  { serial, due, certificate }: ToldCalibration,
  today: string,
): Promise<void> {
  await transaction.query(
    `WITH l AS (SELECT id FROM logger WHERE organisation_id = $1 AND serial = $2),
     newest AS (SELECT k.* FROM logger_calibration k JOIN l ON l.id = k.logger_id ORDER BY k.valid_from DESC LIMIT 1)
     INSERT INTO logger_calibration AS c (logger_id, valid_from, due, certificate)
     SELECT l.id, CASE WHEN n.due IS NULL THEN '-infinity' WHEN n.due >= $3::date THEN n.valid_from ELSE greatest(n.valid_from, $5::date) END,
            $3::date, $4 FROM l LEFT JOIN newest n ON true
     ON CONFLICT (logger_id, valid_from) DO UPDATE SET due = excluded.due, certificate = coalesce(excluded.certificate, c.certificate)`,
    [transaction.organisationId, serial, due, certificate, today],
  );
}

/** A gateway to be made; `mapping` belongs to the model `own`. */
export interface NewGateway {
  readonly name: string;
  readonly passwordHash: string;
  readonly acceptsUnsequenced: boolean;
  readonly model: string | null;
  readonly mapping: object | null;
}

/** Makes a gateway; false when the name is taken. */
export async function insertGateway(transaction: OrganisationTransaction, gateway: NewGateway): Promise<boolean> {
  const rows = await transaction.query(
    `INSERT INTO gateway (organisation_id, name, password_hash, accepts_unsequenced, model, mapping)
     VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (organisation_id, name) DO NOTHING RETURNING id`,
    [
      transaction.organisationId,
      gateway.name,
      gateway.passwordHash,
      gateway.acceptsUnsequenced,
      gateway.model,
      gateway.mapping === null ? null : JSON.stringify(gateway.mapping),
    ],
  );
  return rows.length > 0;
}

/** A public key of a gateway. */
export interface NewGatewayKey {
  readonly kid: string;
  readonly algorithm: string;
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Buffer;
}

/** Adds a key: `unknown` without such a gateway, `exists` with a key of that id. */
export async function insertGatewayKey(
  transaction: OrganisationTransaction,
  gateway: string,
  key: NewGatewayKey,
): Promise<'added' | 'exists' | 'unknown'> {
  const [found] = await transaction.query<{ id: number }>(
    'SELECT id FROM gateway WHERE organisation_id = $1 AND name = $2',
    [transaction.organisationId, gateway],
  );
  if (found === undefined) return 'unknown';
  const rows = await transaction.query(
    `INSERT INTO gateway_key (gateway_id, kid, algorithm, public_key) VALUES ($1, $2, $3, $4)
     ON CONFLICT (gateway_id, kid) DO NOTHING RETURNING id`,
    [found.id, key.kid, key.algorithm, key.spki],
  );
  return rows.length > 0 ? 'added' : 'exists';
}

/** A key of a gateway. */
export interface GatewayKeyRow {
  readonly kid: string;
  readonly algorithm: string;
  readonly created_at: Date;
  readonly revoked_at: Date | null;
}

/** Keys of one of the organisation's gateways, oldest first; undefined: there is no such gateway. */
export async function gatewayKeysOf(
  transaction: OrganisationTransaction,
  gateway: string,
): Promise<readonly GatewayKeyRow[] | undefined> {
  const [found] = await transaction.query<{ id: number }>(
    'SELECT id FROM gateway WHERE organisation_id = $1 AND name = $2',
    [transaction.organisationId, gateway],
  );
  if (found === undefined) return undefined;
  return transaction.query<GatewayKeyRow>(
    'SELECT kid, algorithm, created_at, revoked_at FROM gateway_key WHERE gateway_id = $1 ORDER BY id',
    [found.id],
  );
}

/** Revokes a key, once; undefined: there is no such key. */
export async function revokeGatewayKey(
  transaction: OrganisationTransaction,
  gateway: string,
  kid: string,
): Promise<GatewayKeyRow | undefined> {
  const [row] = await transaction.query<GatewayKeyRow>(
    `UPDATE gateway_key k SET revoked_at = coalesce(k.revoked_at, now()) FROM gateway g
     WHERE g.id = k.gateway_id AND g.organisation_id = $1 AND g.name = $2 AND k.kid = $3
     RETURNING k.kid, k.algorithm, k.created_at, k.revoked_at`,
    [transaction.organisationId, gateway, kid],
  );
  return row;
}

/** A logger that is a device on the ledger, by what is expected there. */
export interface DeviceRow {
  readonly id: number;
  readonly serial: string;
  readonly state: DeviceState;
  readonly anchored: boolean;
  readonly bound_to: string | null;
}

/** Devices of the organisation after an id. */
export function devicesAfter(
  transaction: OrganisationTransaction,
  after: number | null,
  count: number,
): Promise<DeviceRow[]> {
  return transaction.query<DeviceRow>(
    `SELECT d.id, g.serial, s.state, coalesce(l.state = s.state, false) AS anchored,
            (SELECT sscc FROM unit WHERE unit_key = s.state -> 'bound' ->> 'unit') AS bound_to
     FROM device d
     JOIN logger g ON g.id = d.logger_id
     LEFT JOIN ledger_object l ON l.object_type = 'device' AND l.object_key = d.device_key
     LEFT JOIN expected_object e ON e.object_type = 'device' AND e.object_key = d.device_key
     JOIN LATERAL (SELECT coalesce(e.state, l.state) AS state) s ON s.state IS NOT NULL
     WHERE $1::integer IS NULL OR d.id > $1 ORDER BY d.id LIMIT $2`,
    [after, count],
  );
}
