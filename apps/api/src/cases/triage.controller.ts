import type { EntityTransaction } from '@coldchain/database';
import { Clock, unreachable } from '@coldchain/kernel';
import {
  triage,
  TRIAGE_OBJECTIONS,
  type TriageAnswer,
  type TriageQuestion,
  type TriageReason,
} from '@coldchain/telemetry';
import { Controller, Req } from '@nestjs/common';
import { ApiOptions } from '../api-options.js';
import { Caller, Input, type InputOf, Operation } from '../http/operation.decorator.js';
import type { Account, ContextRequest } from '../http/request-context.js';
import { RequestProblem } from '../http/request-problem.js';
import { Work } from '../http/work.js';
import { type JudgementQuestion, type UnitJudgement, unitJudgementOf } from '../verification/unit-judgement.js';
import { type FailedPlace, isOwn, stockOf, type StockRow } from './triage.queries.js';

/** Batches in units that one answer judges. */
const MOST_ENTRIES = 500;

/** A place whose cooling failed: what is to be done with what lies there. */
@Controller()
export class TriageController {
  constructor(
    private readonly work: Work,
    private readonly clock: Clock,
    private readonly options: ApiOptions,
  ) {}

  @Operation('triage')
  triage(
    @Req() request: ContextRequest,
    @Input() { query }: InputOf<'triage'>,
    @Caller() { organisation }: Account,
  ): Promise<unknown> {
    const now = this.clock.now();
    const failedAt = Date.parse(query.failedAt);
    const milliCelsius = Math.round(query.celsius * 1000);
    return this.work.read(request, async (tx) => {
      const where = { place: query.place ?? null, logger: query.logger ?? null };
      await requireKnown(tx, where);
      const stock = await stockOf(tx, organisation.party, where, MOST_ENTRIES + 1);
      const shown = stock.slice(0, MOST_ENTRIES);
      const judgements = await judgementsOf(tx, shown, {
        asker: organisation.party,
        now,
        boundMs: this.options.verdictBoundMs,
      });
      const entries = shown.map((row) => {
        const answer = answerOf(row, judgements.get(row.sscc), { failedAt, ambientMilliCelsius: milliCelsius, now });
        return entryOf(row, answer);
      });
      return {
        failedAt: new Date(failedAt).toISOString(),
        milliCelsius,
        entries: entries.sort((one, other) => urgency(one) - urgency(other)),
        complete: stock.length <= MOST_ENTRIES,
      };
    });
  }
}

/** An empty list for a mistyped name would say that nothing is in danger. @throws RequestProblem `place-unknown`, `logger-unknown` */
async function requireKnown(tx: EntityTransaction, { place, logger }: FailedPlace): Promise<void> {
  if (place !== null && !(await isOwn(tx, 'place', place))) {
    throw new RequestProblem('place-unknown', `${place} is no place of the organisation`);
  }
  if (logger !== null && !(await isOwn(tx, 'logger', logger))) {
    throw new RequestProblem('logger-unknown', `${logger} is no logger of the organisation`);
  }
}

async function judgementsOf(
  tx: EntityTransaction,
  stock: readonly StockRow[],
  question: Omit<JudgementQuestion, 'sscc'>,
): Promise<ReadonlyMap<string, UnitJudgement>> {
  const judgements = new Map<string, UnitJudgement>();
  for (const { sscc } of stock) {
    if (judgements.has(sscc)) continue;
    const judgement = await unitJudgementOf(tx, { ...question, sscc });
    if (judgement !== null) judgements.set(sscc, judgement);
  }
  return judgements;
}

/** As strict as the verdict: what it calls unknown is not known here either. */
function answerOf(
  { batch_key, lot, profile }: StockRow,
  judgement: UnitJudgement | undefined,
  failure: Pick<TriageQuestion, 'failedAt' | 'ambientMilliCelsius' | 'now'>,
): TriageAnswer {
  const budget = judgement?.budgets.find(({ id }) => id === profile);
  if (judgement === undefined || batch_key === null || lot === null || budget === undefined)
    return { answer: 'hold', reason: 'not-known' };
  const { recall, hold, expiry, certified } = judgement.claims(batch_key);
  const claims = { recalled: recall, quarantined: hold, expired: expiry, 'not-certified': certified };
  const objection = TRIAGE_OBJECTIONS.find((name) => claims[name].state === 'objection') ?? null;
  const isUnknown = Object.values(claims).some(({ state }) => state === 'unknown') || !judgement.evaluated;
  const temperature = judgement.temperature(budget.id)?.state ?? 'evidence-missing';
  const isKnown = !isUnknown && temperature !== 'evidence-missing';
  return triage({ profile: budget.profile, spent: isKnown ? budget.exposure : null, objection, ...failure });
}

interface Entry {
  readonly answer: TriageAnswer['answer'];
  readonly until: string | null;
}

/** What has to be done first stands first: holds, then what is usable for the shortest time. */
function urgency({ answer, until }: Entry): number {
  if (answer === 'hold') return Number.NEGATIVE_INFINITY;
  return until === null ? Number.MAX_VALUE : Date.parse(until);
}

function entryOf(row: StockRow, answer: TriageAnswer): Entry & Record<string, unknown> {
  return {
    sscc: row.sscc,
    gtin: row.gtin,
    lot: row.lot,
    product: row.product,
    answer: answer.answer,
    until: answer.answer === 'usable-until' ? new Date(answer.until).toISOString() : null,
    why: unseenOf(row) ?? whyOf(answer),
    call: { slug: row.owner_slug, name: row.owner_name, gln: row.owner_gln },
  };
}

/** What is not visible is told as such: what to do about it is another thing than about goods that were not measured. */
function unseenOf({ batch_key, lot }: StockRow): string | null {
  if (batch_key === null) return 'Nothing is recorded in the unit: look into it and call who packed it';
  return lot === null ? 'The data of its batch was not given to you: ask before anything is used' : null;
}

function whyOf(answer: TriageAnswer): string {
  switch (answer.answer) {
    case 'usable':
      return 'The place is within the storage range';
    case 'usable-until':
      return `Then the published budget "${answer.range}" is spent: move the goods before`;
    case 'hold':
      return WHY_HELD[answer.reason];
    default:
      return unreachable(answer);
  }
}

const WHY_HELD: Readonly<Record<TriageReason, string>> = {
  recalled: 'The batch is recalled',
  quarantined: 'The unit is in quarantine already',
  expired: 'The batch is expired, or two expiry days are recorded',
  'not-certified': 'The batch is not certified',
  'not-known': 'What the goods have been through is not known here, or not yet',
  'no-published-budget': 'No time at such a temperature is published: ask before anything is used',
  'budget-spent': 'The published budget is spent',
  freezing: 'It freezes there: no time is allowed',
};
