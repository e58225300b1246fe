import type { Hex32, PartyId, ProductProfile, ProfileId, UnitState } from '../protocol';
import { type Context, notBeforePrevious } from './context';
import type { Draft } from './draft';
import { withThermalHolds } from './holds';
import { Refused } from './refused';
import { thermalReasons, totalOf } from './thermal-state';

/** A unit's state with its members in the order of the protocol and its total computed. */
export function unitState(state: Omit<UnitState, 'total'>): UnitState {
  return {
    unit: state.unit,
    status: state.status,
    custodian: state.custodian,
    receiver: state.receiver,
    claimedBy: state.claimedBy,
    parent: state.parent,
    children: state.children,
    batches: state.batches,
    inherited: state.inherited,
    legs: state.legs,
    heirs: state.heirs,
    heirTimes: state.heirTimes,
    previousCustodians: state.previousCustodians,
    loosePacks: state.loosePacks,
    total: totalOf(state.inherited, state.legs),
    holds: state.holds,
    lastEventTime: state.lastEventTime,
    ...(state.releases === undefined || state.releases.length === 0 ? {} : { releases: state.releases }),
    ...(state.resolution === undefined ? {} : { resolution: state.resolution }),
  };
}

/** The profiles of a unit's batches, each once, ascending. */
export function profilesOf(unit: Pick<UnitState, 'batches'>): ProfileId[] {
  return [...new Set(unit.batches.map((content) => content.profile))].sort();
}

/** The unit with a thermal hold for every rule that its total breaks beyond what was assessed and released. */
export async function judged(unit: UnitState, context: Context): Promise<UnitState> {
  const profiles = new Map<ProfileId, ProductProfile>();
  for (const id of profilesOf(unit)) profiles.set(id, await context.draft.profile(id));
  const reasons = thermalReasons(unit.total, profiles, unit.releases ?? []);
  return unitState({ ...unit, holds: withThermalHolds(unit, reasons, context) });
}

/** The unit with one more heir, which took its thermal state over at the context's event time. */
export function withHeir(unit: UnitState, heir: Hex32, context: Context): UnitState {
  const index = unit.heirs.indexOf(heir);
  if (index < 0) {
    return unitState({
      ...unit,
      heirs: [...unit.heirs, heir],
      heirTimes: [...unit.heirTimes, context.eventTime],
    });
  }
  // Taken over again: the later time covers more legs.
  const heirTimes = unit.heirTimes.map((time, at) => (at === index ? Math.max(time, context.eventTime) : time));
  return unitState({ ...unit, heirTimes });
}

/** Event time at which an heir took the unit's state over; undefined when it never did. */
export function takenOverAt(unit: UnitState, heir: Hex32): number | undefined {
  const index = unit.heirs.indexOf(heir);
  return index < 0 ? undefined : unit.heirTimes[index];
}

/** @throws Refused `unit-unknown`, `unit-dissolved`, `unit-in-parent`. */
export async function freeUnit(key: Hex32, draft: Draft): Promise<UnitState> {
  const unit = await draft.unit(key);
  if (unit.status === 'dissolved') throw new Refused('unit-dissolved', { unit: key });
  if (unit.parent !== null) throw new Refused('unit-in-parent', { unit: key, parent: unit.parent });
  return unit;
}

/** @throws Refused `not-custodian`. */
export function needsCustodian(unit: UnitState, party: PartyId): void {
  if (unit.custodian !== party) throw new Refused('not-custodian', { unit: unit.unit });
}

/**
 * A unit that the caller has the say over, also on its way: custody ends with the receipt.
 * @throws Refused what {@link freeUnit} refuses, `not-custodian`, `event-before-previous`.
 */
export async function unitInCustody(key: Hex32, context: Context): Promise<UnitState> {
  const unit = await freeUnit(key, context.draft);
  needsCustodian(unit, context.caller.party);
  notBeforePrevious({ type: 'unit', key }, unit, context.eventTime);
  return unit;
}

/**
 * A unit that lies with the caller: free, his, not on its way, and without a later event.
 * @throws Refused what {@link freeUnit} refuses, `unit-in-transit`, `not-custodian`, `event-before-previous`.
 */
export async function unitAtHand(key: Hex32, context: Context): Promise<UnitState> {
  const unit = await freeUnit(key, context.draft);
  needsCustodian(unit, context.caller.party);
  if (unit.status === 'in-transit') throw new Refused('unit-in-transit', { unit: key });
  notBeforePrevious({ type: 'unit', key }, unit, context.eventTime);
  return unit;
}
