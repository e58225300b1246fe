import type { LedgerEvent, LegRecord } from '@coldchain/chaincode/protocol';
import type { Sscc } from '@coldchain/gs1';
import { type ActContext, type RecordedAct } from './act-context.js';
import { exposureEvent } from './events.js';
import { loggerAsset } from './logger-asset.js';
import { recordAct } from './record-act.js';

/** Absolute totals of one leg for the ledger, and what the event says about it. */
export interface RecordExposure {
  readonly unit: { readonly key: string; readonly sscc: Sscc };
  readonly record: LegRecord;
  /** The logger that stands for what measured it; null: none did. */
  readonly loggerId: number | null;
  /** First and last instant that the totals cover, ms since 1970 UTC. */
  readonly from: number;
  readonly to: number;
  /** The leg has an excursion: the event carries ALARM_CONDITION on the report that caused it. */
  readonly alarm: boolean;
}

/** Captures a leg's exposure; `expected` tells whether the contract will place a hold for it. */
export async function recordExposure(
  context: ActContext,
  input: RecordExposure,
): Promise<{ recorded: RecordedAct; expected: LedgerEvent | null }> {
  return recordAct(context, {
    command: 'recordExposure',
    payload: { unit: input.unit.key, record: input.record },
    event: exposureEvent(context, {
      unit: input.unit.sscc,
      logger: input.loggerId === null ? null : (await loggerAsset(context.transaction, input.loggerId)).giai,
      startMs: input.from,
      endMs: input.to,
      minMilliCelsius: input.record.coldestMilliCelsius,
      maxMilliCelsius: input.record.hottestMilliCelsius,
      alarm: input.alarm,
    }),
    objects: [{ type: 'unit', key: input.unit.key }],
  });
}
