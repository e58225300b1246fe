import type { Sscc } from '@coldchain/gs1';
import type { ActContext, RecordedAct } from './act-context.js';
import { type Observed, observedEvent } from './events.js';
import { unitReferences, visibleUnits } from './objects.js';
import { recordAct, repeatedAct, type StoredEvent } from './record-act.js';

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

/** What the organisation itself has observed of a unit since an instant: the newest of a disposition that stands. */
export async function observedSince(
  { transaction, organisation }: ActContext,
  unitKey: string,
  disposition: string,
  since: Date,
): Promise<RecordedAct | undefined> {
  const [row] = await transaction.query<StoredEvent>(
    `SELECT e.id, e.commitment, e.event_hash, e.digest, e.recorded_at
     FROM custody_event e JOIN custody_event_object o ON o.event_id = e.id AND o.object_key = $2
     WHERE e.organisation_id = $1 AND e.command = 'recordObservation' AND e.disposition = $3 AND e.event_time >= $4
       AND e.anchor_state <> 'refused' ORDER BY e.id DESC LIMIT 1`,
    [organisation.id, unitKey, disposition, since],
  );
  return row === undefined ? undefined : repeatedAct(row);
}
