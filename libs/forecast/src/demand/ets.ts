import { at } from '../numeric/at.js';
import { log, square } from '../numeric/elementary.js';
import { minimize } from '../numeric/nelder-mead.js';
import { classicalIndices, centredMeans } from './classical-season.js';
import { type EtsForm, type EtsParameters, type EtsState, projectEts, runEts } from './ets-recursion.js';
import type { FitInput, FittedModel } from './fitted-model.js';

/** Longest season that seasonal states are estimated for; beyond it harmonics need fewer parameters. */
const LONGEST_SEASON = 24;
const LOWEST = 1e-4;
const PHI_LOW = 0.8;
const PHI_HIGH = 0.98;

interface Candidate {
  readonly form: EtsForm;
  readonly aicc: number;
  readonly parameters: EtsParameters;
  readonly start: EtsState;
  readonly estimated: number;
}

/** `ets(A,Ad,M)`. */
const nameOf = ({ error, trend, season }: EtsForm): string => `ets(${error},${trend},${season})`;

/**
 * The exponential smoothing model with the least AICc among those with additive or multiplicative error, no, additive or
 * damped trend and no, additive or multiplicative season (multiplicative forms for positive series, seasonal ones from
 * two cycles on and seasons up to 24; combinations with infinite variance left out, as in R's `ets`). Sources: Hyndman,
 * Koehler, Snyder, Grose, IJF 18 (2002) 439; Hyndman et al., Forecasting with Exponential Smoothing (2008).
 */
export function fitEts(input: FitInput, forms: readonly EtsForm[] = formsFor(input)): FittedModel {
  let best: Candidate | null = null;
  for (const form of forms) {
    const candidate = fitForm(input, form);
    if (candidate !== null && (best === null || candidate.aicc < best.aicc)) best = candidate;
  }
  best ??= constantModel(input);
  return rowsOf(input, best);
}

/** Holt's linear trend, or the damped one of Gardner and McKenzie. */
export function fitHolt(input: FitInput, damped: boolean): FittedModel {
  const model = fitEts(input, [{ error: 'A', trend: damped ? 'Ad' : 'A', season: 'N' }]);
  return { ...model, name: damped ? 'damped' : 'holt' };
}

/** The forms that a series of this length and sign may take. */
export function formsFor({ values, seasonLength }: FitInput): EtsForm[] {
  const n = values.length;
  const positive = values.every((value) => value > 0);
  const seasonal = seasonLength > 1 && seasonLength <= LONGEST_SEASON && n >= 2 * seasonLength + 1;
  const seasons: EtsForm['season'][] = seasonal ? (positive ? ['N', 'A', 'M'] : ['N', 'A']) : ['N'];
  const forms: EtsForm[] = [];
  for (const season of seasons) {
    for (const trend of ['N', 'A', 'Ad'] as const) {
      if (season !== 'M') forms.push({ error: 'A', trend, season });
      if (positive) forms.push({ error: 'M', trend, season });
    }
  }
  return forms;
}

/** Number of estimated quantities: smoothing parameters, start states and the variance. */
function countOf({ trend, season }: EtsForm, seasonLength: number): number {
  const trendCount = trend === 'N' ? 0 : trend === 'A' ? 2 : 3;
  return 3 + trendCount + (season === 'N' ? 0 : seasonLength);
}

function fitForm(input: FitInput, form: EtsForm): Candidate | null {
  const { values } = input;
  const n = values.length;
  const m = form.season === 'N' ? 1 : input.seasonLength;
  const count = countOf(form, m);
  if (n < count + 2) return null;
  const initial = startState(values, form, m);
  const scale = spreadOf(values);
  const start: EtsState = { level: 0, growth: 0, seasons: new Float64Array(m) };
  const parametersAt = (point: Float64Array): EtsParameters | null => decode(point, form);
  const place = (point: Float64Array): void => {
    start.level = initial.level + at(point, 0) * scale;
    start.growth = form.trend === 'N' ? 0 : initial.growth + at(point, 1) * scale * 0.1;
    start.seasons.set(initial.seasons);
  };
  const objective = (point: Float64Array): number => {
    const parameters = parametersAt(point);
    if (parameters === null) return Infinity;
    place(point);
    return deviance(runEts(values, form, parameters, start), form, n);
  };
  const guess = startPoint(form, m);
  const step = guess.map((_, i) => (i < 2 ? 0.3 : 0.1));
  const found = minimize(objective, guess, { step, tolerance: 1e-7, maximumEvaluations: 120 * guess.length });
  const parameters = parametersAt(found.point);
  if (parameters === null || !Number.isFinite(found.value)) return null;
  place(found.point);
  const aicc = found.value + 2 * count + (2 * count * (count + 1)) / (n - count - 1);
  return { form, aicc, parameters, start: { ...start, seasons: start.seasons.slice() }, estimated: count };
}

