import { at } from '../numeric/at.js';

/** Form of an exponential smoothing model: error, trend (`Ad` damped) and season. */
export interface EtsForm {
  readonly error: 'A' | 'M';
  readonly trend: 'N' | 'A' | 'Ad';
  readonly season: 'N' | 'A' | 'M';
}

/** Smoothing parameters as in Hyndman, Koehler, Ord, Snyder (2008): β ≤ α and γ ≤ 1 − α in the usual region. */
export interface EtsParameters {
  readonly alpha: number;
  readonly beta: number;
  readonly gamma: number;
  readonly phi: number;
}

/** Level, growth and one cycle of seasonal states; `seasons[t mod m]` is the newest state of the season of period t. */
export interface EtsState {
  level: number;
  growth: number;
  readonly seasons: Float64Array;
}

/** Sum of squared errors, relative ones for multiplicative errors, and the product of the means. */
export interface EtsFit {
  readonly squares: number;
  /** Π µ_t = product · 2^exponent for multiplicative errors: one logarithm instead of n. */
  readonly product: number;
  readonly exponent: number;
}

/** 2^300 and its inverse, exactly. */
const BIG = 2.037035976334486e90;
const SMALL = 1 / BIG;

/**
 * Runs a model over the values, changing `state`; calls `each` after every period when given. Infinity in `squares`
 * when a multiplicative state or mean stops being positive.
 */
export function runEts(
  values: Float64Array,
  form: EtsForm,
  { alpha, beta, gamma, phi }: EtsParameters,
  state: EtsState,
  each?: (t: number) => void,
): EtsFit {
  const { seasons } = state;
  const m = seasons.length;
  const relative = form.error === 'M';
  const trended = form.trend !== 'N';
  const additive = form.season === 'A';
  const multiplicative = form.season === 'M';
  const positive = relative || multiplicative;
  let { level, growth } = state;
  let squares = 0;
  let product = 1;
  let exponent = 0;
  let season = 0;
  for (let t = 0; t < values.length; t++) {
    const value = at(values, t);
    const base = trended ? level + phi * growth : level;
    const s = at(seasons, season);
    const mean = additive ? base + s : multiplicative ? base * s : base;
    if (positive && !(mean > 1e-10 && base > 1e-10)) return { squares: Infinity, product, exponent };
    const error = value - mean;
    if (relative) {
      const ratio = error / mean;
      squares += ratio * ratio;
      product *= mean;
      if (product > BIG) {
        product *= SMALL;
        exponent += 300;
      } else if (product < SMALL) {
        product *= BIG;
        exponent -= 300;
      }
    } else squares += error * error;
    // With multiplicative errors the same updates result, since ε·µ is the error itself.
    const levelError = multiplicative ? error / s : error;
    level = base + alpha * levelError;
    if (trended) growth = phi * growth + beta * levelError;
    if (additive) seasons[season] = s + gamma * error;
    else if (multiplicative) seasons[season] = s + (gamma * error) / base;
    season = season + 1 === m ? 0 : season + 1;
    if (each !== undefined) {
      state.level = level;
      state.growth = growth;
      each(t);
    }
  }
  state.level = level;
  state.growth = growth;
  return { squares, product, exponent };
}

/** Point forecasts from a state after period t, into `row`. */
export function projectEts(state: EtsState, form: EtsForm, phi: number, t: number, row: Float64Array): void {
  const m = state.seasons.length;
  let damping = 0;
  let factor = 1;
  for (let h = 0; h < row.length; h++) {
    factor *= phi;
    damping += factor;
    const base = form.trend === 'N' ? state.level : state.level + damping * state.growth;
    const s = at(state.seasons, (t + 1 + h) % m);
    row[h] = form.season === 'A' ? base + s : form.season === 'M' ? base * s : base;
  }
}
