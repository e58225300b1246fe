import type { Hold, HoldConclusion, HoldReference } from '@coldchain/chaincode/protocol';
import { type ActContext, assessHold, placeHold, type RecordedAct, releaseHold } from '@coldchain/custody';
import { holdIdOf } from '../shipments/unit-summary.js';
import { RequestProblem } from '../http/request-problem.js';
import type { CaseEffect } from './case-changes.js';
import { type CaseRow, type OtherCaseRow, otherCasesOf } from './cases.queries.js';

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
  return { holds: holds.map(holdIdOf), eventId, untold: null };
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

const nothingTold = (untold: string): CaseEffect => ({ holds: [], eventId: null, untold });

/** What is open or rejected keeps the goods; a case whose alarms were all withdrawn has nothing to decide. */
const keepsGoods = ({ decision, standing_alarms }: OtherCaseRow): boolean =>
  decision === 'reject' || (decision === null && standing_alarms > 0);

const stateText = ({ id, organisation, decision }: OtherCaseRow): string =>
  `case ${id} of ${organisation} is ${decision === 'reject' ? 'rejected' : 'not decided'}`;

/**
 * Ends the thermal holds of a unit, when this is the last of its cases that was not released: what is open or rejected in
 * other hands keeps the goods where they are. @throws ActRefused `hold-not-assessed`, …
 */
export async function release(row: CaseRow, context: ActContext, note: string): Promise<CaseEffect> {
  if (thermalHolds(row).length === 0) return nothingTold('There is no thermal hold to end.');
  const keeping = (await otherCasesOf(context.transaction, row)).filter(keepsGoods);
  if (keeping.length > 0) {
    return nothingTold(`The goods stay held: ${keeping.map(stateText).join(', ')}. The last release ends the holds.`);
  }
  return forEachHold(row, (hold) => releaseHold(context, { hold: referenceOf(hold), note, ...meant(row, hold) }));
}

/** Rejected goods are held: where nothing holds them yet, this does. @throws ActRefused */
export async function reject(row: CaseRow, context: ActContext, note: string): Promise<CaseEffect> {
  if (thermalHolds(row).length > 0) return nothingTold('A thermal hold keeps the goods already.');
  if (row.unit?.status === 'dissolved') return nothingTold('The unit was dissolved: hold what its packs lie in now.');
  const act = await placeHold(context, { ssccs: [row.sscc], kind: 'thermal', note });
  return {
    holds: [holdIdOf({ commitment: act.commitment, reason: 'temperature-doubted' })],
    eventId: act.eventId,
    untold: null,
  };
}
