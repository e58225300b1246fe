import type { Sscc } from '@coldchain/gs1';
import { type ActContext, eventTimeOf, evidenceEndOf, type RecordedAct } from './act-context.js';
import { ActRefused } from './act-refused.js';
import { enteredEvent, observedEvent } from './events.js';
import { leavePlaceOf, refreshLeg } from './legs.js';
import { unitReferences, visibleUnits } from './objects.js';
import { ownPlace, type Place } from './places.js';
import { recordAct } from './record-act.js';

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

/**
 * The unit is in no place any more. Within an act that is recorded already. Where it was speaks until the act was captured,
 * but from the act's time on only against it: a stay that ends as it begins says from when on it was elsewhere.
 */
export async function takeOutOfPlace(context: ActContext, unitId: number): Promise<void> {
  await context.transaction.query(
    `INSERT INTO unit_presence (unit_id, place_id, entered_at, left_at) SELECT $1, place_id, $2, $2 FROM unit_presence
     WHERE unit_id = $1 AND left_at IS NULL AND entered_at < $2 AND $2 < $3 ON CONFLICT DO NOTHING`,
    [unitId, new Date(eventTimeOf(context)), new Date(evidenceEndOf(context))],
  );
  await leavePlaceOf(context, unitId);
  await refreshLeg(context, unitId);
}

/**
 * The unit is in the place from the act's time on, and no longer where it was. Within an act that is recorded already.
 * Where it was speaks until the act was captured (see {@link leavePlaceOf}): in between both places do, the worst counts.
 */
export async function putInto(context: ActContext, unitId: number, place: Place): Promise<void> {
  const earliest = context.clock.now() - (await lateEntryMs(context, unitId));
  const enteredAt = Math.max(eventTimeOf(context), earliest);
  await leavePlaceOf(context, unitId);
  // Right after it entered the same place the last time, where both say the same time.
  await context.transaction.query(
    `INSERT INTO unit_presence (unit_id, place_id, entered_at)
     SELECT $1, $2, greatest($3, max(entered_at) + interval '1 millisecond') FROM unit_presence
     WHERE unit_id = $1 AND place_id = $2 AND entered_at >= $3`,
    [unitId, place.id, new Date(enteredAt)],
  );
  await refreshLeg(context, unitId, null, enteredAt);
}

/** By how much the platform hears of an entry later than it was, when somebody scans and is connected. */
const LATE_ENTRY_MS = 15 * 60_000;
/** By how much it may, when he was not, for a part of a shift. */
const OFFLINE_ENTRY_MS = 4 * 3_600_000;

/**
 * How far back an entry makes the sensors of a place speak: that is evidence out of a claim alone. So for hours only where
 * the unit comes out of a place that is watched, too: then the entry can add to what was measured, but take nothing away.
 */
async function lateEntryMs(context: ActContext, unitId: number): Promise<number> {
  const watched = await context.transaction.query(
    `SELECT FROM unit_presence n JOIN place_logger p ON p.place_id = n.place_id AND p.until IS NULL
     WHERE n.unit_id = $1 AND n.left_at IS NULL LIMIT 1`,
    [unitId],
  );
  return watched.length > 0 ? OFFLINE_ENTRY_MS : LATE_ENTRY_MS;
}
