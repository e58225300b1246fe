import { createHmac } from 'node:crypto';
import type { LegRecord } from '@coldchain/chaincode/protocol';
import { ActRefused, recordExposure } from '@coldchain/custody';
import type { OrganisationTransaction } from '@coldchain/database';
import type { Clock, Random } from '@coldchain/kernel';
import { type Excursion, lengthOf, LOGGERS_DISAGREE, legTotals, responsibilityFor } from '@coldchain/telemetry';
import { doubtedTime } from './doubted-time.js';
import { storeEvaluation } from './evaluation-store.js';
import { exposureDue } from './exposure-due.js';
import { foldNews } from './fold-news.js';
import { holdUntold } from './hold-untold.js';
import { type LegOwner, lockLeg, lockUnit, storeRecord, successorOf } from './leg-repository.js';

/** What one evaluation had to go by. */
export interface EvaluationContext {
  readonly clock: Clock;
  readonly random: Random;
}

/** What an evaluation did: whether exposure was recorded, and the leg that took over from it. */
export interface EvaluationResult {
  readonly recorded: boolean;
  /** Code with which the contract's rules refused the record; what was evaluated is stored nevertheless. */
  readonly refused: ActRefused['code'] | null;
  /**
   * To be evaluated next whenever this one was, also with nothing new here: that an earlier try came that far is not known,
   * when this leg was stored and the next one then failed.
   */
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
  const totals = legTotals(folded.state);
  const ended = leg.endedAt !== null;
  const now = context.clock.now();
  const successor = ended ? ((await successorOf(transaction, leg.id)) ?? null) : null;
  const changes = [
    ...(leg.takenOver ? [leg.startedAt] : []),
    ...(successor !== null && successor.organisation.id !== owner.organisation.id ? [leg.endedAt ?? now] : []),
  ];
  const { evidence } = folded;
  const evaluated = { from: leg.startedAt, to: leg.endedAt ?? folded.state.evaluatedTo ?? leg.startedAt };
  const doubted = await doubtedTime(transaction, evidence, evaluated);
  const gapMs = totals.gapMs + lengthOf(doubted);
  const uncertaintyMs = Math.max(0, ...evidence.sources.map((source) => source.clockUncertaintyMs));
  const assigned = (excursion: Excursion) => ({
    ...excursion,
    responsibility: responsibilityFor(excursion, changes, uncertaintyMs, now),
  });
  const found = [...folded.closed, ...folded.open];
  const isExcursion = ({ rule }: Excursion): boolean => rule !== LOGGERS_DISAGREE;
  const outside = folded.open.some(isExcursion);
  await storeEvaluation(transaction, leg.id, {
    state: folded.state,
    durationMs: totals.durationMs,
    gapMs,
    doubted,
    vouchedMs: totals.vouchedMs,
    holdsUntil: folded.holdsUntil,
    tail: folded.tail,
    sources: evidence.sources,
    readings: folded.state.readings,
    coldestMilliCelsius: totals.coldestMilliCelsius,
    hottestMilliCelsius: totals.hottestMilliCelsius,
    exposures: totals.exposures,
    excursions: found.filter(isExcursion).map(assigned),
    disagreements: found.filter((one) => !isExcursion(one)),
    checkpoints: folded.checkpoints,
    from: folded.from,
  });

  const current: Omit<LegRecord, 'revision'> = {
    leg: leg.legKey,
    custodian: owner.organisation.party,
    startedAt: leg.startedAt,
    durationMs: totals.durationMs,
    gapMs,
    coldestMilliCelsius: totals.coldestMilliCelsius,
    hottestMilliCelsius: totals.hottestMilliCelsius,
    exposures: totals.exposures,
    histogram: createHmac('sha256', leg.unitSecret)
      .update('cct-histogram-v1')
      .update(leg.legKey)
      .update(totals.histogramDigestInput)
      .digest('hex'),
  };
  const due = exposureDue({
    unit,
    profiles,
    recorded: leg.recorded,
    recordedAt: leg.recordedAt,
    now,
    current,
    ended,
    outside,
  });
  if (due === null) return { recorded: false, refused: null, successor };

  const record: LegRecord = { ...current, revision: leg.revision + 1 };
  const act = { transaction, organisation: owner.organisation, clock: context.clock, random: context.random };
  try {
    const { recorded } = await recordExposure(act, {
      unit: { key: leg.unitKey, sscc: leg.sscc },
      record,
      loggerId: evidence.sources[0]?.logger ?? null,
      from: leg.startedAt,
      to: Math.max(leg.startedAt, leg.endedAt ?? folded.state.evaluatedTo ?? leg.startedAt),
      alarm: outside || totals.exposures.some(({ usedMs }) => usedMs.some((ms) => ms > 0)),
    });
    // The event says when, where and how cold, not how long: within one ms a second one is the same and tells nothing.
    // What was not told stays due.
    if (recorded.repeated) return { recorded: false, refused: null, successor };
  } catch (error) {
    // Refused before anything of it was written. Verdicts add what a leg has measured beyond its record, so nothing is
    // hidden; to try again would refuse again, and hold up the place of all other legs.
    if (!(error instanceof ActRefused)) throw error;
    if (error.code === 'too-many-objects') {
      const { unitKey, startedAt, recorded } = leg;
      await holdUntold(act, { unitKey, startedAt, recorded, before: leg.exposures, current, profiles });
    }
    return { recorded: false, refused: error.code, successor };
  }
  await storeRecord(transaction, leg.id, record, now, ended);
  return { recorded: true, refused: null, successor };
}
