import type { Sscc } from '@coldchain/gs1';
import type { ActContext, RecordedAct } from './act-context.js';
import { type Observed, observedEvent } from './events.js';
import { unitReferences, visibleUnits } from './objects.js';
import { recordAct } from './record-act.js';

/** Units that were stored, inspected, loaded … by their custodian. */
export interface ObserveUnits extends Observed {
  readonly ssccs: readonly Sscc[];
}

/** Anchors that the custodian saw the units; changes nothing about them. @throws ActRefused `unit-unknown`, `not-custodian`, … */
export async function observeUnits(context: ActContext, { ssccs, ...observed }: ObserveUnits): Promise<RecordedAct> {
  const units = await visibleUnits(context, ssccs);
  const act = await recordAct(context, {
    command: 'recordObservation',
    payload: { units: units.map((unit) => unit.key) },
    event: observedEvent(context, ssccs, observed),
    objects: unitReferences(units),
  });
  return act.recorded;
}
