import { firstExpiredFirstOut, type StockLot } from './stock-position.js';

/** A lot and how much of it will probably expire unsold. */
export interface LotWaste {
  readonly lot: StockLot;
  /** Expected units left at its expiry. */
  readonly expectedWaste: number;
}

/** Quantiles of the demand from now until the end of a number of periods. */
export type CumulatedDemand = (periods: number, p: number) => number;

const STRATA = 99;

/**
 * Expected waste of each lot when stock is given out first expired, first out, and nothing is delivered before it. Of lots
 * up to the i-th, W_i = max(W_{i−1}, S_i − D_i) units are lost, S_i their stock and D_i the demand until the i-th expires.
 * The expectation is over 99 strata of the demand, the same stratum for every time: slow sellers stay slow.
 */
export function expectedWaste(lots: readonly StockLot[], demand: CumulatedDemand): LotWaste[] {
  const queue = firstExpiredFirstOut(lots);
  const totals = new Float64Array(queue.length);
  for (let stratum = 1; stratum <= STRATA; stratum++) {
    let stock = 0;
    let lost = 0;
    queue.forEach(({ quantity, expiresIn }, i) => {
      stock += quantity;
      if (expiresIn === null) return;
      const after = Math.max(lost, stock - demand(expiresIn, stratum / (STRATA + 1)));
      totals[i] = (totals[i] as number) + after - lost;
      lost = after;
    });
  }
  return queue.map((lot, i) => ({ lot, expectedWaste: (totals[i] as number) / STRATA }));
}
