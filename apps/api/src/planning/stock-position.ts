import type { OrganisationTransaction } from '@coldchain/database';
import { parseDay, type StockLot } from '@coldchain/forecast';
import { chainsOf } from '../verification/collect-facts.js';
import { judgeTemperature } from '../verification/temperature.js';
import { batchStatesOf, profilesOf, rejectedUnits } from '../verification/verdict.queries.js';
import { planningSetting } from './planning.queries.js';
import { countedKey, countedLots, countedSites, ownSite, type StockRow, stockOf } from './stock.queries.js';

/** Packs of a lot in one unit, and whether they may be given out. */
export interface LotInStock {
  readonly gtin: string;
  readonly site: string;
  readonly lot: string;
  readonly expiry: string;
  readonly batchKey: string;
  readonly sscc: string;
  readonly packs: number;
  /** `expired` and `without-budget` as the verdict would say it of a pack in there. */
  readonly state: 'free' | 'held' | 'recalled' | 'expired' | 'without-budget' | 'on-the-way';
  /** Counted by people, or known from custody. */
  readonly origin: 'counted' | 'custody';
  /** Of the stability budget that is spent most, as the verdict counts it. */
  readonly budgetLeftPercent: number;
}

/** Where stock is known, and what says so. */
export class SitesWithStock {
  constructor(
    private readonly own: string,
    /** Packs are decommissioned when goods come in: from then on custody tells nothing of the own place. */
    private readonly ownIsCounted: boolean,
    private readonly countTimes: ReadonlyMap<string, Date>,
  ) {}

  isKnown(site: string): boolean {
    return site === this.own && !this.ownIsCounted ? true : this.countTimes.has(site);
  }

  /** null: its stock is not known from a count. */
  countedAt(site: string): Date | null {
    return site === this.own && !this.ownIsCounted ? null : (this.countTimes.get(site) ?? null);
  }

  /** Whether a lot is stock: what was counted already has what custody knows of the same place, and the other way round. */
  counts({ site, origin, state }: Pick<LotInStock, 'site' | 'origin' | 'state'>): boolean {
    if (site !== this.own) return true;
    return origin === (this.ownIsCounted ? 'counted' : 'custody') || state === 'on-the-way';
  }
}

/** Sites of the organisation whose stock is known. */
export async function sitesWithStock(transaction: OrganisationTransaction): Promise<SitesWithStock> {
  const { decommissionsAre } = await planningSetting(transaction);
  const counted = await countedSites(transaction);
  return new SitesWithStock(await ownSite(transaction), decommissionsAre === 'delivered', counted);
}

/** Units whose temperatures are judged at a time. */
const UNITS_AT_ONCE = 200;

/**
 * Stock of some products as it may be used. Holds, recalls and what is on its way come from the stock view; what a unit's
 * temperatures leave comes from the verdict's own functions: there is one definition of it.
 */
export async function lotsInStock(
  transaction: OrganisationTransaction,
  gtins: readonly string[],
  now: number,
): Promise<LotInStock[]> {
  const rows = await stockOf(transaction, gtins);
  const budgets = await budgetsOf(transaction, rows, now);
  // Who rejects goods places no hold on what others have of them: the verdict objects to it nevertheless.
  const rejected = new Set(
    await rejectedUnits(
      transaction,
      rows.map((row) => row.unit_key),
    ),
  );
  const recorded = rows.map((row): LotInStock => {
    const budget = budgets.get(nameOf(row)) ?? 0;
    return {
      gtin: row.gtin,
      site: row.site,
      lot: row.lot,
      expiry: row.expiry,
      batchKey: row.batch_key,
      sscc: row.sscc,
      packs: row.packs,
      origin: 'custody',
      state: stateOf(row, budget, rejected.has(row.unit_key), now),
      budgetLeftPercent: budget,
    };
  });
  const counted = (await countedLots(transaction, gtins)).map((row): LotInStock => {
    const expired = endOf(row.expiry) <= now;
    return {
      gtin: row.gtin,
      site: row.site,
      lot: row.lot,
      expiry: row.expiry,
      batchKey: row.batch_key ?? countedKey(row.gtin, row.lot),
      sscc: '',
      packs: row.packs,
      origin: 'counted',
      state: row.recalled ? 'recalled' : expired ? 'expired' : 'free',
      // Nobody has measured there: what was counted is taken for usable by whoever counted it.
      budgetLeftPercent: 100,
    };
  });
  return [...recorded, ...counted];
}

const nameOf = ({ unit_key, batch_key }: StockRow): string => `${unit_key} ${batch_key}`;

function stateOf(row: StockRow, budget: number, isRejected: boolean, now: number): LotInStock['state'] {
  if (row.state === 'recalled') return 'recalled';
  if (endOf(row.expiry) <= now) return 'expired';
  if (row.state === 'held' || isRejected) return 'held';
  if (row.on_the_way) return 'on-the-way';
  return budget > 0 ? 'free' : 'without-budget';
}

/** The last day of use counts in UTC, as in the contract. */
const endOf = (expiry: string): number => ((parseDay(expiry) ?? 0) + 1) * 86_400_000;

/** Percent of the budget that is left, by unit and batch; 0 too where the verdict would not say that it is within. */
async function budgetsOf(
  transaction: OrganisationTransaction,
  rows: readonly StockRow[],
  now: number,
): Promise<ReadonlyMap<string, number>> {
  const batchKeys = [...new Set(rows.map((row) => row.batch_key))];
  const states = await batchStatesOf(transaction, batchKeys);
  const profileOf = new Map(
    states.map(({ object_key: key, ledger, expected }) => [key, expected?.profile ?? ledger?.profile]),
  );
  const ids = [...new Set([...profileOf.values()].filter((id) => id !== undefined))];
  const profiles = new Map((await profilesOf(transaction, ids)).map(({ id, profile }) => [id, profile]));
  const unitKeys = [...new Set(rows.map((row) => row.unit_key))];
  const left = new Map<string, number>();
  for (let at = 0; at < unitKeys.length; at += UNITS_AT_ONCE) {
    const chains = await chainsOf(transaction, unitKeys.slice(at, at + UNITS_AT_ONCE), now);
    const byUnit = new Map(chains.map((chain) => [chain[0]?.key, chain]));
    for (const row of rows) {
      const chain = byUnit.get(row.unit_key);
      const id = profileOf.get(row.batch_key);
      const profile = id === undefined ? undefined : profiles.get(id);
      if (chain === undefined || id === undefined || profile === undefined) continue;
      const finding = judgeTemperature(chain, id, profile, now);
      if (finding.state !== 'within') continue;
      // Found usable beyond its budget: usable, and the first to go.
      left.set(nameOf(row), Math.max(finding.excused ? 1 : 0, 100 - finding.spentPercent));
    }
  }
  return left;
}

/** A lot for stock advice, in base units and periods. */
export function stockLot(lot: LotInStock, baseUnits: number, now: number, daysPerPeriod: number): StockLot {
  return {
    quantity: lot.packs * baseUnits,
    batch: lot.batchKey,
    expiresIn: (endOf(lot.expiry) - now) / 86_400_000 / daysPerPeriod,
    budgetLeft: lot.budgetLeftPercent / 100,
    state: lot.state === 'recalled' ? 'recalled' : lot.state === 'held' ? 'held' : 'free',
  };
}
