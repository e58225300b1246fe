import { at } from '../numeric/at.js';
import { minimizeOnInterval } from '../numeric/golden-section.js';
import type { FitInput, FittedModel } from './fitted-model.js';

const LOWEST = 0.01;
const HIGHEST = 0.99;

/** Level after each period of simple exponential smoothing that starts at `start`. */
export function smoothedLevels(values: Float64Array, alpha: number, start: number): Float64Array {
  const levels = new Float64Array(values.length);
  let level = start;
  for (let t = 0; t < values.length; t++) {
    level += alpha * (at(values, t) - level);
    levels[t] = level;
  }
  return levels;
}

/** The α with the least sum of squared one-step errors, and the start level that is best for it (a linear problem). */
export function fitSmoothing(values: Float64Array): { alpha: number; start: number } {
  if (values.length < 3) return { alpha: 0.5, start: at(values, 0) };
  const alpha = minimizeOnInterval((candidate) => profile(values, candidate).squares, LOWEST, HIGHEST, 10);
  return { alpha, start: profile(values, alpha).start };
}

/** e_t = d_t − w_t · start with w_t = (1 − α)^t: the best start is a regression through the origin. */
function profile(values: Float64Array, alpha: number): { squares: number; start: number } {
  let level = 0;
  let weight = 1;
  let dd = 0;
  let dw = 0;
  let ww = 0;
  for (let t = 0; t < values.length; t++) {
    const d = at(values, t) - level;
    dd += d * d;
    dw += d * weight;
    ww += weight * weight;
    level += alpha * d;
    weight *= 1 - alpha;
  }
  const start = dw / ww;
  return { squares: Math.max(dd - (dw * dw) / ww, 0), start };
}

/** Simple exponential smoothing, α and start by least squares. */
export function fitSes({ values, horizon }: FitInput): FittedModel {
  const n = values.length;
  const { alpha, start } = fitSmoothing(values);
  const levels = smoothedLevels(values, alpha, start);
  const past = new Float64Array(n * horizon);
  for (let t = 0; t < n; t++) past.fill(at(levels, t), t * horizon, (t + 1) * horizon);
  const forecast = new Float64Array(horizon).fill(at(levels, n - 1));
  return { name: 'ses', forecast, past, first: 0, parameters: 2 };
}
