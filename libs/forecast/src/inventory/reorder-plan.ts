import { type FittedDemand, rounded } from '../forecast-demand.js';
import { expectedWaste } from './expected-waste.js';
import { leadTimeDemand } from './lead-time-demand.js';
import { daysToReorderPoint, orderSentence } from './order-sentence.js';
import { orderQuantity, reorderLevels, type ReorderPolicy } from './reorder.js';
import type { AdviceClock } from './reorder-advice.js';
import { saleableStock, type StockPosition } from './stock-position.js';

/** Probabilities at which a plan keeps the demand of the coming periods. */
export const PLAN_PROBABILITIES = [0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99] as const;

/**
 * What a forecast says about ordering, as plain data: made once, and applied to the stock of the moment as often as that
 * changes. In base units and periods.
 */
export interface ReorderPlan {
  readonly reorderPoint: number;
  readonly orderUpTo: number;
  readonly safetyStock: number;
  /** Lead time and review interval. */
  readonly protectionPeriods: number;
  readonly meanPerPeriod: number;
  /** Demand from now to the end of the first, second, … period, at each of {@link PLAN_PROBABILITIES}. */
  readonly cumulated: readonly (readonly number[])[];
}

/** @throws ForecastError as `reorderLevels` */
export function reorderPlan(demand: FittedDemand, policy: ReorderPolicy, minimumOrder = 0): ReorderPlan {
  const levels = reorderLevels(demand, policy, minimumOrder);
  const protection = policy.leadTime + policy.review;
  return {
    reorderPoint: rounded(levels.reorderPoint),
    orderUpTo: rounded(levels.orderUpTo),
    safetyStock: rounded(levels.safetyStock),
    protectionPeriods: rounded(protection),
    meanPerPeriod: rounded(levels.leadTimeDemand.mean / protection),
    cumulated: Array.from({ length: Math.ceil(protection) }, (_, period) => {
      const until = leadTimeDemand(demand, { periods: Math.min(period + 1, protection) });
      return PLAN_PROBABILITIES.map((p) => rounded(until.quantile(p)));
    }),
  };
}

/** What to order now, and when the next order is due. */
export interface PlannedOrder {
  /** Saleable stock that will be sold in time, without what is on order. */
  readonly saleable: number;
  readonly orderQuantity: number;
  /** Units of the stock that will probably expire before they are sold, within the protection period. */
  readonly expectedWaste: number;
  /** Days until stock and orders are down to the reorder point; null without demand. */
  readonly daysToReorderPoint: number | null;
  /** Order size by then; the same as now where it is due. */
  readonly nextOrderQuantity: number;
  readonly sentence: string;
}

/** How an order is spoken of: base units of one pack, and packs of a case. */
export interface OrderWords {
  readonly baseUnitsPerPack: number;
  readonly packsPerCase: number;
}

/** Applies a plan to a stock position (whose pack size is a case in base units). @throws ForecastError `stock-invalid` */
export function orderByPlan(
  plan: ReorderPlan,
  position: StockPosition,
  clock: AdviceClock,
  minimumRemaining: number,
  words: OrderWords,
): PlannedOrder {
  const protection = plan.protectionPeriods;
  const cumulated = (periods: number, p: number): number => cumulatedDemand(plan, periods, p);
  const waste = expectedWaste(position.lots, cumulated)
    .filter(({ lot }) => lot.expiresIn !== null && lot.expiresIn <= protection)
    .reduce((sum, entry) => sum + entry.expectedWaste, 0);
  const rule = { minimumRemaining, expectedWaste: waste };
  const now = orderQuantity(plan, position, rule);
  const saleable = Math.max(saleableStock(position.lots, minimumRemaining) - waste, 0);
  const perDay = plan.meanPerPeriod / clock.daysPerPeriod;
  const days = daysToReorderPoint(saleable + position.onOrder, plan.reorderPoint, perDay);
  const next =
    now > 0
      ? now
      : days === Infinity
        ? 0
        : orderQuantity(plan, { ...position, lots: [], onOrder: plan.reorderPoint }, rule);
  const sentence = orderSentence({
    quantity: next / words.baseUnitsPerPack,
    packSize: words.packsPerCase,
    daysToReorderPoint: days,
    now: clock.now,
  });
  return {
    saleable: rounded(saleable),
    orderQuantity: rounded(now),
    expectedWaste: rounded(waste),
    daysToReorderPoint: days === Infinity ? null : rounded(days),
    nextOrderQuantity: rounded(next),
    sentence,
  };
}

/** Quantile of the demand until an instant, between the kept ones by straight lines; nothing is known beyond the last. */
function cumulatedDemand(plan: ReorderPlan, periods: number, p: number): number {
  if (periods <= 0) return 0;
  const at = Math.min(periods, plan.protectionPeriods);
  const ends = plan.cumulated.map((_, index) => Math.min(index + 1, plan.protectionPeriods));
  const values = plan.cumulated.map((quantiles) => interpolated(PLAN_PROBABILITIES, quantiles, p));
  return interpolated([0, ...ends], [0, ...values], at);
}

/** y at x on the line through points of ascending x; beyond them the value at the end. */
function interpolated(xs: readonly number[], ys: readonly number[], x: number): number {
  const next = xs.findIndex((known) => known >= x);
  if (next === -1) return ys.at(-1) ?? 0;
  const [x1 = 0, y1 = 0] = [xs[next], ys[next]];
  if (next === 0) return y1;
  const [x0 = 0, y0 = 0] = [xs[next - 1], ys[next - 1]];
  return y0 + ((y1 - y0) * (x - x0)) / (x1 - x0);
}
