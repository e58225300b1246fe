import { sameHold } from '@coldchain/chaincode/domain';
import { type Hold, type HoldConclusion, type HoldReference, MAX_OBJECTS } from '@coldchain/chaincode/protocol';
import { type ActContext, assessHold, placeHold, type RecordedAct, releaseHold } from '@coldchain/custody';
import type { Sscc } from '@coldchain/gs1';
import { holdIdOf } from '../shipments/unit-summary.js';
import { RequestProblem } from '../http/request-problem.js';
import type { CaseEffect } from './case-changes.js';
import { type CaseRow, type OtherCaseRow, otherCasesOf } from './cases.queries.js';
import {
  goodsOf,
  type GoodsRow,
  lockUnitsUnder,
  type StandingCase,
  standingCasesOf,
} from './standing-cases.queries.js';

const thermalHolds = (row: CaseRow): readonly Hold[] =>
  (row.unit?.holds ?? []).filter(({ kind }) => kind === 'thermal');

/**
 * The units that are meant: all under the hold, because it went with the goods when they were repacked (undefined). What a
 * person held by hand may name other goods as well: there only those with goods of the case.
 */
async function meant(row: CaseRow, { transaction }: ActContext, hold: Hold): Promise<readonly Sscc[] | undefined> {
  if (hold.reason !== 'temperature-doubted') return undefined;
  const goods = await goodsOf(transaction, row);
  return goods.filter(({ holds }) => holds.some((one) => sameHold(one, hold))).map(({ sscc }) => sscc);
}

const named = (ssccs: readonly Sscc[] | undefined): { readonly ssccs?: readonly Sscc[] } =>
  ssccs === undefined ? {} : { ssccs };

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
  return forEachHold(row, async (hold) =>
    assessHold(context, { hold: referenceOf(hold), conclusion, note, ...named(await meant(row, context, hold)) }),
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
  const ssccs = await meant(row, context, hold);
  const units = await lockUnitsUnder(context, hold, ssccs ?? null);
  // Nothing that could be released: why is the contract's to say.
  if (units.length === 0) return { free: named(ssccs), kept: [] };
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
 * Rejected goods are held by a hold of their own, whatever else holds them: that ends with other cases. They are held where
 * they are now: of a unit that was unpacked, or that packs were taken out of since it was harmed, in those units, too.
 * @throws RequestProblem `case-goods-elsewhere`; ActRefused
 */
export async function reject(row: CaseRow, context: ActContext, note: string): Promise<CaseEffect> {
  const goods = await goodsOf(context.transaction, row);
  const own = goods.filter(({ at_hand }) => at_hand).map(({ sscc }) => sscc);
  const others = goods.filter(({ at_hand }) => !at_hand);
  if (own.length === 0) {
    // Nobody is kept from using them by a decision that holds nothing.
    if (others.length > 0) throw new RequestProblem('case-goods-elsewhere', othersText(others));
    return nothingTold('No unit is left that goods of it are known to lie in.');
  }
  const holds: string[] = [];
  let eventId: number | null = null;
  for (let from = 0; from < own.length; from += MAX_OBJECTS) {
    const act = await placeHold(context, { ssccs: own.slice(from, from + MAX_OBJECTS), kind: 'thermal', note });
    holds.push(holdIdOf({ commitment: act.commitment, reason: 'temperature-doubted' }));
    eventId ??= act.eventId;
  }
  return { holds, eventId, untold: others.length === 0 ? null : othersText(others) };
}

const othersText = (others: readonly GoodsRow[]): string =>
  `Goods of it are with others, who must hold them: ${others.map(({ sscc, custodian }) => `${sscc} (${custodian ?? 'unknown'})`).join(', ')}.`;
