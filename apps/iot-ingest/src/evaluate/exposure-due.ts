import { thermalReasons } from '@coldchain/chaincode/domain';
import type { Exposure, LegRecord, ProductProfile, UnitState } from '@coldchain/chaincode/protocol';
import { profileId } from '@coldchain/chaincode/protocol';
import { addExposures, judgeBudget } from '@coldchain/telemetry';

/** A leg is told to the ledger at least this often while it is open (ledger model, `recordExposure`). */
export const DAY_MS = 24 * 3_600_000;

/** Why a leg's totals are due on the ledger; null when they can wait. */
export type ExposureDue = 'leg-ended' | 'leg-revised' | 'budget-passed' | 'day-passed' | null;

/** What is known when it has to be decided whether a leg's exposure is due. */
export interface ExposureQuestion {
  readonly unit: UnitState;
  readonly profiles: readonly ProductProfile[];
  readonly recorded: LegRecord | null;
  /** When the last record was made, ms; null: none was, or the rest is to be told now. */
  readonly recordedAt: number | null;
  readonly now: number;
  readonly current: Omit<LegRecord, 'revision'>;
  readonly ended: boolean;
  /** An excursion goes on: its time grows with every reading. */
  readonly outside: boolean;
}

/**
 * Decides from the budget of the whole unit, not of the leg alone: a leg that spends the last hundredth of what others
 * left is as urgent as one that spends everything. A tenth of any range, the freeze rule or the budget itself passed,
 * a day passed, the leg ended, or an ended leg's totals changed.
 */
export function exposureDue(question: ExposureQuestion): ExposureDue {
  const { recorded, current, ended } = question;
  if (recorded !== null && sameTotals(recorded, current)) return null;
  if (ended) return recorded === null ? 'leg-ended' : 'leg-revised';
  if (question.profiles.some((profile) => passesMark(question, profile))) return 'budget-passed';
  if (endedHeld(question)) return 'budget-passed';
  if (question.recordedAt === null || question.now - question.recordedAt >= DAY_MS) return 'day-passed';
  return null;
}

function passesMark(question: ExposureQuestion, profile: ProductProfile): boolean {
  const before = exposureOf(question.unit.total.exposures, profile);
  const recorded = exposureOf(question.recorded?.exposures ?? [], profile);
  const current = exposureOf(question.current.exposures, profile);
  const after = addExposures(
    { ...before, usedMs: before.usedMs.map((ms, range) => ms - (recorded.usedMs[range] ?? 0)) },
    current,
  );
  const was = judgeBudget(profile, before);
  const is = judgeBudget(profile, after);
  return (
    (is.exceeded && !was.exceeded) ||
    (is.freezeTripped && !was.freezeTripped) ||
    // beyond the budget every further tenth is still told: how far it went decides what can be released
    is.spentTenths > was.spentTenths ||
    isHeldAgain(question.unit, profile, after)
  );
}

/**
 * A held unit is within its limits again: the whole of what it has been through is told, because owners assess what the
 * ledger knows, and what is not told by then would hold it again after its release.
 */
function endedHeld({ unit, recorded, current, outside }: ExposureQuestion): boolean {
  if (outside || !unit.holds.some((hold) => hold.kind === 'thermal')) return false;
  return JSON.stringify(recorded?.exposures ?? []) !== JSON.stringify(current.exposures);
}

/** What goes beyond an assessment whose hold was released is quarantined again: at once, not at the next tenth. */
function isHeldAgain(unit: UnitState, profile: ProductProfile, after: Exposure): boolean {
  const { releases = [], holds } = unit;
  if (releases.length === 0) return false;
  const total = { ...unit.total, exposures: [after] };
  return thermalReasons(total, new Map([[after.profile, profile]]), releases).some(
    (reason) => !holds.some((hold) => hold.kind === 'thermal' && hold.reason === reason),
  );
}

const exposureOf = (exposures: readonly Exposure[], profile: ProductProfile): Exposure =>
  exposures.find((exposure) => exposure.profile === profileId(profile)) ?? {
    profile: profileId(profile),
    usedMs: profile.ranges.map(() => 0),
    freezeRunMs: 0,
  };

function sameTotals(recorded: LegRecord, current: Omit<LegRecord, 'revision'>): boolean {
  const { revision: _revision, ...totals } = recorded;
  return JSON.stringify(ordered(totals)) === JSON.stringify(ordered(current));
}

const ordered = (record: Omit<LegRecord, 'revision'>): unknown[] => [
  record.durationMs,
  record.gapMs,
  record.coldestMilliCelsius,
  record.hottestMilliCelsius,
  record.histogram,
  record.exposures.map((exposure) => [
    exposure.profile,
    exposure.usedMs,
    exposure.freezeRunMs,
    exposure.longestMs ?? [],
  ]),
];
