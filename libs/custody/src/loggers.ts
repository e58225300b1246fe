import type { Sscc } from '@coldchain/gs1';
import { type ActContext, eventTimeOf, evidenceEndOf, type RecordedAct } from './act-context.js';
import { ActRefused } from './act-refused.js';
import { deviceOfLogger } from './device-state.js';
import { boundEvent } from './events.js';
import { dateOrNull, type Vouching, vouchingOf } from './lateness.js';
import { refreshLeg } from './legs.js';
import { loggerAsset } from './logger-asset.js';
import { unitReferences, visibleUnit, type VisibleUnit } from './objects.js';
import { recordAct } from './record-act.js';
import { areWatched } from './watched.js';

/** A logger, by the serial number it sends, and the unit it watches. */
export interface LoggerBinding {
  readonly sscc: Sscc;
  readonly logger: string;
}

/**
 * Binds a logger to a unit in the acting organisation's custody: the unit's leg begins, or goes on with one source more.
 * Of several loggers the worst counts at every instant. What it measured longer than a quarter of an hour before the act was
 * captured counts against the goods only.
 *
 * @throws ActRefused `unit-unknown`, `logger-unknown` (not registered by this organisation), `logger-bound`,
 * `logger-in-place`, `unit-watched` (by as many as there may be), `not-custodian` and what else the contract refuses; of a
 * logger that is a device also `device-bound`, `device-revoked`, `device-calibration-overdue`.
 */
export async function bindLogger(context: ActContext, input: LoggerBinding): Promise<RecordedAct> {
  const unit = await visibleUnit(context, input.sscc);
  const logger = await ownLogger(context, input.logger);
  const act = await recordBinding(context, unit, logger, 'bind');
  if (!act.repeated) await attachLogger(context, unit.id, logger);
  return act;
}

/**
 * Ends a binding: the unit's leg goes on with what else watches it, or ends. What the logger measures counts until the act
 * is captured; another unit may have it from the act's time on. The owner of a device may also end what only the ledger
 * still says: its binding to a unit that was packed since, or that went on without it.
 *
 * @throws ActRefused `unit-unknown`, `logger-not-bound`, …
 */
export async function unbindLogger(context: ActContext, input: LoggerBinding): Promise<RecordedAct> {
  const unit = await visibleUnit(context, input.sscc);
  const bound = (await boundLoggers(context, unit.id)).find((logger) => logger.serial === input.logger);
  const loggerId = bound?.id ?? (await onlyOnLedger(context, unit, input.logger));
  if (loggerId === null) throw new ActRefused('logger-not-bound', { sscc: input.sscc, logger: input.logger });
  const act = await recordBinding(context, unit, loggerId, 'unbind');
  if (!act.repeated && bound !== undefined) await detachLogger(context, unit.id, bound.id);
  return act;
}

/** An own logger whose device the ledger binds to the unit; null otherwise. */
async function onlyOnLedger(context: ActContext, unit: VisibleUnit, serial: string): Promise<number | null> {
  const loggerId = await findLogger(context, serial);
  if (loggerId === undefined) return null;
  const device = await deviceOfLogger(context, loggerId);
  return device?.bound?.unit === unit.key ? loggerId : null;
}

/** A logger that is a device is bound by the ledger's own rules; of any other one the ledger gets the observation. */
async function recordBinding(
  context: ActContext,
  unit: VisibleUnit,
  loggerId: number,
  action: 'bind' | 'unbind',
): Promise<RecordedAct> {
  const { giai } = await loggerAsset(context.transaction, loggerId);
  const event = boundEvent(context, { unit: unit.sscc, logger: giai, action });
  const objects = unitReferences([unit]);
  const device = await deviceOfLogger(context, loggerId);
  const ofDevice = device !== null && (action === 'bind' || device.bound?.unit === unit.key);
  const act = ofDevice
    ? await recordAct(context, {
        command: 'bindDevice',
        payload: { device: device.device, unit: unit.key, action },
        event,
        objects,
        reads: objects,
      })
    : await recordAct(context, { command: 'recordObservation', payload: { units: [unit.key] }, event, objects });
  return act.recorded;
}

/** Binds the device of a logger that was attached within another act; does nothing for a logger that is none. */
export async function bindDeviceOf(context: ActContext, unit: VisibleUnit, loggerId: number): Promise<void> {
  if ((await deviceOfLogger(context, loggerId)) !== null) await recordBinding(context, unit, loggerId, 'bind');
}

/** A registered logger of the acting organisation. @throws ActRefused `logger-unknown` */
export async function ownLogger(context: ActContext, serial: string): Promise<number> {
  const logger = await findLogger(context, serial);
  if (logger === undefined) throw new ActRefused('logger-unknown', { logger: serial });
  return logger;
}

