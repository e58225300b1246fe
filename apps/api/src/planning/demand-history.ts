import { DEMAND_SOURCES, type DemandSource } from '@coldchain/api-contract';
import {
  byPeriod,
  type DatedQuantity,
  dayAfter,
  type DayNumber,
  endOfPeriod,
  formatDay,
  type Frequency,
  parseDay,
  periodOf,
} from '@coldchain/forecast';
import { coverageOf, type Days, type ListSpan, startOfPeriod } from './list-coverage.js';

/** Demand of one product at one site, of one source, in base units: of a day (events), or of a period (an import). */
export interface KnownDemand {
  /** Code or GTIN that the rows are of: a list for itself. */
  readonly product: string;
  readonly source: DemandSource;
  readonly origin: 'events' | 'import';
  /** First and last day with a row, `YYYY-MM-DD`; both in one period. */
  readonly firstDay: string;
  readonly lastDay: string;
  readonly rows: number;
  /** null: a part of it is not known. */
  readonly quantity: number | null;
  readonly available: number;
}

/** What happened to the stock on one day, in base units. */
export interface StockChange {
  readonly day: string;
  readonly change: number;
  /** Of `change`, without what went. */
  readonly added: number;
}

/** Consecutive periods of one product at one site. */
export interface PlanningHistory {
  readonly source: DemandSource;
  /** Every source that is known; the first of them is `source`. */
  readonly sources: readonly DemandSource[];
  readonly quantities: readonly (number | null)[];
  readonly available: readonly number[];
  /** Last day of the last period. */
  readonly lastDay: DayNumber;
  /** First day of the first period. */
  readonly firstDay: DayNumber;
}

/** Below this share of a period in stock, its demand is estimated from the others (see `@coldchain/forecast`). */
const LEAST_SHARE = 0.5;

/**
 * The history of a product at a site. One source is used, the nearest to patients that is known: they answer different
 * questions and are never added. On days that an import covers it holds, else what events say; from the first event on a
 * period without one is zero. Availability is the import's, or, under events, what the trail of the stock says.
 * @param until first day that is not looked at; the begin of a period
 * @returns null when nothing is known
 */
export function planningHistory(
  demand: readonly KnownDemand[],
  changes: readonly StockChange[],
  frequency: Frequency,
  until: DayNumber,
): PlanningHistory | null {
  const sources = DEMAND_SOURCES.filter((source) => demand.some((row) => row.source === source));
  const [source] = sources;
  if (source === undefined) return null;
  const used = demand.filter((row) => row.source === source);
  const imported = new Map<number, DatedQuantity>();
  for (const row of used) {
    if (row.origin === 'events') continue;
    const day = startOfPeriod(dayOf(row.firstDay), frequency);
    const period = periodOf(day, frequency);
    imported.set(period, merged(imported.get(period), { day, quantity: row.quantity, available: row.available }));
  }
  const covered = coveredDays(used, frequency);
  const told = new Map<number, number>();
  for (const row of used) {
    if (row.origin === 'import') continue;
    const day = dayOf(row.firstDay);
    const period = periodOf(day, frequency);
    const list = covered.get(period);
    const counts = list === undefined || day < list.from || day >= list.until;
    told.set(period, (told.get(period) ?? 0) + (counts ? (row.quantity ?? 0) : 0));
  }
  const rows: DatedQuantity[] = [];
  const trail = StockTrail.of(changes);
  const firstTold = Math.min(...told.keys());
  const last = periodOf(until - 1, frequency);
  for (let day = until - 1, period = last; period >= firstTold; period--) {
    const start = startOfPeriod(day, frequency);
    const events = { day: start, quantity: told.get(period) ?? 0, available: trail.availability(start, day + 1) };
    const list = imported.get(period);
    const { from, until: end } = covered.get(period) ?? { from: start, until: start };
    rows.push(list === undefined ? events : added(list, events, (end - from) / (day + 1 - start)));
    imported.delete(period);
    day = start - 1;
  }
  rows.push(...imported.values());
  const { quantities, available: shares, lastDay } = byPeriod(rows, frequency);
  // Never there for half a period: goods go on as they come, and an empty shelf says nothing of demand.
  const passing = shares.every((share) => share < LEAST_SHARE);
  const available = passing ? shares.map(() => 1) : shares;
  const end = endOfPeriod(lastDay, frequency) - 1;
  const firstDay = startOfPeriod(dayAfter(end, frequency, 1 - quantities.length), frequency);
  return { source, sources, quantities, available, firstDay, lastDay: end };
}

