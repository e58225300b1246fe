import type { HoldConclusion, HoldKind, HoldReference } from '@coldchain/chaincode/protocol';
import type { Sscc } from '@coldchain/gs1';
import type { ActContext, RecordedAct } from './act-context.js';
import { ActRefused } from './act-refused.js';
import { assessedEvent, heldEvent, releasedEvent } from './events.js';
import { unitReferences, type VisibleUnit, visibleUnits } from './objects.js';
import { recordAct } from './record-act.js';

/** Units to quarantine. */
export interface PlaceHold {
  readonly ssccs: readonly Sscc[];
  readonly kind: HoldKind;
  /** Why, in words; kept here with the event, never on the ledger. */
  readonly note?: string;
}

/**
 * One more hold on each unit. A regulator names units that lie before it.
 *
 * @throws ActRefused `unit-unknown`, `hold-kind-not-allowed`, `unit-in-parent`, `unit-dissolved`, …
 */
export async function placeHold(context: ActContext, input: PlaceHold): Promise<RecordedAct> {
  for (const sscc of input.ssccs) await context.transaction.query('SELECT inspect_unit($1)', [sscc]);
  const units = await visibleUnits(context, input.ssccs);
  const act = await recordAct(context, {
    command: 'placeHold',
    payload: { units: units.map((unit) => unit.key), kind: input.kind },
    event: heldEvent(context, input.ssccs, input.kind),
    objects: unitReferences(units),
    ...noteOf(input.note),
  });
  return act.recorded;
}

/** A hold, and some of the units that are under it. */
interface HeldUnits {
  readonly hold: HoldReference;
  /** Every unit under the hold that the acting organisation can decide about when absent. */
  readonly ssccs?: readonly Sscc[];
  readonly note?: string;
}

/** What an owner says about his goods. */
export interface AssessHold extends HeldUnits {
  readonly conclusion: HoldConclusion;
}

/**
 * An owner says whether his goods are usable after what they have been through up to now; a later word replaces an earlier
 * one.
 *
 * @throws ActRefused `unit-unknown`, `batch-not-owned`, `hold-unknown`, …
 */
export async function assessHold(context: ActContext, input: AssessHold): Promise<RecordedAct> {
  const units = await meantUnits(context, input, 'owner');
  const act = await recordAct(context, {
    command: 'assessHold',
    payload: { units: units.map((unit) => unit.key), hold: input.hold, conclusion: input.conclusion },
    event: assessedEvent(context, ssccsOf(units), input.hold, input.conclusion),
    objects: unitReferences(units),
    ...noteOf(input.note),
  });
  return act.recorded;
}

/**
 * Ends a hold. Thermal: by the custodian, after the owner of every batch found his goods usable; discrepancy and security:
 * by who placed it; authority: by the regulator.
 *
 * @throws ActRefused `unit-unknown`, `hold-unknown`, `hold-not-assessed`, `hold-not-of-caller`, `not-custodian`, …
 */
export async function releaseHold(context: ActContext, input: HeldUnits): Promise<RecordedAct> {
  const units = await meantUnits(context, input, input.hold.kind === 'thermal' ? 'custodian' : 'anybody');
  const act = await recordAct(context, {
    command: 'releaseHold',
    payload: { units: units.map((unit) => unit.key), hold: input.hold },
    event: releasedEvent(context, ssccsOf(units), input.hold),
    objects: unitReferences(units),
    ...noteOf(input.note),
  });
  return act.recorded;
}

const ssccsOf = (units: readonly VisibleUnit[]): Sscc[] => units.map((unit) => unit.sscc);
const noteOf = (note: string | undefined): { readonly attachment?: { readonly note: string } } =>
  note === undefined ? {} : { attachment: { note } };

/** The units that are named, or all under the hold that the acting organisation can decide about. */
async function meantUnits(
  context: ActContext,
  { hold, ssccs }: HeldUnits,
  decides: 'owner' | 'custodian' | 'anybody',
): Promise<VisibleUnit[]> {
  if (ssccs !== undefined) return visibleUnits(context, ssccs);
  const { kind, reason, commitment } = hold;
  const { id, party } = context.organisation;
  const rows = await context.transaction.query<{ id: number; sscc: Sscc; unit_key: string; held: boolean }>(
    `SELECT u.id, u.sscc, u.unit_key, e.state -> 'holds' @> $1::jsonb AS held FROM unit u
     JOIN expected_object e ON e.object_type = 'unit' AND e.object_key = u.unit_key
     WHERE (e.state -> 'holds' @> $1::jsonb OR e.state -> 'releases' @> $1::jsonb) AND e.state ->> 'parent' IS NULL AND e.state ->> 'status' <> 'dissolved'
       AND CASE $2 WHEN 'custodian' THEN e.state ->> 'custodian' = $3
                   WHEN 'owner' THEN EXISTS (
                     SELECT 1 FROM jsonb_array_elements(e.state -> 'batches') c
                     JOIN batch b ON b.batch_key = c ->> 'batch' AND b.organisation_id = $4)
                   ELSE true END
     ORDER BY u.unit_key`,
    [JSON.stringify([{ kind, reason, commitment }]), decides, party, id],
  );
  if (rows.length === 0) throw new ActRefused('hold-unknown', { kind, reason, hold: commitment });
  // Where none is held any more, the very act that released them may be sent again; all else is the contract's to refuse.
  const held = rows.filter((row) => row.held);
  return (held.length > 0 ? held : rows).map((row) => ({ id: row.id, sscc: row.sscc, key: row.unit_key }));
}