async function findLogger(context: ActContext, serial: string): Promise<number | undefined> {
  const [logger] = await context.transaction.query<{ id: number }>(
    'SELECT id FROM logger WHERE organisation_id = $1 AND serial = $2 AND registered',
    [context.organisation.id, serial],
  );
  return logger?.id;
}

/** The loggers that watch a unit now. */
async function boundLoggers(context: ActContext, unitId: number): Promise<{ id: number; serial: string }[]> {
  return context.transaction.query(
    `SELECT g.id, g.serial FROM unit_logger l JOIN logger g ON g.id = l.logger_id
     WHERE l.unit_id = $1 AND l.unbound_at IS NULL`,
    [unitId],
  );
}

/** As many loggers as one unit may have: each is read with every evaluation. */
const MOST_LOGGERS = 8;

/**
 * Writes the binding within an act that is already recorded; the unit's leg begins, or goes on with one source more.
 * @param previousLegId the leg that the logger comes from, with goods that went into the unit
 * @param vouching from when on it is evidence; null: what watches the unit seconds it
 * @throws ActRefused `unit-watched` (by as many as there may be), `logger-bound`, `logger-in-place`
 */
export async function attachLogger(
  context: ActContext,
  unitId: number,
  loggerId: number,
  previousLegId: number | null = null,
  vouching: Vouching | null = null,
): Promise<void> {
  await lockAssignment(context, loggerId);
  if ((await boundLoggers(context, unitId)).length >= MOST_LOGGERS) throw new ActRefused('unit-watched', { unitId });
  if (await watchedLater(context, loggerId)) throw new ActRefused('logger-bound', { loggerId });
  if (await inPlaceLater(context, loggerId)) throw new ActRefused('logger-in-place', { loggerId });
  const { vouchesFrom, secondedFrom } = vouching ?? vouchingOf(context, await areWatched(context, [unitId]));
  const bound = await context.transaction.query(
    `INSERT INTO unit_logger (unit_id, logger_id, bound_at, vouches_from, seconded_from)
     SELECT $1, $2, b.at, v.vouches_from, CASE WHEN $5 < v.vouches_from THEN $5::timestamptz END
     FROM (SELECT greatest($3, max(bound_at) + interval '1 millisecond') AS at FROM unit_logger
           WHERE unit_id = $1 AND logger_id = $2 AND bound_at >= $3) b
     CROSS JOIN LATERAL (SELECT CASE WHEN b.at < $4 THEN $4::timestamptz END AS vouches_from) v
     ON CONFLICT (logger_id) WHERE unbound_at IS NULL DO NOTHING RETURNING logger_id`,
    [unitId, loggerId, new Date(eventTimeOf(context)), dateOrNull(vouchesFrom), dateOrNull(secondedFrom)],
  );
  if (bound.length === 0) throw new ActRefused('logger-bound', { loggerId });
  await refreshLeg(context, unitId, previousLegId);
}

/** One logger goes to one unit or place: two acts about it are judged one after the other. */
export async function lockAssignment(context: ActContext, loggerId: number): Promise<void> {
  await context.transaction.query(`SELECT pg_advisory_xact_lock(hashtext('coldchain-logger'), $1)`, [loggerId]);
}

/** At the act's time the logger still watched another unit: what it measured there is no evidence here. */
export async function watchedLater(context: ActContext, loggerId: number): Promise<boolean> {
  const rows = await context.transaction.query(
    'SELECT 1 FROM unit_logger WHERE logger_id = $1 AND coalesce(freed_at, unbound_at) > $2 LIMIT 1',
    [loggerId, new Date(eventTimeOf(context))],
  );
  return rows.length > 0;
}

/** At the act's time it still watched a place, or does so now. */
async function inPlaceLater(context: ActContext, loggerId: number): Promise<boolean> {
  const rows = await context.transaction.query(
    'SELECT 1 FROM place_logger WHERE logger_id = $1 AND (until IS NULL OR until > $2) LIMIT 1',
    [loggerId, new Date(eventTimeOf(context))],
  );
  return rows.length > 0;
}

/** Ends one binding; the unit's leg goes on with what else watches it, or ends. */
export async function detachLogger(context: ActContext, unitId: number, loggerId: number): Promise<void> {
  const ended = await context.transaction.query(
    `UPDATE unit_logger SET unbound_at = greatest(bound_at, $3), freed_at = greatest(bound_at, $4)
     WHERE unit_id = $1 AND logger_id = $2 AND unbound_at IS NULL RETURNING unit_id`,
    [unitId, loggerId, new Date(evidenceEndOf(context)), new Date(eventTimeOf(context))],
  );
  // Who was not given the unit's data has no say in its legs.
  if (ended.length > 0) await refreshLeg(context, unitId);
}