/** The days of each period that any list covers, from its first one to the last: who keeps one keeps it of the article. */
function coveredDays(demand: readonly KnownDemand[], frequency: Frequency): ReadonlyMap<number, Days> {
  const lists = new Map<string, ListSpan[]>();
  for (const { product, origin, firstDay, lastDay, rows } of demand) {
    if (origin === 'events') continue;
    const list = lists.get(product) ?? [];
    list.push({ firstDay: dayOf(firstDay), lastDay: dayOf(lastDay), rows });
    lists.set(product, list);
  }
  const covered = new Map<number, Days>();
  for (const list of lists.values()) {
    for (const [period, days] of coverageOf(list, frequency)) {
      const { from, until } = covered.get(period) ?? days;
      covered.set(period, { from: Math.min(from, days.from), until: Math.max(until, days.until) });
    }
  }
  return covered;
}

/** A period of which a list covers a share, and events the rest. */
function added(
  list: DatedQuantity,
  events: DatedQuantity & { readonly quantity: number },
  share: number,
): DatedQuantity {
  return {
    day: list.day,
    quantity: list.quantity === null ? null : list.quantity + events.quantity,
    available: list.available * share + events.available * (1 - share),
  };
}

/** Two packs of one article in one period: demand adds up, and is not known when a part is not. */
function merged(before: DatedQuantity | undefined, row: DatedQuantity): DatedQuantity {
  if (before === undefined) return row;
  const quantity = before.quantity === null || row.quantity === null ? null : before.quantity + row.quantity;
  // One pack in stock is enough to serve a patient with the article.
  return { day: row.day, quantity, available: Math.max(before.available, row.available) };
}

/** Stock at the begin of each day since the first change, as far as movements tell it. */
class StockTrail {
  private constructor(
    private readonly firstDay: DayNumber,
    /** For each day since: 1 in stock all day, 0 never, ½ it ran out or came in. */
    private readonly days: Float64Array,
    private readonly atEnd: number,
  ) {}

  static of(changes: readonly StockChange[]): StockTrail {
    const byDay = new Map<DayNumber, { change: number; added: number }>();
    for (const { day, change, added } of changes) {
      const at = dayOf(day);
      const before = byDay.get(at) ?? { change: 0, added: 0 };
      byDay.set(at, { change: before.change + change, added: before.added + added });
    }
    // Goods that never came in through movements (made here, or there before) say nothing of when they ran out.
    if (![...byDay.values()].some(({ added }) => added > 0)) return new StockTrail(0, new Float64Array(0), 1);
    const first = Math.min(...byDay.keys());
    const last = Math.max(...byDay.keys());
    const ends = new Float64Array(last - first + 1);
    let stock = 0;
    for (let day = first; day <= last; day++) {
      stock += byDay.get(day)?.change ?? 0;
      ends[day - first] = stock;
    }
    // Below zero: there was more at the begin than movements tell.
    const opening = Math.max(0, -ends.reduce((least, end) => Math.min(least, end), 0));
    const share = (day: DayNumber): number => {
      const before = opening + (ends[day - first - 1] ?? 0);
      const after = opening + (ends[day - first] ?? 0);
      if (before > 0 && after > 0) return 1;
      return before > 0 || (byDay.get(day)?.added ?? 0) > 0 ? 0.5 : 0;
    };
    return new StockTrail(
      first,
      ends.map((_, index) => share(first + index)),
      opening + stock,
    );
  }

  /** Share of the days [from, to) in stock; days before the first movement count as in stock. */
  availability(from: DayNumber, to: DayNumber): number {
    let sum = 0;
    for (let day = from; day < to; day++) sum += this.on(day);
    return sum / (to - from);
  }

  private on(day: DayNumber): number {
    if (day < this.firstDay) return 1;
    return this.days[day - this.firstDay] ?? (this.atEnd > 0 ? 1 : 0);
  }
}

function dayOf(text: string): DayNumber {
  const day = parseDay(text);
  if (day === null) throw new Error(`the database gave the day ${text}`);
  return day;
}

/** First day of a history and of the period after it, as texts. */
export const windowOf = ({
  firstDay,
  lastDay,
}: PlanningHistory): { readonly from: string; readonly until: string } => ({
  from: formatDay(firstDay),
  until: formatDay(lastDay + 1),
});
