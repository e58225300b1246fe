import type { Hold, HoldConclusion, HoldReference } from '@coldchain/chaincode/protocol';
import { type ActContext, assessHold, placeHold, type RecordedAct, releaseHold } from '@coldchain/custody';
import type { Sscc } from '@coldchain/gs1';
import { holdIdOf } from '../shipments/unit-summary.js';
import { RequestProblem } from '../http/request-problem.js';
import type { CaseEffect } from './case-changes.js';
import { type CaseRow, type OtherCaseRow, otherCasesOf } from './cases.queries.js';
import { heirsOf, lockUnitsUnder, type StandingCase, standingCasesOf } from './standing-cases.queries.js';

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
  const holds: string[] = [];
  let eventId: number | null = null;
  const keptBy: StandingCase[] = [];
  for (const hold of thermalHolds(row)) {
    const { free, kept } = await freedBy(row, context, hold);
    keptBy.push(...kept);
    if (free === 'nothing') continue;
    const recorded = await releaseHold(context, { hold: referenceOf(hold), note, ...free });
    holds.push(holdIdOf(hold));
    eventId ??= recorded.eventId;
  }
  const told = [...new Map(keptBy.map((one) => [one.id, standingText(one)])).values()].join(', ');
  return holds.length === 0
    ? nothingTold(`The goods stay held: ${told}. Their release ends the holds.`)
    : { holds, eventId, untold: null };
}

/**
 * The units that a release frees: those that are meant, without any that another case keeps, be it open or rejected. Its
 * own release frees such a unit.
 */
async function freedBy(row: CaseRow, context: ActContext, hold: Hold): Promise<Freed> {
  const named = meant(row, hold).ssccs;
  const ssccs = named !== undefined && isDissolved(row) ? await heirSsccs(row, context) : named;
  const units = await lockUnitsUnder(context, hold, ssccs ?? null);
  // Nothing that could be released: why is the contract's to say.
  if (units.length === 0) return { free: meant(row, hold), kept: [] };
  const keys = units.map(({ unit_key }) => unit_key);
  const kept = await standingCasesOf(context.transaction, keys, row.id);
  const free = units.filter((unit) => !kept.some(({ unit_key }) => unit_key === unit.unit_key));
  return { free: free.length === 0 ? 'nothing' : { ssccs: free.map(({ sscc }) => sscc) }, kept };
}

interface Freed {
  readonly free: 'nothing' | { readonly ssccs?: readonly Sscc[] };
  /** The cases that keep the others. */
  readonly kept: readonly StandingCase[];
}

const standingText = ({ id, sscc, decision }: StandingCase): string =>
  `case ${id} of ${sscc} is ${decision === 'reject' ? 'rejected' : 'not decided'}`;

/**
 * Rejected goods are held by a hold of their own, whatever else holds them: that ends with other cases. Of a unit that was
 * unpacked, its goods are held where they are now. @throws RequestProblem `case-goods-elsewhere`; ActRefused
 */
export async function reject(row: CaseRow, context: ActContext, note: string): Promise<CaseEffect> {
  const ssccs = isDissolved(row) ? await heirSsccs(row, context) : [row.sscc];
  if (ssccs.length === 0) return nothingTold('The unit was dissolved: no unit is left that its packs lie in.');
  const act = await placeHold(context, { ssccs, kind: 'thermal', note });
  return {
    holds: [holdIdOf({ commitment: act.commitment, reason: 'temperature-doubted' })],
    eventId: act.eventId,
    untold: null,
  };
}

const isDissolved = ({ unit }: CaseRow): boolean => unit?.status === 'dissolved';

/** Where the goods of an unpacked unit are. @throws RequestProblem `case-goods-elsewhere` */
async function heirSsccs(row: CaseRow, { transaction }: ActContext): Promise<Sscc[]> {
  return (await heirsOf(transaction, row)).map(({ sscc }) => {
    if (sscc === null) throw new RequestProblem('case-goods-elsewhere', `${row.sscc} was unpacked`);
    return sscc;
  });
}