/** −2 log-likelihood without constants: n ln(SSE) + 2 Σ ln|µ| for relative errors. */
function deviance(
  { squares, product, exponent }: { squares: number; product: number; exponent: number },
  form: EtsForm,
  n: number,
): number {
  if (!(squares < Infinity)) return Infinity;
  const fit = n * log(Math.max(squares, 1e-300));
  return form.error === 'M' ? fit + 2 * (log(product) + exponent * Math.LN2) : fit;
}

/** Coordinates: level and growth shifts, then α, β/α, γ/(1 − α), φ as far as the form has them. */
function startPoint(form: EtsForm, m: number): number[] {
  const point = [0, 0, m > 1 ? 0.3 : 0.4];
  if (form.trend !== 'N') point.push(0.1);
  if (form.season !== 'N') point.push(0.1);
  if (form.trend === 'Ad') point.push(0.6);
  return point;
}

/** Null outside the box: every coordinate strictly between 0 and 1. */
function decode(point: Float64Array, form: EtsForm): EtsParameters | null {
  for (let i = 2; i < point.length; i++) if (!(at(point, i) >= LOWEST && at(point, i) <= 1 - LOWEST)) return null;
  const trended = form.trend !== 'N';
  const seasonal = form.season !== 'N';
  const alpha = at(point, 2);
  return {
    alpha,
    beta: trended ? alpha * at(point, 3) : 0,
    gamma: seasonal ? (1 - alpha) * at(point, trended ? 4 : 3) : 0,
    phi: form.trend === 'Ad' ? PHI_LOW + (PHI_HIGH - PHI_LOW) * at(point, point.length - 1) : 1,
  };
}

/** Start states: season from classical decomposition, level and growth from a line through the first periods. */
function startState(values: Float64Array, form: EtsForm, m: number): EtsState {
  const seasons = new Float64Array(m).fill(form.season === 'M' ? 1 : 0);
  if (form.season === 'M') seasons.set(classicalIndices(values, m));
  if (form.season === 'A') seasons.set(additiveIndices(values, m));
  const length = Math.min(values.length, Math.max(10, 2 * m));
  const adjusted = values
    .slice(0, length)
    .map((value, t) =>
      form.season === 'M' ? value / at(seasons, t % m) : value - (form.season === 'A' ? at(seasons, t % m) : 0),
    );
  const { intercept, slope } = line(adjusted);
  if (form.trend === 'N') return { level: adjusted.reduce((a, b) => a + b, 0) / length, growth: 0, seasons };
  return { level: intercept, growth: slope, seasons };
}

function additiveIndices(values: Float64Array, m: number): Float64Array {
  const means = centredMeans(values, m);
  const sums = new Float64Array(m);
  const counts = new Float64Array(m);
  means.forEach((mean, t) => {
    if (Number.isNaN(mean)) return;
    sums[t % m] = at(sums, t % m) + at(values, t) - mean;
    counts[t % m] = at(counts, t % m) + 1;
  });
  const indices = sums.map((sum, season) => sum / Math.max(at(counts, season), 1));
  const mean = indices.reduce((a, b) => a + b, 0) / m;
  return indices.map((index) => index - mean);
}

/** Least-squares line; `intercept` is its value one period before the first. */
function line(values: Float64Array): { intercept: number; slope: number } {
  const n = values.length;
  let sum = 0;
  let weighted = 0;
  values.forEach((value, t) => {
    sum += value;
    weighted += (t + 1) * value;
  });
  const slope = (12 * weighted - 6 * (n + 1) * sum) / (n * (n * n - 1));
  return { intercept: sum / n - (slope * (n + 1)) / 2, slope };
}

function spreadOf(values: Float64Array): number {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + square(value - mean), 0);
  return Math.sqrt(squares / values.length) || Math.abs(mean) || 1;
}

function constantModel({ values }: FitInput): Candidate {
  const level = values.reduce((a, b) => a + b, 0) / values.length;
  return {
    form: { error: 'A', trend: 'N', season: 'N' },
    aicc: 0,
    parameters: { alpha: 0.2, beta: 0, gamma: 0, phi: 1 },
    start: { level, growth: 0, seasons: new Float64Array(1) },
    estimated: 1,
  };
}

function rowsOf({ values, horizon }: FitInput, { form, parameters, start, estimated }: Candidate): FittedModel {
  const past = new Float64Array(values.length * horizon);
  const row = new Float64Array(horizon);
  const state: EtsState = { ...start, seasons: start.seasons.slice() };
  runEts(values, form, parameters, state, (t) => {
    projectEts(state, form, parameters.phi, t, row);
    past.set(row, t * horizon);
  });
  return { name: nameOf(form), forecast: row.slice(), past, first: 0, parameters: estimated };
}
