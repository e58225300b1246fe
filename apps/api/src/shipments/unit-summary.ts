import type { Hold, HoldReference } from '@coldchain/chaincode/protocol';
import type { UnitRow } from './units.queries.js';

/** The name of a hold in paths and lists: what placed it, and why. Each reason belongs to one kind. */
export const holdIdOf = ({ commitment, reason }: Pick<HoldReference, 'commitment' | 'reason'>): string =>
  `${commitment}.${reason}`;

/** A unit as lists tell it. */
export function summaryOf(unit: UnitRow): Record<string, unknown> {
  return {
    sscc: unit.sscc,
    anchored: unit.anchored,
    status: unit.state?.status ?? 'not-anchored',
    custodian: unit.custodian,
    receiver: unit.receiver,
    claimedBy: unit.claimed_by,
    parent: unit.parent,
    holds: (unit.state?.holds ?? []).map((hold) => holdOf(hold, unit)),
  };
}

function holdOf(hold: Hold, unit: UnitRow): Record<string, unknown> {
  return {
    id: holdIdOf(hold),
    kind: hold.kind,
    reason: hold.reason,
    placedBy: slugOf(hold.placedBy, unit),
    placedAt: new Date(hold.placedAt).toISOString(),
    assessments: (hold.assessments ?? []).map(({ batch, by, conclusion, at }) => ({
      batch: unit.lots[batch] ?? null,
      by: slugOf(by, unit),
      conclusion,
      at: new Date(at).toISOString(),
    })),
  };
}

/** Holds of a unit that ended, in their order. */
export function releasesOf(unit: UnitRow): Record<string, unknown>[] {
  return (unit.state?.releases ?? []).map((release) => ({
    id: holdIdOf(release),
    kind: release.kind,
    reason: release.reason,
    releasedBy: slugOf(release.releasedBy, unit),
    releasedAt: new Date(release.releasedAt).toISOString(),
  }));
}

const slugOf = (party: string, unit: UnitRow): string => unit.slugs[party] ?? party;
