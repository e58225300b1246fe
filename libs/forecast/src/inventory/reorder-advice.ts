import type { DemandHistory } from '../demand/demand-history.js';
import { fitDemand, type ModelName, rounded } from '../forecast-demand.js';
import { expectedWaste } from './expected-waste.js';
import { type LeadTimeDemand, leadTimeDemand } from './lead-time-demand.js';
import { daysToReorderPoint, orderSentence } from './order-sentence.js';
import { horizonFor, orderQuantity, reorderLevels, type ReorderPolicy } from './reorder.js';
import { saleableStock, type StockPosition } from './stock-position.js';

/** Advice for one product at one site, in base units. */
export interface ReorderAdvice {
  readonly model: ModelName;
  readonly reorderPoint: number;
  readonly orderUpTo: number;
  readonly safetyStock: number;
  /** Null when nothing is known of the stock. */
  readonly orderQuantity: number | null;
  /** Units of the stock that will probably expire before they are sold, within the protection period. */
  readonly expectedWaste: number;
  /** Null with the order quantity. */
  readonly sentence: string | null;
}

/** Now, for the sentence, and the length of a period. */
export interface AdviceClock {
  /** Milliseconds since 1970 UTC at the end of the history. */
  readonly now: number;
  readonly daysPerPeriod: number;
}

/**
 * Reorder levels of a history, and the order when a stock position is given. Of stock that expires within the protection
 * period only what is expected to be sold before is counted. @throws ForecastError of its parts
 */
export function adviseReorder(
  history: DemandHistory,
  policy: ReorderPolicy,
  position: StockPosition | null,
  clock: AdviceClock,
): ReorderAdvice {
  const demand = fitDemand(history, horizonFor(policy));
  const levels = reorderLevels(demand, policy, position?.minimumOrder ?? 0);
  const base = {
    model: demand.model,
    reorderPoint: rounded(levels.reorderPoint),
    orderUpTo: rounded(levels.orderUpTo),
    safetyStock: rounded(levels.safetyStock),
  };
  if (position === null) return { ...base, orderQuantity: null, expectedWaste: 0, sentence: null };
  const protection = policy.leadTime + policy.review;
  const until = new Map<number, LeadTimeDemand>();
  const cumulated = (periods: number, p: number): number => {
    if (periods <= 0) return 0;
    const within = Math.min(periods, protection);
    const known = until.get(within) ?? leadTimeDemand(demand, { periods: within });
    until.set(within, known);
    return known.quantile(p);
  };
  const waste = expectedWaste(position.lots, cumulated)
    .filter(({ lot }) => lot.expiresIn !== null && lot.expiresIn <= protection)
    .reduce((sum, entry) => sum + entry.expectedWaste, 0);
  const rule = { minimumRemaining: policy.minimumRemaining ?? 0, expectedWaste: waste };
  const now = orderQuantity(levels, position, rule);
  const stock = saleableStock(position.lots, rule.minimumRemaining) - waste + position.onOrder;
  const perDay = levels.leadTimeDemand.mean / protection / clock.daysPerPeriod;
  const days = daysToReorderPoint(stock, levels.reorderPoint, perDay);
  // What will have to be ordered when the reorder point is reached, so that the sentence names the next order too.
  const next = now > 0 ? now : orderQuantity(levels, { ...position, lots: [], onOrder: levels.reorderPoint }, rule);
  const quantity = days === Infinity ? 0 : next;
  const sentence = orderSentence({ quantity, packSize: position.packSize, daysToReorderPoint: days, now: clock.now });
  return { ...base, orderQuantity: rounded(now), expectedWaste: rounded(waste), sentence };
}
