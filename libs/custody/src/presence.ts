import type { Sscc } from '@coldchain/gs1';
import { type ActContext, eventTimeOf, type RecordedAct } from './act-context.js';
import { ActRefused } from './act-refused.js';
import { enteredEvent, observedEvent } from './events.js';
import { dateOrNull, vouchingOf } from './lateness.js';
import { leavePlaceOf, refreshLeg } from './legs.js';
import { unitReferences, visibleUnits } from './objects.js';
import { ownPlace, type Place } from './places.js';
import { recordAct } from './record-act.js';
import { areWatched } from './watched.js';

/** Units that go into a place, or leave it. */
export interface UnitsOfPlace {
  readonly place: string;
  readonly ssccs: readonly Sscc[];
}

/**
 * The custodian puts units into a place of his (storing), or into a vehicle (loading): from now on its sensors speak for
 * them, until they leave it, go into another place, are shipped, packed or received by another organisation.
 *
 * @throws ActRefused `place-unknown`, `unit-unknown`, `not-custodian`, `unit-in-parent` and what else the contract refuses
 */
export async function enterPlace(context: ActContext, input: UnitsOfPlace): Promise<RecordedAct> {
  const place = await ownPlace(context, input.place);
  const units = await visibleUnits(context, input.ssccs);
  const act = await recordAct(context, {
    command: 'recordObservation',
    payload: { units: units.map((unit) => unit.key) },
    event: enteredEvent(context, input.ssccs, place.identifier),
    objects: unitReferences(units),
  });
  if (!act.recorded.repeated) for (const unit of units) await putInto(context, unit.id, place);
  return act.recorded;
}

/**
 * Units leave the place that they are in; what watches them otherwise goes on.
 * @throws ActRefused `place-unknown`, `unit-unknown`, `unit-not-in-place` (they are not in that one), `not-custodian`, …
 */
export async function leavePlace(context: ActContext, { place, ssccs }: UnitsOfPlace): Promise<RecordedAct> {
  const { id } = await ownPlace(context, place);
  const units = await visibleUnits(context, ssccs);
  const inside = await context.transaction.query<{ unit_id: number }>(
    'SELECT unit_id FROM unit_presence WHERE unit_id = ANY($1) AND place_id = $2 AND left_at IS NULL',
    [units.map((unit) => unit.id), id],
  );
  const act = await recordAct(context, {
    command: 'recordObservation',
    payload: { units: units.map((unit) => unit.key) },
    event: observedEvent(context, ssccs, { bizStep: 'entering_exiting' }),
    objects: unitReferences(units),
  });
  if (act.recorded.repeated) return act.recorded;
  for (const unit of units) {
    if (!inside.some((row) => row.unit_id === unit.id)) throw new ActRefused('unit-not-in-place', { sscc: unit.sscc });
    await takeOutOfPlace(context, unit.id);
  }
  return act.recorded;
}

/** The unit is in no place any more (see {@link leavePlaceOf}). Within an act that is recorded already. */
export async function takeOutOfPlace(context: ActContext, unitId: number): Promise<void> {
  await leavePlaceOf(context, unitId);
  await refreshLeg(context, unitId);
}

/**
 * The unit is in the place from the act's time on, and no longer where it was. Within an act that is recorded already.
 * Where it was speaks until the act was captured (see {@link leavePlaceOf}): in between both places do, the worst counts.
 *
 * @param isSeconded whether its goods come out of what watched them until now; null: that is asked of the unit itself
 */
export async function putInto(
  context: ActContext,
  unitId: number,
  place: Place,
  isSeconded: boolean | null = null,
): Promise<void> {
  const { vouchesFrom, secondedFrom } = vouchingOf(context, isSeconded ?? (await areWatched(context, [unitId])));
  const enteredAt = secondedFrom ?? vouchesFrom ?? eventTimeOf(context);
  await leavePlaceOf(context, unitId);
  // Right after it entered the same place the last time, where both say the same time.
  await context.transaction.query(
    `INSERT INTO unit_presence (unit_id, place_id, entered_at, vouches_from)
     SELECT $1, $2, e.at, CASE WHEN e.at < $4 THEN $4::timestamptz END FROM (
       SELECT greatest($3, max(entered_at) + interval '1 millisecond') AS at FROM unit_presence
       WHERE unit_id = $1 AND place_id = $2 AND entered_at >= $3) e`,
    [unitId, place.id, new Date(enteredAt), dateOrNull(vouchesFrom)],
  );
  await refreshLeg(context, unitId, null, enteredAt);
}
