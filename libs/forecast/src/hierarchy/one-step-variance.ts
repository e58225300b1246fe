import { mean } from '../descriptive.js';
import type { FittedDemand } from '../forecast-demand.js';
import { at } from '../numeric/at.js';
import { square } from '../numeric/elementary.js';

/**
 * Mean squared error of the forecasts one step ahead: the weight of a node in `reconcile`. Periods that were not observed
 * are left out; never 0, so that a series without errors does not take all the weight from its total.
 */
export function oneStepVariance({ prepared, fitted }: FittedDemand): number {
  const { values, observed } = prepared;
  const horizon = fitted.forecast.length;
  const squares: number[] = [];
  for (let t = fitted.first + 1; t < values.length; t++) {
    if (observed[t] === 1) squares.push(square(at(values, t) - at(fitted.past, (t - 1) * horizon)));
  }
  const level = Math.abs(at(fitted.forecast, 0));
  return Math.max(squares.length === 0 ? square(level) : mean(squares), 1e-6 * square(level), 1e-12);
}
