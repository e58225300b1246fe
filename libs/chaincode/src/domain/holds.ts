import type { Hold, HoldKind, HoldReason, UnitState } from '../protocol';
import type { Context } from './context';

const idOf = (hold: Hold): string => `${hold.kind} ${hold.reason} ${hold.commitment}`;

/** All holds of several units, each once, oldest first and then by what they are. */
export function unitedHolds(...sets: readonly (readonly Hold[])[]): Hold[] {
  const united = new Map(sets.flat().map((hold) => [idOf(hold), hold] as const));
  return [...united.values()].sort((a, b) => a.placedAt - b.placedAt || (idOf(a) < idOf(b) ? -1 : 1));
}

/** The set with one more hold, placed by the context's caller and event. */
export function withHold(holds: readonly Hold[], kind: HoldKind, reason: HoldReason, context: Context): Hold[] {
  const placed: Hold = {
    kind,
    reason,
    placedBy: context.caller.party,
    commitment: context.commitment,
    placedAt: context.eventTime,
  };
  return unitedHolds(holds, [placed]);
}

/** The set with a thermal hold for each reason that has none yet: it is placed once and no later record lifts it. */
export function withThermalHolds(unit: UnitState, reasons: readonly HoldReason[], context: Context): readonly Hold[] {
  return reasons.reduce<readonly Hold[]>((holds, reason) => {
    const placed = holds.some((hold) => hold.kind === 'thermal' && hold.reason === reason);
    return placed ? holds : withHold(holds, 'thermal', reason, context);
  }, unit.holds);
}
