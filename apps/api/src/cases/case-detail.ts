import type { UnitBudgetAnswer } from '@coldchain/api-contract';
import { documentDigest } from '@coldchain/epcis';
import type { OrganisationTransaction } from '@coldchain/database';
import { NEW_CASE } from '@coldchain/telemetry';
import { evidenceLegsOf } from '../evidence/unit-evidence.queries.js';
import { summaryOf } from '../shipments/unit-summary.js';
import { unitOfKey } from '../shipments/units.queries.js';
import { budgetAnswer, budgetsOf, productsOf } from '../verification/unit-budget.js';
import { alarmAnswer, alarmsOfCase } from './alarms.queries.js';
import { type CaseRow, entriesOf, evidenceOf, otherCasesOf } from './cases.queries.js';

/** A case as lists tell it. */
export const caseSummary = (row: CaseRow): Record<string, unknown> => ({
  id: row.id,
  sscc: row.sscc,
  organisation: row.organisation,
  custodian: row.custodian,
  held: (row.unit?.holds.length ?? 0) > 0,
  openedAt: row.opened_at.toISOString(),
  activeAlarms: row.active_alarms,
  standingAlarms: row.standing_alarms,
  acknowledged: row.acknowledged,
  decision: row.decision,
  coldestMilliCelsius: row.coldest_milli_celsius,
  hottestMilliCelsius: row.hottest_milli_celsius,
});

/**
 * A case as it is shown to a person, and the SHA-256 of the RFC 8785 form of what is signed of it: a decision names the
 * digest, so that nobody decides on something else than what he saw (21 CFR 11.70). It holds nothing that changes by
 * itself: readings that break no rule leave it as it is, and so does the time for which an excursion goes on.
 */
export async function caseDetail(
  transaction: OrganisationTransaction,
  row: CaseRow,
  asker: string,
  now: number,
): Promise<Record<string, unknown> & { readonly digest: string }> {
  const entries = await entriesOf(transaction, row.id);
  const state = entries.at(-1)?.after ?? NEW_CASE;
  const unit = await unitOfKey(transaction, row.unit_key);
  const budgets = (await budgetsOf(transaction, row.sscc, asker, now)) ?? [];
  const products = await productsOf(transaction, budgets);
  const shown = {
    ...caseSummary(row),
    cause: state.cause,
    assignee: state.assignee,
    reopened: state.reopened,
    alarms: (await alarmsOfCase(transaction, row.id)).map(alarmAnswer),
    holds: unit === undefined ? [] : summaryOf(unit)['holds'],
    budgets: budgets.map((budget) => budgetAnswer(budget, products.get(budget.id))),
    legs: (await evidenceLegsOf(transaction, [row.unit_key])).map(({ slug, started_at, exposures }) => ({
      custodian: slug,
      from: started_at.toISOString(),
      spent: exposures.map(({ profile, usedMs }) => ({ profile, usedMs })),
    })),
    otherCases: (await otherCasesOf(transaction, row)).map(({ id, organisation, decision, standing_alarms }) => ({
      id,
      organisation,
      decision,
      standingAlarms: standing_alarms,
    })),
    evidence: (await evidenceOf(transaction, row.id)).map((file) => ({
      sha256: file.sha256,
      name: file.name,
      mediaType: file.media_type,
      bytes: file.bytes,
      addedBy: file.added_by,
      addedAt: file.added_at.toISOString(),
    })),
    entries: entries.map(({ number, at, organisation, account, kind, change }) => ({
      number,
      at: at.toISOString(),
      organisation,
      account,
      kind,
      change,
    })),
  };
  // What is sent is what is digested: the same values after one trip through JSON.
  const sent = JSON.parse(JSON.stringify(shown)) as typeof shown;
  const signed = { ...sent, budgets: sent.budgets.map(withoutTimes) };
  const { digest } = documentDigest(signed as Parameters<typeof documentDigest>[0]);
  return { ...sent, digest: digest.toString('hex') };
}

/**
 * Of a budget what does not grow with the clock: while a limit is broken, or silence is charged, its times are others
 * with each look. What was measured stands in `legs`.
 */
function withoutTimes({ spentPercent: _spent, ranges, ...budget }: UnitBudgetAnswer): Record<string, unknown> {
  return { ...budget, ranges: ranges.map(({ usedMs: _used, leftMs: _left, ...range }) => range) };
}
