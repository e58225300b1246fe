import type { Sscc } from '@coldchain/gs1';
import { type ActContext, eventTimeOf, type RecordedAct } from './act-context.js';
import { ActRefused } from './act-refused.js';
import { loggerBindingEvent } from './events.js';
import { endLegs, openLeg } from './legs.js';
import { visibleUnit, type VisibleUnit } from './objects.js';
import { recordAct } from './record-act.js';

/** A logger, by the serial number it sends, and the unit it watches. */
export interface LoggerBinding {
  readonly sscc: Sscc;
  readonly logger: string;
}

/**
 * Binds a logger to a unit in the acting organisation's custody: the unit's leg begins.
 *
 * @throws ActRefused `unit-unknown`, `logger-unknown` (not registered by this organisation), `logger-bound`,
 * `unit-watched` (it has a logger already), `not-custodian` and what else the contract refuses.
 */
export async function bindLogger(context: ActContext, input: LoggerBinding): Promise<RecordedAct> {
  const unit = await visibleUnit(context, input.sscc);
  const act = await recordBinding(context, unit, input.logger, 'ADD');
  if (!act.repeated) await attachLogger(context, unit.id, input.logger);
  return act;
}

/** Ends a binding: the unit's leg ends. @throws ActRefused `logger-not-bound` */
export async function unbindLogger(context: ActContext, input: LoggerBinding): Promise<RecordedAct> {
  const unit = await visibleUnit(context, input.sscc);
  const act = await recordBinding(context, unit, input.logger, 'DELETE');
  if (act.repeated) return act;
  const bound = await boundLoggers(context, unit.id);
  if (!bound.some((logger) => logger.serial === input.logger)) {
    throw new ActRefused('logger-not-bound', { sscc: input.sscc, logger: input.logger });
  }
  await detachLoggers(context, unit.id);
  return act;
}

async function recordBinding(
  context: ActContext,
  unit: VisibleUnit,
  logger: string,
  action: 'ADD' | 'DELETE',
): Promise<RecordedAct> {
  const act = await recordAct(context, {
    command: 'recordObservation',
    payload: { units: [unit.key] },
    event: loggerBindingEvent(context, { sscc: unit.sscc, logger, action }),
    objects: [{ type: 'unit', key: unit.key }],
  });
  return act.recorded;
}

/** The loggers that watch a unit now. */
export async function boundLoggers(context: ActContext, unitId: number): Promise<{ id: number; serial: string }[]> {
  return context.transaction.query(
    `SELECT g.id, g.serial FROM unit_logger l JOIN logger g ON g.id = l.logger_id
     WHERE l.unit_id = $1 AND l.unbound_at IS NULL`,
    [unitId],
  );
}

/** Writes the binding and opens the leg, within an act that is already recorded. @throws ActRefused */
export async function attachLogger(context: ActContext, unitId: number, serial: string): Promise<void> {
  const { transaction, organisation } = context;
  const [logger] = await transaction.query<{ id: number }>(
    'SELECT id FROM logger WHERE organisation_id = $1 AND serial = $2 AND registered',
    [organisation.id, serial],
  );
  if (logger === undefined) throw new ActRefused('logger-unknown', { logger: serial });
  await attachLoggerById(context, unitId, logger.id);
}

/**
 * As {@link attachLogger}, for a logger that is known by its row (it came with a unit). One logger watches a unit at a
 * time: legs of two would add the same minutes up twice.
 */
export async function attachLoggerById(context: ActContext, unitId: number, loggerId: number): Promise<void> {
  if ((await boundLoggers(context, unitId)).length > 0) throw new ActRefused('unit-watched', { unitId });
  const bound = await context.transaction.query(
    `INSERT INTO unit_logger (unit_id, logger_id, bound_at) VALUES ($1, $2, $3)
     ON CONFLICT (logger_id) WHERE unbound_at IS NULL DO NOTHING RETURNING logger_id`,
    [unitId, loggerId, new Date(eventTimeOf(context))],
  );
  if (bound.length === 0) throw new ActRefused('logger-bound', { loggerId });
  await openLeg(context, unitId, loggerId, null);
}

/** Ends all bindings and legs of a unit. */
export async function detachLoggers(context: ActContext, unitId: number): Promise<number[]> {
  await endLegs(context, unitId);
  const freed = await context.transaction.query<{ logger_id: number }>(
    `UPDATE unit_logger SET unbound_at = greatest(bound_at, $2)
     WHERE unit_id = $1 AND unbound_at IS NULL RETURNING logger_id`,
    [unitId, new Date(eventTimeOf(context))],
  );
  return freed.map((row) => row.logger_id);
}
