import type { EntityTransaction } from '@coldchain/database';
import { Clock, unreachable } from '@coldchain/kernel';
import { triage, type TriageAnswer, type TriageReason } from '@coldchain/telemetry';
import { Controller, Req } from '@nestjs/common';
import { Caller, Input, type InputOf, Operation } from '../http/operation.decorator.js';
import type { Account, ContextRequest } from '../http/request-context.js';
import { Work } from '../http/work.js';
import { budgetsOf, type UnitBudget } from '../verification/unit-budget.js';
import { stockOf, type StockRow } from './triage.queries.js';

/** Batches in units that one answer judges. */
const MOST_ENTRIES = 500;

/** A place whose cooling failed: what is to be done with what lies there. */
@Controller()
export class TriageController {
  constructor(
    private readonly work: Work,
    private readonly clock: Clock,
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
      const stock = await stockOf(tx, organisation.party, where, MOST_ENTRIES + 1);
      const budgets = await budgetsOfUnits(tx, stock.slice(0, MOST_ENTRIES), organisation.party, now);
      const entries = stock.slice(0, MOST_ENTRIES).map((row) => {
        const budget = budgets.get(row.sscc)?.find(({ id }) => id === row.profile);
        const answer: TriageAnswer =
          budget === undefined
            ? { answer: 'hold', reason: 'not-known' }
            : triage({
                profile: budget.profile,
                spent: budget.exposure,
                held: row.unit.holds.length > 0,
                failedAt,
                ambientMilliCelsius: milliCelsius,
                now,
              });
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

async function budgetsOfUnits(
  tx: EntityTransaction,
  stock: readonly StockRow[],
  asker: string,
  now: number,
): Promise<ReadonlyMap<string, readonly UnitBudget[]>> {
  const budgets = new Map<string, readonly UnitBudget[]>();
  for (const { sscc } of stock) {
    if (!budgets.has(sscc)) budgets.set(sscc, (await budgetsOf(tx, sscc, asker, now)) ?? []);
  }
  return budgets;
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
    why: whyOf(answer),
    call: { slug: row.owner_slug, name: row.owner_name, gln: row.owner_gln },
  };
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
  quarantined: 'The unit is in quarantine already',
  'not-known': 'What the goods have been through is not known here',
  'no-published-budget': 'No time at such a temperature is published: ask before anything is used',
  'budget-spent': 'The published budget is spent',
  freezing: 'It freezes there: no time is allowed',
};
