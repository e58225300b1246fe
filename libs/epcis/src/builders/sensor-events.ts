import { giaiLink, ssccLink } from '@coldchain/gs1';
import type { Giai, Sscc } from '@coldchain/gs1';
import { EpcisError } from '../epcis-error.js';
import type { EpcisEvent } from '../parse-event.js';
import { eventOf, isoInstant, present } from './circumstances.js';
import type { Circumstances } from './circumstances.js';

/** What a leg of a unit was exposed to. */
export interface SensorReport extends Circumstances {
  readonly unit: Sscc;
  /** The logger, by its asset identifier; absent where a place's sensor or packaging speaks for the unit. */
  readonly logger?: Giai;
  /** First and last moment of the report, ms since 1970 UTC. */
  readonly startMs: number;
  readonly endMs: number;
  /** Extremes in thousandths of a degree Celsius; null where nothing was measured. */
  readonly minMilliCelsius: number | null;
  readonly maxMilliCelsius: number | null;
  readonly meanMilliCelsius?: number | null;
  /** `ALARM_CONDITION` for an excursion, `ERROR_CONDITION` for missing evidence. */
  readonly exception?: 'ALARM_CONDITION' | 'ERROR_CONDITION' | null;
  /** Where the readings are, or which they are (`ni:` URI of a digest). */
  readonly rawData?: string;
}

/**
 * Degrees from thousandths. One division of integers is rounded once, so the number prints with at most three decimals.
 * @throws EpcisError `event-invalid` for anything but an integer
 */
function celsius(milliCelsius: number | null | undefined): number | undefined {
  if (milliCelsius === null || milliCelsius === undefined) return undefined;
  if (!Number.isSafeInteger(milliCelsius)) {
    throw new EpcisError('event-invalid', 'a temperature is a whole number of thousandths of a degree', {
      milliCelsius,
    });
  }
  return milliCelsius === 0 ? 0 : milliCelsius / 1000;
}

/**
 * Object OBSERVE sensor_reporting: one interval with its extremes, the compact form of GS1's sensor guidance, and the
 * exception on the Temperature report that caused it.
 * @throws EpcisError `event-invalid`
 */
export function sensorReportEvent(act: SensorReport): EpcisEvent {
  if (act.endMs < act.startMs) throw new EpcisError('event-invalid', 'the report ends before it starts');
  const report = present({
    type: 'Temperature',
    exception: act.exception ?? undefined,
    minValue: celsius(act.minMilliCelsius),
    maxValue: celsius(act.maxMilliCelsius),
    meanValue: celsius(act.meanMilliCelsius),
    uom: 'CEL',
  });
  return eventOf('ObjectEvent', act, {
    action: 'OBSERVE',
    bizStep: 'sensor_reporting',
    epcList: [ssccLink(act.unit)],
    sensorElementList: [
      {
        sensorMetadata: present({
          startTime: isoInstant(act.startMs),
          endTime: isoInstant(act.endMs),
          deviceID: act.logger === undefined ? undefined : giaiLink(act.logger),
          rawData: act.rawData,
        }),
        sensorReport: [report],
      },
    ],
  });
}

/** A logger that goes onto a unit or comes off it. */
export interface LoggerBinding extends Circumstances {
  readonly unit: Sscc;
  readonly logger: Giai;
  readonly action: 'bind' | 'unbind';
}

/** Association ADD installing or DELETE removing: the logger is the child of the unit. @throws EpcisError `event-invalid` */
export function loggerBindingEvent(act: LoggerBinding): EpcisEvent {
  const binds = act.action === 'bind';
  return eventOf('AssociationEvent', act, {
    parentID: ssccLink(act.unit),
    childEPCs: [giaiLink(act.logger)],
    action: binds ? 'ADD' : 'DELETE',
    bizStep: binds ? 'installing' : 'removing',
  });
}
