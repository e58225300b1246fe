import type { Hold, HoldConclusion, HoldReference } from '@coldchain/chaincode/protocol';
import { type ActContext, assessHold, placeHold, type RecordedAct, releaseHold } from '@coldchain/custody';
import { holdIdOf } from '../shipments/unit-summary.js';
import { RequestProblem } from '../http/request-problem.js';
import { type CaseEffect, NO_EFFECT } from './case-changes.js';
import { type CaseRow, otherCasesOf } from './cases.queries.js';

const thermalHolds = (row: CaseRow): readonly Hold[] =>
  (row.unit?.holds ?? []).filter(({ kind }) => kind === 'thermal');

/**
 * The units that are meant: all under the hold, because it went with the goods when they were repacked. What a person
 * held by hand may name other goods as well: there only the unit of the case.
 */
const meant = (row: CaseRow, { reason }: Hold): { readonly ssccs?: readonly [CaseRow['sscc']] } =>
  reason === 'temperature-doubted' ? { ssccs: [row.sscc] } : {};

const referenceOf = ({ kind, reason, commitment }: Hold): HoldReference => ({ kind, reason, commitment });

/** One act for each thermal hold. */
async function forEachHold(row: CaseRow, act: (hold: Hold) => Promise<RecordedAct>): Promise<CaseEffect> {
  const holds = thermalHolds(row);
  let eventId: number | null = null;
  for (const hold of holds) {
    const recorded = await act(hold);
    eventId ??= recorded.eventId;
  }
  return { holds: holds.map(holdIdOf), eventId };
}

/** The owner's word goes to the ledger for every thermal hold. @throws RequestProblem `hold-unknown`; ActRefused */
export async function assess(
  row: CaseRow,
  context: ActContext,
  conclusion: HoldConclusion,
  note: string,
): Promise<CaseEffect> {
  if (thermalHolds(row).length === 0) throw new RequestProblem('hold-unknown', 'there is no thermal hold to assess');
  return forEachHold(row, (hold) =>
    assessHold(context, { hold: referenceOf(hold), conclusion, note, ...meant(row, hold) }),
  );
}

/**
 * Ends the thermal holds of a unit, when this is the last of its cases that was not released: what is open or rejected in
 * other hands keeps the goods where they are. @throws ActRefused `hold-not-assessed`, …
 */
export async function release(row: CaseRow, context: ActContext, note: string): Promise<CaseEffect> {
  const others = await otherCasesOf(context.transaction, row);
  if (others.some(({ decision }) => decision !== 'release')) return NO_EFFECT;
  return forEachHold(row, (hold) => releaseHold(context, { hold: referenceOf(hold), note, ...meant(row, hold) }));
}

/** Rejected goods are held: where nothing holds them yet, this does. @throws ActRefused */
export async function reject(row: CaseRow, context: ActContext, note: string): Promise<CaseEffect> {
  if (thermalHolds(row).length > 0 || row.unit?.status === 'dissolved') return NO_EFFECT;
  const act = await placeHold(context, { ssccs: [row.sscc], kind: 'thermal', note });
  return { holds: [holdIdOf({ commitment: act.commitment, reason: 'temperature-doubted' })], eventId: act.eventId };
}
