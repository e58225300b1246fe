import {
  type Hex32,
  type LegRecord,
  MAX_OBJECTS,
  type RecordExposurePayload,
  type StoredLeg,
  type ThermalState,
  type UnitState,
} from '../protocol';
import type { Context } from './context';
import { Refused } from './refused';
import { incrementsOf, raisedBy } from './thermal-state';
import { judged, profilesOf, takenOverAt, unitState } from './unit';

/** Legs of one unit: its state stays below 1 MB even with the longest records. */
const MAX_LEGS = 200;

/** @throws Refused `leg-not-of-caller`, `leg-revision-not-rising`. */
function checkLeg(unit: UnitState, known: StoredLeg | undefined, record: LegRecord, caller: string): void {
  const details = { unit: unit.unit, leg: record.leg };
  if (record.custodian !== caller) throw new Refused('leg-not-of-caller', details);
  if (known !== undefined) {
    if (known.custodian !== caller) throw new Refused('leg-not-of-caller', details);
    if (record.revision <= known.revision) {
      throw new Refused('leg-revision-not-rising', { ...details, revision: record.revision, known: known.revision });
    }
    return;
  }
  const held = [unit.custodian, ...unit.previousCustodians, ...unit.legs.map((leg) => leg.custodian)];
  if (!held.includes(caller)) throw new Refused('leg-not-of-caller', details);
  if (unit.legs.length >= MAX_LEGS) throw new Refused('too-many-objects', { ...details, legs: MAX_LEGS });
}

/** The record must speak of exactly the unit's profiles, with one entry per range. */
async function checkExposures(unit: UnitState, record: LegRecord, context: Context): Promise<void> {
  const profiles = profilesOf(unit);
  const given = record.exposures.map((exposure) => exposure.profile);
  const matches = profiles.length === given.length && profiles.every((profile, index) => profile === given[index]);
  if (!matches) throw new Refused('exposure-profile-mismatch', { unit: unit.unit, expected: profiles.join(' ') });
  for (const exposure of record.exposures) {
    const { ranges } = await context.draft.profile(exposure.profile);
    const inPieces = ranges.some(({ activation = 'cumulative' }) => activation !== 'cumulative');
    const pieces = exposure.longestMs?.length;
    // Without the longest pieces a range that asks for them could not be judged, and would look unbroken.
    if (exposure.usedMs.length !== ranges.length || pieces !== (inPieces ? ranges.length : undefined)) {
      const details = { unit: unit.unit, profile: exposure.profile, ranges: ranges.length };
      throw new Refused('exposure-profile-mismatch', details);
    }
  }
}

const outside = (value: number | null, known: number | null | undefined, sign: 1 | -1): boolean =>
  value !== null && (known === null || known === undefined || sign * value > sign * known);

const longerPiece = (before: LegRecord | undefined, after: LegRecord): boolean =>
  after.exposures.some(({ profile, longestMs = [] }) => {
    const known = before?.exposures.find((exposure) => exposure.profile === profile)?.longestMs;
    return longestMs.some((longest, range) => longest > (known?.[range] ?? 0));
  });

/** Is there anything in the record that who took the state over does not have yet? */
function addsAnything(before: LegRecord | undefined, after: LegRecord, increments: ThermalState): boolean {
  const runs = (record: LegRecord | undefined): number =>
    Math.max(0, ...(record?.exposures ?? []).map((exposure) => exposure.freezeRunMs));
  return (
    increments.gapMs > 0 ||
    increments.exposures.some((exposure) => exposure.usedMs.some((used) => used > 0)) ||
    runs(after) > runs(before) ||
    longerPiece(before, after) ||
    outside(after.coldestMilliCelsius, before?.coldestMilliCelsius, -1) ||
    outside(after.hottestMilliCelsius, before?.hottestMilliCelsius, 1)
  );
}

/**
 * From when on a leg counts. Without a start it is older than every packing. What is recorded while the unit lies in a
 * parent counts from its packing at the latest: the parent speaks for it, so the parent must be charged.
 */
function effectiveStart(unit: UnitState, known: StoredLeg | undefined, record: LegRecord): number {
  const packedAt = unit.parent === null ? undefined : takenOverAt(unit, unit.parent);
  const starts = [record.startedAt ?? 0, known?.startedAt, packedAt];
  return Math.min(...starts.filter((start) => start !== undefined));
}

/** A unit that the increments reach, through a takeover at this time. */
interface Reached {
  readonly unit: Hex32;
  readonly at: number;
}

/** Heirs that took the state over at or after an instant. */
function heirsSince(unit: UnitState, since: number): Reached[] {
  return unit.heirs.flatMap((heir, index) => {
    const at = unit.heirTimes[index] ?? 0;
    return at >= since ? [{ unit: heir, at }] : [];
  });
}

/**
 * Adds increments to what every heir inherited, and to their heirs in turn. What came into a unit at an instant is not
 * in what others took out of it before; so takeovers along a path never go back in time, and the earliest way to a unit
 * decides (each is charged once).
 */
async function chargeHeirs(
  start: readonly Reached[],
  origin: Hex32 | null,
  increments: ThermalState,
  context: Context,
): Promise<void> {
  const charged = new Set<Hex32>(origin === null ? [] : [origin]);
  const waiting = [...start];
  while (waiting.length > 0) {
    waiting.sort((a, b) => a.at - b.at || (a.unit < b.unit ? -1 : 1));
    const next = waiting.shift();
    if (next === undefined || charged.has(next.unit)) continue;
    charged.add(next.unit);
    if (charged.size > MAX_OBJECTS) throw new Refused('too-many-objects', { most: MAX_OBJECTS });
    const heir = await context.draft.unit(next.unit);
    const raised = unitState({ ...heir, inherited: raisedBy(heir.inherited, increments) });
    context.draft.put('unit', heir.unit, await judged(raised, context));
    waiting.push(...heirsSince(heir, next.at));
  }
}

/**
 * Replaces the record of one leg by a later revision, recomputes the unit's total and judges it; what the record adds
 * reaches every unit that took the state over. Always possible, also for a unit in a parent, on its way or dissolved:
 * evidence may come late, and it must count.
 * @throws Refused `unit-unknown`, `leg-not-of-caller`, `leg-revision-not-rising`, `exposure-profile-mismatch`,
 * `too-many-objects`.
 */
export async function recordExposure(payload: RecordExposurePayload, context: Context): Promise<void> {
  const { record } = payload;
  const unit = await context.draft.unit(payload.unit);
  const known = unit.legs.find((leg) => leg.leg === record.leg);
  checkLeg(unit, known, record, context.caller.party);
  await checkExposures(unit, record, context);

  const startedAt = effectiveStart(unit, known, record);
  const absorbed = known?.absorbed ?? false;
  const leg: StoredLeg = { ...record, startedAt, absorbed };
  const legs = known === undefined ? [...unit.legs, leg] : unit.legs.map((other) => (other === known ? leg : other));
  context.draft.put('unit', unit.unit, await judged(unitState({ ...unit, legs }), context));

  // A start that moved back may reach heirs that were charged with nothing of this leg yet: then with all of it.
  const before = known !== undefined && startedAt >= (known.startedAt ?? 0) ? known : undefined;
  const increments = incrementsOf(before, record);
  if (!addsAnything(before, record, increments)) return;
  // An absorbed leg counts in the unit itself only through the parent that it was packed into.
  await chargeHeirs(heirsSince(unit, startedAt), absorbed ? null : unit.unit, increments, context);
}
