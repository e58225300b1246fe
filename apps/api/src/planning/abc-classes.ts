import { type AbcClass, abcClasses, type VenClass } from '@coldchain/forecast';
import type { YearlyDemand } from './yearly-demand.queries.js';

/** How much of the year's business a product is, and by what it was counted. */
export interface ProductClass {
  readonly abc: AbcClass;
  /** `volume`: no price is known, so base units stand for money. */
  readonly basis: 'value' | 'volume';
}

/** What a service level was chosen by. */
export interface ServiceBasis extends ProductClass {
  readonly ven: VenClass;
}

/** Nothing was demanded of it in a year. */
export const LEAST_CLASS: ProductClass = { abc: 'C', basis: 'volume' };

/**
 * Classes of products. Those with a price are compared by what a year of them costs; those without one by their share of
 * all base units, which says less: a tablet counts as much as a syringe. The answer names the basis.
 */
export function productClasses(demand: readonly YearlyDemand[]): ReadonlyMap<string, ProductClass> {
  const priced = demand.flatMap(({ product, quantity, unitPrice }) =>
    unitPrice === null ? [] : [{ product, value: quantity * unitPrice }],
  );
  const byValue = abcClasses(priced.map(({ value }) => value));
  const byVolume = abcClasses(demand.map(({ quantity }) => quantity));
  const classes = new Map<string, ProductClass>();
  demand.forEach(({ product }, at) => classes.set(product, { abc: byVolume[at] ?? 'C', basis: 'volume' }));
  priced.forEach(({ product }, at) => classes.set(product, { abc: byValue[at] ?? 'C', basis: 'value' }));
  return classes;
}
