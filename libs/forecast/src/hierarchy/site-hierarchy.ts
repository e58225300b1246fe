import { type DemandHistory, wholeHistory } from '../demand/demand-history.js';
import { fitDemand, type ModelName } from '../forecast-demand.js';
import { at } from '../numeric/at.js';
import { oneStepVariance } from './one-step-variance.js';
import { reconcile } from './reconcile.js';

/** What a series' own model says: all that reconciling needs of it. */
export interface BaseForecast {
  readonly model: ModelName;
  readonly forecast: readonly number[];
  /** Of its errors one step ahead. */
  readonly variance: number;
}

/** @throws ForecastError as `fitDemand` */
export function baseForecast(history: DemandHistory, horizon: number, season?: Float64Array): BaseForecast {
  const demand = fitDemand(history, horizon, season);
  return { model: demand.model, forecast: [...demand.fitted.forecast], variance: oneStepVariance(demand) };
}

/** The demand of a product at several sites together. */
export interface ProductTotal {
  readonly history: DemandHistory;
  /** Indices of the sites that are in it. */
  readonly members: readonly number[];
}

/**
 * Adds up the histories of sites, which have one frequency and end in the same period. Its periods are those that all
 * members know; a site that knows less than half of the longest history stays out, or the total would be as short. What was
 * not seen at a site is taken as its own model takes it. Null where fewer than two sites are left.
 * @throws ForecastError as `prepareHistory`
 */
export function productTotal(histories: readonly DemandHistory[]): ProductTotal | null {
  const values = histories.map(wholeHistory);
  const longest = Math.max(0, ...values.map(({ length }) => length));
  const members = values.flatMap(({ length }, i) => (2 * length >= longest ? [i] : []));
  const [first] = histories;
  if (first === undefined || members.length < 2) return null;
  const periods = Math.min(...members.map((i) => values[i]?.length ?? 0));
  const quantities = Array.from({ length: periods }, (_, t) =>
    members.reduce((sum, i) => {
      const one = values[i] ?? new Float64Array(periods);
      return sum + at(one, one.length - periods + t);
    }, 0),
  );
  return { members, history: { quantities, frequency: first.frequency } };
}

/** Forecasts of sites that add up to the product's, nearest to what all the models said (`reconcile`). */
export function reconcileSites(product: BaseForecast, sites: readonly BaseForecast[]): Float64Array[] {
  const node = (name: string, members: number[], { forecast, variance }: BaseForecast) => ({
    name,
    members,
    forecast: Float64Array.from(forecast),
    variance,
  });
  const nodes = [
    node(
      'product',
      sites.map((_, i) => i),
      product,
    ),
    ...sites.map((site, i) => node(`site ${i}`, [i], site)),
  ];
  return reconcile(nodes, sites.length).slice(1);
}
