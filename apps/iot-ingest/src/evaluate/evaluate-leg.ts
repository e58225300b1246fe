import { createHmac } from 'node:crypto';
import type { LegRecord } from '@coldchain/chaincode/protocol';
import { ActRefused, recordExposure } from '@coldchain/custody';
import type { OrganisationTransaction } from '@coldchain/database';
import type { Clock, Random } from '@coldchain/kernel';
import {
  carryOf,
  closeLeg,
  type Folded,
  foldReadings,
  legTotals,
  mergeReadings,
  startLeg,
  type ThermalProfile,
} from '@coldchain/telemetry';
import { exposureDue } from './exposure-due.js';
import {
  type LegOwner,
  type LegRow,
  lockLeg,
  readingsOf,
  storeEvaluation,
  storeRecord,
  successorOf,
  lockUnit,
  oldestRunning,
} from './leg-repository.js';

/** What one evaluation had to go by. */
export interface EvaluationContext {
  readonly clock: Clock;
  readonly random: Random;
}

/** What an evaluation did: whether exposure was recorded, and the leg that has to follow because its carry changed. */
export interface EvaluationResult {
  readonly recorded: boolean;
  /** Code with which the contract's rules refused the record; what was evaluated is stored nevertheless. */
  readonly refused: ActRefused['code'] | null;
  readonly successor: LegOwner | null;
}

/**
 * Folds what is new into a leg, stores state, totals and excursions, and captures its exposure when it is due: all in
 * the one transaction of the leg's custodian. Repeating it changes nothing.
 */
export async function evaluateLeg(
  transaction: OrganisationTransaction,
  owner: LegOwner,
  context: EvaluationContext,
): Promise<EvaluationResult> {
  const { unit, profiles } = await lockUnit(transaction, owner.legId);
  const leg = await lockLeg(transaction, owner.legId);
  if (leg === undefined) throw new Error(`leg ${owner.legId} has gone`);
  const folded = await foldNews(transaction, leg, owner, profiles);
  const totals = legTotals(folded.result.state);
  await storeEvaluation(transaction, leg.id, {
    state: folded.result.state,
    durationMs: totals.durationMs,
    gapMs: totals.gapMs,
    readings: folded.result.state.readings,
    coldestMilliCelsius: totals.coldestMilliCelsius,
    hottestMilliCelsius: totals.hottestMilliCelsius,
    exposures: totals.exposures,
    excursions: [...folded.result.closed, ...folded.result.open],
    complete: folded.complete,
  });

  const current: Omit<LegRecord, 'revision'> = {
    leg: leg.legKey,
    custodian: owner.organisation.party,
    startedAt: leg.startedAt,
    durationMs: totals.durationMs,
    gapMs: totals.gapMs,
    coldestMilliCelsius: totals.coldestMilliCelsius,
    hottestMilliCelsius: totals.hottestMilliCelsius,
    exposures: totals.exposures,
    histogram: createHmac('sha256', leg.unitSecret)
      .update('cct-histogram-v1')
      .update(leg.legKey)
      .update(totals.histogramDigestInput)
      .digest('hex'),
  };
  const ended = leg.endedAt !== null;
  const now = context.clock.now();
  const due = exposureDue({
    unit,
    profiles,
    recorded: leg.recorded,
    recordedAt: leg.recordedAt,
    now,
    current,
    ended,
    outside: folded.result.open.length > 0,
  });
  const successor = ended ? ((await successorOf(transaction, leg.id)) ?? null) : null;
  if (due === null) return { recorded: false, refused: null, successor };

  const record: LegRecord = { ...current, revision: leg.revision + 1 };
  try {
    await recordExposure(
      { transaction, organisation: owner.organisation, clock: context.clock, random: context.random },
      {
        unit: { key: leg.unitKey, sscc: leg.sscc },
        record,
        loggerId: leg.loggerId,
        from: leg.startedAt,
        to: Math.max(leg.startedAt, leg.endedAt ?? folded.result.state.evaluatedTo ?? leg.startedAt),
        alarm: folded.result.open.length > 0 || totals.exposures.some(({ usedMs }) => usedMs.some((ms) => ms > 0)),
      },
    );
  } catch (error) {
    // Refused before anything of it was written. Verdicts add what a leg has measured beyond its record, so nothing is
    // hidden; to try again would refuse again, and hold up the place of all other legs.
    if (!(error instanceof ActRefused)) throw error;
    return { recorded: false, refused: error.code, successor };
  }
  await storeRecord(transaction, leg.id, record, now, ended);
  return { recorded: true, refused: null, successor };
}

interface FoldedNews {
  readonly result: Folded;
  readonly complete: boolean;
}

/** Goes on from the stored state when all news lie after it; otherwise folds the leg again from its start. */
async function foldNews(
  transaction: OrganisationTransaction,
  leg: LegRow,
  owner: LegOwner,
  profiles: readonly ThermalProfile[],
): Promise<FoldedNews> {
  // Taken under the lock of the leg: an evaluation that started earlier cannot store less than one that ended before.
  const visibleBelow = await oldestRunning(transaction);
  const intervalMs = holdingTime(leg.intervalMs, profiles);
  const state = leg.state;
  const goesOn =
    state !== null &&
    state.phase === 'open' &&
    state.intervalMs === intervalMs &&
    JSON.stringify(state.profiles) === JSON.stringify(profiles) &&
    (owner.earliestAt === null || state.evaluatedTo === null || owner.earliestAt > state.evaluatedTo);
  if (goesOn) {
    const readings = await readingsOf(transaction, leg.loggerId, {
      after: state.evaluatedTo ?? leg.startedAt - 1,
      until: leg.endedAt,
      visibleBelow,
    });
    const next = foldReadings(state, mergeReadings(readings));
    if (!next.late) {
      const ended = end(next, leg);
      if (ended !== null) return { result: ended, complete: false };
    }
  }
  const readings = await readingsOf(transaction, leg.loggerId, {
    after: leg.startedAt - 1,
    until: leg.endedAt,
    visibleBelow,
  });
  const start = startLeg(profiles, {
    startedAt: leg.startedAt,
    intervalMs,
    // What was before the first reading is not known: it is a gap, as in the evaluation of a file.
    leadMs: 0,
    carry: leg.previous?.phase === 'closed' ? carryOf(leg.previous) : null,
  });
  const whole = foldReadings(start, mergeReadings(readings));
  const ended = whole.late ? null : end(whole, leg);
  if (ended === null) throw new Error(`leg ${leg.id}: its readings cannot be folded from its start`);
  return { result: ended, complete: true };
}

/**
 * How long a reading holds: the logger's declared interval, but no longer than the shortest time without evidence that a
 * profile allows. Who declares an interval of a day would otherwise have no gaps.
 */
function holdingTime(intervalMs: number, profiles: readonly ThermalProfile[]): number {
  return Math.min(intervalMs, ...profiles.map(({ gap }) => gap.allowedMs).filter((allowedMs) => allowedMs > 0));
}

/** Closes the state of a leg that has ended; null when the end lies before what was folded. */
function end(folded: Folded, leg: LegRow): Folded | null {
  if (leg.endedAt === null) return folded;
  const closed = closeLeg(folded.state, leg.endedAt);
  if (closed.late) return null;
  return { ...closed, closed: [...folded.closed, ...closed.closed] };
}
