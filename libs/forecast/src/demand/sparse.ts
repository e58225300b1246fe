import { at } from '../numeric/at.js';
import { square } from '../numeric/elementary.js';
import { classifyDemand } from './demand-class.js';
import { type FitInput, type FittedModel } from './fitted-model.js';
import { bestOnGrid, imapaRate, movingAverageRates, optimizedTsbRates, sbaRates, sesRates } from './intermittent.js';

/** Mean interval from which a long memory pays: SBA takes part, twice, instead of SES and IMAPA. */
const SPARSE_INTERVAL = 2;
/** Demand drifts: no more than this many periods count as evidence of a rate. */
const MEMORY = 48;
const AVERAGE_OF = 6;

/**
 * Demand with many zeros: the mean of TSB, SBA (twice) and a moving average of six periods where demands are two or more
 * periods apart, else of TSB, SES, IMAPA and the moving average; times the factor of least squared error for a rate known
 * from few demands, 1 / (1 + v) (Thompson, JASA 63 (1968) 113), v the relative variance of the rate times the square of
 * the share of zeros, so that it fades where demand is dense. No selection scheme beats averaging (Kourentzes 2014).
 */
export function fitSparse({ values, horizon }: FitInput): FittedModel {
  const n = values.length;
  const { interval } = classifyDemand(values);
  const sparse = interval >= SPARSE_INTERVAL;
  const tsb = optimizedTsbRates(values);
  const average = movingAverageRates(values, AVERAGE_OF);
  const slow = sparse ? bestOnGrid(values, (alpha) => sbaRates(values, alpha)) : sesRates(values);
  const factor = shrinkage(values);
  const rates = tsb.map((rate, t) => (factor * (rate + at(average, t) + 2 * at(slow, t))) / 4);
  if (!sparse) {
    const aggregated = imapaRate(values, 12);
    rates[n - 1] = (factor * (at(tsb, n - 1) + at(average, n - 1) + at(slow, n - 1) + aggregated)) / 4;
  }
  const past = new Float64Array(n * horizon);
  for (let t = 0; t < n; t++) past.fill(Math.max(at(rates, t), 0), t * horizon, (t + 1) * horizon);
  const forecast = new Float64Array(horizon).fill(Math.max(at(rates, n - 1), 0));
  return { name: 'sparse', forecast, past, first: 0, parameters: 3 };
}

function shrinkage(values: Float64Array): number {
  const { interval, variation } = classifyDemand(values);
  const probability = 1 / interval;
  const evidence = probability * Math.min(values.length, MEMORY);
  const relativeVariance = (variation + 1 - probability) / evidence;
  return 1 / (1 + relativeVariance * square(1 - probability));
}
