import { ForecastError } from '../forecast-error.js';

/** One lot at one site, in base units. Times are in periods from now. */
export interface StockLot {
  readonly quantity: number;
  /** Batch, for recalls. */
  readonly batch?: string;
  /** Periods until it may not be used any more; null when it does not expire. */
  readonly expiresIn: number | null;
  /** Share of the stability budget that is left, as the ledger carries it (0 to 1); 1 where not given. */
  readonly budgetLeft?: number;
  /** Held or recalled stock is there, and may not be given out. */
  readonly state?: 'free' | 'held' | 'recalled';
}

/** What is there and on its way. */
export interface StockPosition {
  readonly lots: readonly StockLot[];
  /** Ordered and not yet received, in base units. */
  readonly onOrder: number;
  /** Units in a case: orders are whole cases. */
  readonly packSize: number;
  /** Least quantity of an order, in base units. */
  readonly minimumOrder: number;
}

/** Checks quantities. @throws ForecastError `stock-invalid` */
export function checkPosition(position: StockPosition): StockPosition {
  const refuse = (name: string, value: number): never => {
    throw new ForecastError('stock-invalid', `${name} is ${value}`, { name, value });
  };
  for (const { quantity, expiresIn, budgetLeft = 1 } of position.lots) {
    if (!(quantity >= 0 && quantity < Infinity)) refuse('quantity of a lot', quantity);
    if (Number.isNaN(expiresIn)) refuse('expiry of a lot', NaN);
    if (!(budgetLeft <= 1)) refuse('stability budget left of a lot', budgetLeft);
  }
  if (!(position.onOrder >= 0 && position.onOrder < Infinity)) refuse('quantity on order', position.onOrder);
  if (!(position.packSize > 0 && position.packSize < Infinity)) refuse('pack size', position.packSize);
  if (!(position.minimumOrder >= 0 && position.minimumOrder < Infinity)) refuse('minimum order', position.minimumOrder);
  return position;
}

/**
 * May this lot be sold in `inPeriods` periods, with at least `minimumRemaining` periods of shelf life then? Not when held,
 * recalled, or without stability budget: the balance is the ledger's, there is no second model of it here.
 */
export function isSaleable(lot: StockLot, inPeriods = 0, minimumRemaining = 0): boolean {
  const { state = 'free', budgetLeft = 1, expiresIn } = lot;
  return state === 'free' && budgetLeft > 0 && (expiresIn === null || expiresIn - inPeriods > minimumRemaining);
}

/** Units that may be sold now. */
export function saleableStock(lots: readonly StockLot[], minimumRemaining = 0): number {
  return lots.reduce((sum, lot) => sum + (isSaleable(lot, 0, minimumRemaining) ? lot.quantity : 0), 0);
}

/** Saleable lots in the order in which they should be given out: first expired, first out; no expiry last. */
export function firstExpiredFirstOut(lots: readonly StockLot[]): StockLot[] {
  const end = ({ expiresIn }: StockLot): number => expiresIn ?? Infinity;
  return lots
    .filter((lot) => isSaleable(lot))
    .map((lot, index) => ({ lot, index }))
    .sort((a, b) => (end(a.lot) === end(b.lot) ? a.index - b.index : end(a.lot) - end(b.lot)))
    .map(({ lot }) => lot);
}
