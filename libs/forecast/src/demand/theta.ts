import { at } from '../numeric/at.js';
import { square } from '../numeric/elementary.js';
import { minimize } from '../numeric/nelder-mead.js';
import { seasonalIndicesIfPresent } from './classical-season.js';
import { fitSmoothing, smoothedLevels } from './exponential-smoothing.js';
import { type FitInput, type FittedModel, reseason } from './fitted-model.js';

/** The values without their season, and the indices that were taken out (ones without a significant season). */
function deseasonalized({ values, seasonLength }: FitInput): { plain: Float64Array; indices: Float64Array } {
  const indices = seasonalIndicesIfPresent(values, seasonLength);
  return { plain: values.map((value, t) => value / at(indices, t % indices.length)), indices };
}

const degreesOf = (indices: Float64Array): number => (indices.some((index) => index !== 1) ? indices.length - 1 : 0);

/**
 * The theta method: simple smoothing with half of the linear trend as drift, after classical deseasonalising where the
 * season is significant. Sources: Assimakopoulos and Nikolopoulos, IJF 16 (2000) 521; Hyndman and Billah, IJF 19 (2003) 287.
 */
export function fitTheta(input: FitInput): FittedModel {
  const { plain, indices } = deseasonalized(input);
  const n = plain.length;
  const { alpha, start } = fitSmoothing(plain);
  const levels = smoothedLevels(plain, alpha, start);
  const past = new Float64Array(n * input.horizon);
  const trend = new RunningTrend();
  let decay = 1;
  const row = new Float64Array(input.horizon);
  for (let t = 0; t < n; t++) {
    trend.add(at(plain, t));
    decay *= 1 - alpha;
    for (let h = 0; h < row.length; h++) row[h] = at(levels, t) + (trend.slope() / 2) * (h + (1 - decay) / alpha);
    past.set(row, t * input.horizon);
  }
  const plainModel = { name: 'theta', forecast: row.slice(), past, first: 2, parameters: 3 };
  return reseason(plainModel, indices, 'theta', degreesOf(indices));
}

/** Least-squares slope of the values seen so far on their number. */
class RunningTrend {
  private count = 0;
  private sum = 0;
  private weighted = 0;

  add(value: number): void {
    this.sum += value;
    this.weighted += this.count * value;
    this.count++;
  }

  slope(): number {
    const n = this.count;
    if (n < 3) return 0;
    return (12 * this.weighted - 6 * (n - 1) * this.sum) / (n * (n * n - 1));
  }
}

/** States of the dynamic optimised theta model; `t` values have been seen. */
interface DotmState {
  t: number;
  level: number;
  mean: number;
  a: number;
  b: number;
  /** (1 − α)^t */
  decay: number;
}

const startOfDotm = (level: number): DotmState => ({ t: 0, level, mean: 0, a: 0, b: 0, decay: 1 });

function expected(state: DotmState, alpha: number, theta: number): number {
  const next = state.decay * (1 - alpha);
  return state.level + (1 - 1 / theta) * (state.decay * state.a + ((1 - next) / alpha) * state.b);
}

function observe(state: DotmState, value: number, alpha: number): void {
  const t = state.t + 1;
  state.level += alpha * (value - state.level);
  const mean = ((t - 1) * state.mean + value) / t;
  state.b = t === 1 ? 0 : ((t - 2) * state.b + (6 * (value - state.mean)) / t) / (t + 1);
  state.mean = mean;
  state.a = mean - ((t + 1) / 2) * state.b;
  state.decay *= 1 - alpha;
  state.t = t;
}

/**
 * Dynamic optimised theta model: start level, α and θ by least squares of the one-step errors from the third value on.
 * Source: Fiorucci, Pellegrini, Louzada, Petropoulos, Koehler, IJF 32 (2016) 1151.
 */
export function fitDotm(input: FitInput): FittedModel {
  const { plain, indices } = deseasonalized(input);
  const n = plain.length;
  const scale = meanAbsolute(plain);
  const squares = ([level = 0, alpha = 0, theta = 0]: Float64Array): number => {
    if (alpha < 0.1 || alpha > 0.99 || theta < 1 || theta > 1e4) return Infinity;
    const state = startOfDotm(level * scale);
    let sum = 0;
    for (let t = 0; t < n; t++) {
      const value = at(plain, t);
      if (t >= 2) sum += square((value - expected(state, alpha, theta)) / scale);
      observe(state, value, alpha);
    }
    return sum;
  };
  const start = [at(plain, 0) / 2 / scale, 0.5, 2];
  const best =
    n < 4 || scale === 0
      ? start
      : minimize(squares, start, { step: [0.1, 0.1, 0.5], tolerance: 1e-7, maximumEvaluations: 400 }).point;
  const [level = 0, alpha = 0.5, theta = 2] = best;
  return dotmRows(input, plain, indices, { level: level * scale, alpha, theta });
}

function dotmRows(
  { horizon }: FitInput,
  plain: Float64Array,
  indices: Float64Array,
  { level, alpha, theta }: { level: number; alpha: number; theta: number },
): FittedModel {
  const n = plain.length;
  const past = new Float64Array(n * horizon);
  const state = startOfDotm(level);
  const row = new Float64Array(horizon);
  const ahead = startOfDotm(0);
  for (let t = 0; t < n; t++) {
    observe(state, at(plain, t), alpha);
    Object.assign(ahead, state);
    for (let h = 0; h < horizon; h++) {
      const value = expected(ahead, alpha, theta);
      row[h] = value;
      observe(ahead, value, alpha);
    }
    past.set(row, t * horizon);
  }
  return reseason(
    { name: 'dotm', forecast: row.slice(), past, first: 2, parameters: 3 },
    indices,
    'dotm',
    degreesOf(indices),
  );
}

function meanAbsolute(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += Math.abs(value);
  return sum / values.length;
}
