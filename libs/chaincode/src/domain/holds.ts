import type { Hold, HoldAssessment, HoldKind, HoldReason, HoldReference, HoldRelease, UnitState } from '../protocol';
import type { Context } from './context';

const idOf = (hold: HoldReference): string => `${hold.kind} ${hold.reason} ${hold.commitment}`;

/** Are these references to one hold? */
export const sameHold = (one: HoldReference, other: HoldReference): boolean => idOf(one) === idOf(other);

/** Per batch the assessment that counts when two units come together: the worse, else the later. */
function unitedAssessments(known: Hold, other: Hold): readonly HoldAssessment[] {
  const united = new Map<string, HoldAssessment>();
  for (const assessment of [...(known.assessments ?? []), ...(other.assessments ?? [])]) {
    const earlier = united.get(assessment.batch);
    const worse = earlier?.conclusion === 'not-usable' && assessment.conclusion === 'usable';
    const older = earlier?.conclusion === assessment.conclusion && earlier.at > assessment.at;
    if (earlier === undefined || !(worse || older)) united.set(assessment.batch, assessment);
  }
  return [...united.values()].sort((a, b) => (a.batch < b.batch ? -1 : 1));
}

/** All holds of several units, each once, oldest first and then by what they are. */
export function unitedHolds(...sets: readonly (readonly Hold[])[]): Hold[] {
  const united = new Map<string, Hold>();
  for (const hold of sets.flat()) {
    const known = united.get(idOf(hold));
    const assessments = known === undefined ? [] : unitedAssessments(known, hold);
    united.set(idOf(hold), assessments.length === 0 ? hold : { ...hold, assessments });
  }
  return [...united.values()].sort((a, b) => a.placedAt - b.placedAt || (idOf(a) < idOf(b) ? -1 : 1));
}

/** All releases of several units, each once, in the order in which they came. */
export function unitedReleases(...units: readonly Pick<UnitState, 'releases'>[]): HoldRelease[] {
  const releases = units.flatMap((unit) => unit.releases ?? []);
  return [...new Map(releases.map((one) => [`${idOf(one)} ${one.releasedWith}`, one] as const)).values()];
}

/**
 * Holds of a child that leaves its parent. The parent spoke for it: its copy of a hold is the one that counts, and what
 * was released on it is released.
 */
export function holdsOfChild(child: UnitState, parent: UnitState): Hold[] {
  const spokenFor = [...parent.holds, ...(parent.releases ?? [])];
  return unitedHolds(
    child.holds.filter((hold) => !spokenFor.some((known) => sameHold(known, hold))),
    parent.holds,
  );
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

/** The unit without some of its holds, and with their releases by the context's caller and event. */
export function released(unit: UnitState, ended: readonly Hold[], context: Context): UnitState {
  const releases = ended.map(({ kind, reason, commitment }): HoldRelease => ({
    kind,
    reason,
    commitment,
    releasedBy: context.caller.party,
    releasedAt: context.eventTime,
    releasedWith: context.commitment,
    exposures: kind === 'thermal' ? unit.total.exposures : [],
  }));
  return {
    ...unit,
    holds: unit.holds.filter((hold) => !ended.some((one) => sameHold(one, hold))),
    releases: unitedReleases(unit, { releases }),
  };
}
