import {
  countQuantile,
  cumulatedBias,
  fitDemand,
  fitSes,
  leadTimeDemand,
  meanSquaredDifference,
  normalQuantile,
  optimizedTsbRates,
  pinball,
  rmsse,
} from '@coldchain/forecast';
import type { Report } from '../report.js';
import type { Split } from './point-scores.js';

const STEPS = 3;
const LEVELS = [0.5, 0.8, 0.9, 0.95, 0.99];

/** RMSSE and cumulated bias of sparse demand beside optimised TSB, and lead-time quantiles beside four estimates. */
export function scoreSparse(report: Report, name: string, splits: readonly Split[]): void {
  const sums = new Map<string, number[]>();
  for (const { history, actual } of splits) {
    const scale = meanSquaredDifference(history);
    if (!(scale > 0)) continue;
    const add = (key: string, value: number): void => {
      sums.set(
        key,
        [...(sums.get(key) ?? [0, 0])].map((sum, i) => sum + (i === 0 ? value : 1)),
      );
    };
    const demand = fitDemand({ quantities: [...history], frequency: 'month' }, STEPS);
    const rates: Record<string, number> = {
      own: demand.fitted.forecast[0] ?? 0,
      'TSB started at the first period': tsbFromFirst(history),
      'TSB started at the means': optimizedTsbRates(history).at(-1) ?? 0,
      SES: fitSes({ values: history, seasonLength: 1, horizon: 1 }).forecast[0] ?? 0,
      zero: 0,
    };
    for (const [method, rate] of Object.entries(rates)) {
      const flat = new Float64Array(STEPS).fill(Math.max(rate, 0));
      add(`RMSSE ${method}`, rmsse(actual, flat, scale));
      add(`bias ${method}`, cumulatedBias(actual, flat, Math.sqrt(scale)));
    }
    const total = actual.reduce((a, b) => a + b, 0);
    for (const [method, quantile] of Object.entries(quantilesOf(history, demand))) {
      const losses = LEVELS.map((p) => pinball(total, quantile(p), p));
      add(`pinball ${method}`, losses.reduce((a, b) => a + b, 0) / LEVELS.length / Math.sqrt(scale));
      for (const p of [0.9, 0.95, 0.99]) add(`service ${p} ${method}`, total <= quantile(p) ? 1 : 0);
    }
  }
  const mean = (key: string): number => {
    const [sum = NaN, count = 0] = sums.get(key) ?? [];
    return sum / count;
  };
  for (const key of sums.keys()) {
    const [score = ''] = key.split(' ');
    const peer = {
      RMSSE: 'TSB started at the first period',
      bias: 'TSB started at the first period',
      pinball: 'blocks',
    }[score];
    const compared = key.endsWith(' own') && peer !== undefined;
    report.figure(`${name} ${key}`, '', [
      compared ? { value: mean(key), baseline: mean(`${score} ${peer}`) } : { value: mean(key) },
    ]);
  }
}

type Quantile = (p: number) => number;

function quantilesOf(history: Float64Array, demand: ReturnType<typeof fitDemand>): Record<string, Quantile> {
  const n = history.length;
  const ses = fitSes({ values: history, seasonLength: 1, horizon: 1 });
  const level = STEPS * Math.max(ses.forecast[0] ?? 0, 0);
  const oneStep: number[] = [];
  const cumulated: number[] = [];
  for (let t = 1; t < n; t++) oneStep.push((history[t] ?? 0) - (ses.past[t - 1] ?? 0));
  const sumFrom = (t: number): number => history.slice(t, t + STEPS).reduce((a, b) => a + b, 0);
  for (let t = 0; t + STEPS < n; t++) cumulated.push(sumFrom(t + 1) - STEPS * (ses.past[t] ?? 0));
  const meanSquare = (errors: readonly number[]): number => errors.reduce((sum, e) => sum + e * e, 0) / errors.length;
  const sums = Float64Array.from({ length: n - STEPS + 1 }, (_, t) => sumFrom(t)).sort();
  const variance = meanSquare(cumulated);
  const own = leadTimeDemand(demand, { periods: STEPS });
  return {
    own: (p) => own.quantile(p),
    'textbook normal': (p) => Math.max(level + normalQuantile(p) * Math.sqrt(STEPS * meanSquare(oneStep)), 0),
    'negative binomial': (p) => countQuantile(p, { mean: level, variance: Math.max(variance, level, 1e-9) }),
    blocks: (p) => sums[Math.min(Math.ceil(p * sums.length), sums.length) - 1] ?? 0,
  };
}

/** TSB over a 36-point grid as often written: probability and size start at the first period. */
function tsbFromFirst(history: Float64Array): number {
  const grid = [0.01, 0.05, 0.1, 0.2, 0.3, 0.5];
  let best = { rate: 0, squares: Infinity };
  for (const alpha of grid) {
    for (const beta of grid) {
      let probability = history[0] === 0 ? 0 : 1;
      let size = history.find((value) => value !== 0) ?? 0;
      let squares = 0;
      history.forEach((value, t) => {
        if (t > 0) squares += (value - probability * size) ** 2;
        probability += beta * ((value === 0 ? 0 : 1) - probability);
        if (value !== 0) size += alpha * (value - size);
      });
      if (squares < best.squares) best = { rate: probability * size, squares };
    }
  }
  return best.rate;
}
