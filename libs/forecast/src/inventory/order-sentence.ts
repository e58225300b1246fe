const DAY_MS = 86_400_000;
const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** An order as a person is told of it. */
export interface OrderAdvice {
  /** Base units; a multiple of the pack size. */
  readonly quantity: number;
  readonly packSize: number;
  /** Days until stock and orders are down to the reorder point; 0 or less when they are. */
  readonly daysToReorderPoint: number;
  /** Milliseconds since 1970 UTC. */
  readonly now: number;
}

/** Days until a position is down to the reorder point at the mean demand per day; Infinity without demand. */
export function daysToReorderPoint(position: number, reorderPoint: number, demandPerDay: number): number {
  if (position <= reorderPoint) return 0;
  return demandPerDay > 0 ? (position - reorderPoint) / demandPerDay : Infinity;
}

/** “Order 3 cases of 10 by Tuesday”: the weekday within the next six days, else the date (UTC). */
export function orderSentence({ quantity, packSize, daysToReorderPoint: days, now }: OrderAdvice): string {
  if (quantity <= 0) return 'Order nothing now';
  const amount = packSize === 1 ? plural(quantity, 'unit') : `${plural(quantity / packSize, 'case')} of ${packSize}`;
  const whole = Math.floor(Math.max(days, 0));
  if (whole === 0) return `Order ${amount} today`;
  const day = new Date(now + Math.min(whole, 36_500) * DAY_MS);
  return `Order ${amount} by ${whole <= 6 ? WEEKDAYS[day.getUTCDay()] : day.toISOString().slice(0, 10)}`;
}

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
