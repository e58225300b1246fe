import { isSaleable, type StockLot } from './stock-position.js';

/** A site with its stock and its forecast. */
export interface SupplySite {
  readonly site: string;
  readonly lots: readonly StockLot[];
  /** Expected demand of each coming period, in base units. */
  readonly demand: ArrayLike<number>;
  /** Stock that the site needs for itself, usually its reorder point; 0 where not given. */
  readonly needed?: number;
}

/** What happens to one site. */
export interface SiteImpact {
  readonly site: string;
  /** Saleable units that the batch takes away. */
  readonly lost: number;
  /** Periods until stock is gone, with and without the batch; null: not within the forecast. */
  readonly dryAfter: number | null;
  readonly dryAfterWithout: number | null;
}

/** Who could help. */
export interface FreeStock {
  readonly site: string;
  /** Saleable units, without the batch, above what the site needs. */
  readonly free: number;
}

/** Answer to: what if this batch is held or recalled? */
export interface SupplyImpact {
  /** Sites that hold the batch, the first to run dry first. */
  readonly affected: readonly SiteImpact[];
  /** Sites with more than they need, the most first. */
  readonly freeStock: readonly FreeStock[];
}

/** Which sites run dry, and when, without a batch, and where free stock is. Nothing is delivered meanwhile. */
export function supplyImpact(sites: readonly SupplySite[], batch: string): SupplyImpact {
  const affected = sites
    .filter(({ lots }) => lots.some((lot) => lot.batch === batch && isSaleable(lot)))
    .map(({ site, lots, demand }) => {
      const rest = lots.filter((lot) => lot.batch !== batch);
      return {
        site,
        lost: saleable(lots) - saleable(rest),
        dryAfter: periodsUntilDry(lots, demand),
        dryAfterWithout: periodsUntilDry(rest, demand),
      };
    });
  affected.sort((a, b) => (a.dryAfterWithout ?? Infinity) - (b.dryAfterWithout ?? Infinity) || compare(a.site, b.site));
  const freeStock = sites
    .map(({ site, lots, needed = 0 }) => ({
      site,
      free: saleable(lots.filter((lot) => lot.batch !== batch)) - needed,
    }))
    .filter(({ free }) => free > 0);
  freeStock.sort((a, b) => b.free - a.free || compare(a.site, b.site));
  return { affected, freeStock };
}

/**
 * Periods until saleable stock is gone when it is given out first expired, first out and lots that expire are lost; the
 * last one counted by its share. Null when the forecast ends before.
 */
export function periodsUntilDry(lots: readonly StockLot[], demand: ArrayLike<number>): number | null {
  const end = ({ expiresIn }: StockLot): number => expiresIn ?? Infinity;
  const left = lots.filter((lot) => isSaleable(lot)).map((lot) => ({ quantity: lot.quantity, end: end(lot) }));
  left.sort((a, b) => a.end - b.end);
  for (let period = 0; period < demand.length; period++) {
    const wanted = Math.max(demand[period] as number, 0);
    let open = wanted;
    for (const lot of left) {
      // A lot that expires within the period serves the part of the period before.
      const usable = Math.min(Math.max(lot.end - period, 0), 1) * wanted;
      const taken = Math.min(lot.quantity, open, Math.max(usable - (wanted - open), 0));
      lot.quantity -= taken;
      open -= taken;
    }
    if (open > 1e-9 * wanted) return period + (wanted - open) / wanted;
  }
  return null;
}

const saleable = (lots: readonly StockLot[]): number =>
  lots.reduce((sum, lot) => sum + (isSaleable(lot) ? lot.quantity : 0), 0);
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
