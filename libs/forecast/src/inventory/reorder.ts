import { type FittedDemand, LONGEST_HORIZON } from '../forecast-demand.js';
import { checkPositive } from '../distributions/gamma.js';
import { checkProbability } from '../distributions/normal.js';
import { type LeadTimeDemand, leadTimeDemand, type ProtectionPeriod } from './lead-time-demand.js';
import { checkPosition, saleableStock, type StockPosition } from './stock-position.js';

/** How stock is ordered; times in periods of the history. */
export interface ReorderPolicy {
  readonly leadTime: number;
  /** Time between two looks at the stock; 0 when it is watched all the time. */
  readonly review: number;
  /** Standard deviation of the lead time. */
  readonly leadTimeSpread?: number;
  /** Probability of no stockout in a protection period, 0 to 1. */
  readonly service: number;
  /** Economic order quantity or another wanted one, in base units; else the demand of a review interval. */
  readonly wantedQuantity?: number;
  /** Shelf life of what is delivered: no more is ordered than is sold within it. */
  readonly shelfLife?: number;
  /** Stock with less shelf life left than this is not counted. */
  readonly minimumRemaining?: number;
}

/** Levels of a policy, in base units. */
export interface ReorderLevels {
  /** Order when stock and orders are at or below it: the service quantile of the demand over lead time and review. */
  readonly reorderPoint: number;
  readonly orderUpTo: number;
  /** Reorder point without the expected demand; never negative. */
  readonly safetyStock: number;
  readonly leadTimeDemand: LeadTimeDemand;
}

/** Steps that a fitted model needs for a policy. */
export function horizonFor({ leadTime, review, shelfLife = 0 }: ReorderPolicy): number {
  return Math.max(1, Math.ceil(leadTime + review), Math.ceil(Math.min(shelfLife, LONGEST_HORIZON)));
}

/**
 * Reorder point s = Q_service(demand over L + R), order-up-to S = s + max(wanted quantity, minimum order), both no more
 * than is sold within the shelf life. Sources: Silver, Pyke, Thomas, Inventory and Production Management (2016) §6–7.
 * @throws ForecastError `parameter-invalid`, `probability-invalid`, `horizon-invalid`
 */
export function reorderLevels(demand: FittedDemand, policy: ReorderPolicy, minimumOrder = 0): ReorderLevels {
  const { leadTime, review, leadTimeSpread = 0, service, shelfLife } = policy;
  const periods = checkPositive('lead time and review interval', leadTime + review);
  checkProbability(service);
  const period: ProtectionPeriod = { periods, spread: leadTimeSpread };
  const distribution = leadTimeDemand(demand, period);
  const point = distribution.quantile(service);
  const wanted = policy.wantedQuantity ?? (distribution.mean * review) / periods;
  const target = point + Math.max(wanted, minimumOrder);
  const sold = shelfLife === undefined ? Infinity : soldWithin(demand, shelfLife);
  return {
    reorderPoint: Math.min(point, sold),
    orderUpTo: Math.min(target, Math.max(sold, 0)),
    safetyStock: Math.max(Math.min(point, sold) - distribution.mean, 0),
    leadTimeDemand: distribution,
  };
}

/** Demand that is as likely passed as not within a shelf life; what is beyond the longest horizon goes on as before it. */
function soldWithin(demand: FittedDemand, shelfLife: number): number {
  const periods = Math.min(shelfLife, LONGEST_HORIZON);
  return (leadTimeDemand(demand, { periods }).quantile(0.5) * shelfLife) / periods;
}

/** Which stock counts. */
export interface CountedStock {
  /** Stock with less shelf life left than this is not counted. */
  readonly minimumRemaining?: number;
  /** Units of the counted stock that will expire before they are sold. */
  readonly expectedWaste?: number;
}

/**
 * Units to order now: nothing above the reorder point; else up to the order-up-to level, at least the minimum, in whole
 * cases. Counts saleable stock that will be sold in time, and orders under way. @throws ForecastError `stock-invalid`
 */
export function orderQuantity(
  levels: Pick<ReorderLevels, 'reorderPoint' | 'orderUpTo'>,
  position: StockPosition,
  counted: CountedStock = {},
): number {
  const { lots, onOrder, packSize, minimumOrder } = checkPosition(position);
  const { minimumRemaining = 0, expectedWaste = 0 } = counted;
  const inventory = Math.max(saleableStock(lots, minimumRemaining) - expectedWaste, 0) + onOrder;
  if (inventory > levels.reorderPoint || levels.orderUpTo <= inventory) return 0;
  const needed = Math.max(levels.orderUpTo - inventory, minimumOrder);
  // A case more for a rounding error of 1e-9 of a case would be a case too many.
  return Math.ceil(needed / packSize - 1e-9) * packSize;
}

/** One line of a what-if on the service level. */
export interface ServiceChoice {
  /** Asked for. */
  readonly service: number;
  /**
   * Probability that the reorder point lasts: more than asked for where one unit less would be too little, less only where
   * the shelf life allows no more.
   */
  readonly reached: number;
  readonly reorderPoint: number;
  readonly safetyStock: number;
  /** Expected units short in a protection period. */
  readonly expectedShortage: number;
  /** Share of the demand of an order cycle that is met from stock: 1 − shortage / order quantity. */
  readonly fillRate: number;
}

/** What each service level would take and give, for one order quantity per cycle. */
export function serviceChoices(
  demand: FittedDemand,
  policy: ReorderPolicy,
  services: readonly number[],
  quantityPerOrder: number,
): ServiceChoice[] {
  return services.map((service) => {
    const levels = reorderLevels(demand, { ...policy, service });
    const shortage = expectedShortage(levels.leadTimeDemand, levels.reorderPoint);
    const cycle = Math.max(quantityPerOrder, levels.leadTimeDemand.mean, 1e-12);
    return {
      service,
      reached: reachedService(levels.leadTimeDemand, levels.reorderPoint),
      reorderPoint: levels.reorderPoint,
      safetyStock: levels.safetyStock,
      expectedShortage: shortage,
      fillRate: Math.max(0, 1 - shortage / cycle),
    };
  });
}

/** Nobody knows more of a future demand than this. */
const MOST_CERTAIN = 0.9999;
const HALVINGS = 40;

/** Probability that a stock lasts: the greatest whose quantile is not above it, at most 0.9999. */
export function reachedService({ quantile }: LeadTimeDemand, stock: number): number {
  let [low, high] = [0, MOST_CERTAIN];
  if (quantile(high) <= stock) return high;
  for (let step = 0; step < HALVINGS; step++) {
    const middle = (low + high) / 2;
    if (quantile(middle) <= stock) low = middle;
    else high = middle;
  }
  return low;
}

const STRATA = 199;

/** E[(D − s)⁺] over 199 strata of the demand. */
export function expectedShortage(distribution: LeadTimeDemand, stock: number): number {
  let sum = 0;
  for (let k = 1; k <= STRATA; k++) sum += Math.max(distribution.quantile(k / (STRATA + 1)) - stock, 0);
  return sum / STRATA;
}

/** √(2 D K / h): yearly demand, cost of an order, cost of holding a unit for a year (Harris 1913). */
export function economicOrderQuantity(yearlyDemand: number, orderCost: number, holdingCost: number): number {
  return Math.sqrt(
    (2 * Math.max(yearlyDemand, 0) * checkPositive('cost of an order', orderCost)) /
      checkPositive('cost of holding', holdingCost),
  );
}
