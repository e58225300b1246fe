import type { UnitBudgetAnswer } from '@coldchain/api-contract';
import type { Exposure } from '@coldchain/chaincode/protocol';
import type { OrganisationTransaction } from '@coldchain/database';
import { type Sscc, ssccLink } from '@coldchain/gs1';
import { type BudgetJudgement, judgeBudget, type ThermalProfile } from '@coldchain/telemetry';
import { collectFacts } from './collect-facts.js';
import { percentOf, upperBounds } from './temperature.js';
import type { ObjectFacts } from './verdict-facts.js';

/** What is left of one published budget of a unit. */
export interface UnitBudget {
  /** `gtin/version`. */
  readonly profile: ThermalProfile;
  readonly id: string;
  readonly exposure: Exposure;
  readonly judged: BudgetJudgement;
  readonly spentPercent: number;
}

/**
 * The budgets of a visible unit by the same account that its verdict rests on: of the ledger's and the expected state,
 * each with what was measured beyond it, the more that was spent. Null: no such unit is visible.
 */
export async function budgetsOf(
  transaction: OrganisationTransaction,
  sscc: Sscc,
  asker: string,
  now: number,
): Promise<readonly UnitBudget[] | null> {
  const subject = { kind: 'unit', sscc, link: ssccLink(sscc) } as const;
  const { facts } = await collectFacts(transaction, { subject, asker, now, boundMs: 0 });
  if (facts.found.state !== 'found') return null;
  return budgetsIn(facts.found.object);
}

/** {@link budgetsOf} what was collected about one unit. */
export function budgetsIn({ chains, profiles }: Pick<ObjectFacts, 'chains' | 'profiles'>): readonly UnitBudget[] {
  const [chain] = chains;
  if (chain === undefined) return [];
  return [...profiles]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([id, profile]) => {
      const exposure = worstOf(upperBounds(chain, id, profile), id, profile.ranges.length);
      const judged = judgeBudget(profile, exposure);
      return { id, profile, exposure, judged, spentPercent: percentOf(exposure, profile) };
    });
}

function worstOf(bounds: readonly Exposure[], id: string, ranges: number): Exposure {
  const most = (of: (exposure: Exposure) => number): number => Math.max(0, ...bounds.map(of));
  const each = Array.from({ length: ranges }, (_, range) => range);
  return {
    profile: id,
    usedMs: each.map((range) => most((exposure) => exposure.usedMs[range] ?? 0)),
    freezeRunMs: most((exposure) => exposure.freezeRunMs),
    longestMs: each.map((range) => most((exposure) => exposure.longestMs?.[range] ?? 0)),
  };
}

/** A budget as answers tell it. */
export function budgetAnswer(
  { id, profile, judged, spentPercent }: UnitBudget,
  product: { readonly name: string; readonly owner: string } | undefined,
): UnitBudgetAnswer {
  return {
    profile: id,
    product: product?.name ?? null,
    owner: product?.owner ?? null,
    combine: profile.combine,
    ranges: judged.byRange.map((range) => ({ ...range, leftMs: Math.max(0, range.allowedMs - range.usedMs) })),
    exceeded: judged.exceeded,
    frozen: judged.freezeTripped,
    spentPercent,
  };
}

/** Product and owner of each profile, by `gtin/version`. */
export async function productsOf(
  transaction: OrganisationTransaction,
  budgets: readonly UnitBudget[],
): Promise<ReadonlyMap<string, { readonly name: string; readonly owner: string }>> {
  const rows = await transaction.query<{ gtin: string; name: string; owner: string }>(
    `SELECT p.gtin, p.name, o.slug AS owner FROM product p JOIN organisation o ON o.id = p.organisation_id
     WHERE p.gtin = ANY($1)`,
    [budgets.map(({ profile }) => profile.gtin)],
  );
  const byGtin = new Map(rows.map((row) => [row.gtin, row]));
  return new Map(
    budgets.flatMap(({ id, profile }) => {
      const product = byGtin.get(profile.gtin);
      return product === undefined ? [] : [[id, product] as const];
    }),
  );
}
