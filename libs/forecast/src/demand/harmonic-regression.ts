import { at } from '../numeric/at.js';
import { exp, log, log1p, sineAndCosine, square } from '../numeric/elementary.js';
import type { FitInput, FittedModel } from './fitted-model.js';

/** Candidates of the smoothing parameter of the residual. */
const ALPHAS = [0.01, 0.03, 0.06, 0.1, 0.15, 0.2, 0.27, 0.35, 0.45, 0.6, 0.8];
const MOST_HARMONICS = 4;
/** Weight of one period after another: the season of five years ago counts a little less. */
const DISCOUNT = 0.997;
/** Precision of the prior (no season), in units of the residual's variance: a light ridge. */
const RIDGE = 0.5;
/** Candidates with less weight than this are left out. */
const LEAST_WEIGHT = 0.02;

/** Periods of the seasons in periods of the series, for example 365.25 / 7 for weeks. */
export interface HarmonicInput extends FitInput {
  readonly period: number;
  /** Season of the group in each period of the series and of the horizon, with mean 1; null: none is known. */
  readonly groupSeason: Float64Array | null;
}

/** A scale to fit on, its inverse, and ln of its derivative, which makes likelihoods on two scales comparable. */
interface Scale {
  readonly of: (value: number) => number;
  readonly back: (value: number) => number;
  readonly logDerivative: (value: number) => number;
}

const IDENTITY: Scale = { of: (value) => value, back: (value) => value, logDerivative: () => 0 };
/** Anscombe's root for counts, and the logarithm; both for values ≥ 0. */
const ROOT: Scale = {
  of: (value) => 2 * Math.sqrt(value + 0.375),
  back: (value) => square(Math.max(value, 0)) / 4 - 0.375,
  logDerivative: (value) => -0.5 * log(value + 0.375),
};
const LOGARITHM: Scale = {
  of: log1p,
  back: (value) => exp(Math.min(value, 700)) - 1,
  logDerivative: (value) => -log1p(value),
};

/**
 * Harmonic regression with simple smoothing of the residual, for seasons too long for seasonal states (m > 24). Fits on
 * three scales (values, roots, logarithms) with 0 to 4 harmonics each, averaged by their AICc weights (Burnham and
 * Anderson 2002), for which the likelihoods are brought to the scale of the values; each with the smoothing parameter of
 * least AICc. Smoothing is linear, so values and regressors go through the same filter, and the coefficients are those of
 * generalised least squares for an ARIMA(0,1,1) residual. They are updated recursively: a row of `past` uses only
 * coefficients known then. Forecasts of a fit on roots or logarithms are medians.
 * Where the season of a group is known, every form is fitted to the series without it too, and weighted the same way: what
 * harmonics are left there is what the series has of its own. So a young series takes the group's season as far as its few
 * periods speak for it, and an old one as far as it fits.
 */
export function fitHarmonic(input: HarmonicInput): FittedModel {
  const { values, horizon, period, groupSeason } = input;
  const n = values.length;
  const most = n >= 1.5 * period ? MOST_HARMONICS : 0;
  const regressors = harmonicsTable(n + horizon, period, most);
  const scales = values.every((value) => value >= 0) ? [IDENTITY, ROOT, LOGARITHM] : [IDENTITY];
  const seasons = groupSeason === null ? [null] : [null, groupSeason];
  const candidates = seasons.flatMap((season) =>
    scales.flatMap((scale) => candidatesOn({ scale, season, values, regressors, most })),
  );
  const least = Math.min(...candidates.map(({ aicc }) => aicc));
  const weights = candidates.map(({ aicc }) => exp(-(aicc - least) / 2));
  const total = weights.reduce((a, b) => a + b, 0);
  const used = weights.map((weight) => (weight / total < LEAST_WEIGHT ? 0 : weight));
  const usedTotal = used.reduce((a, b) => a + b, 0);
  const past = new Float64Array(n * horizon);
  candidates.forEach((candidate, i) => {
    const weight = (used[i] as number) / usedTotal;
    if (weight > 0) addRows(past, weight, candidate, regressors, horizon);
  });
  return {
    name: 'harmonic',
    forecast: past.slice((n - 1) * horizon),
    past,
    first: Math.min(2 + 2 * most, n - 1),
    parameters: 2 + 2 * most,
  };
}

interface Candidate {
  readonly scale: Scale;
  /** What the values were divided by. */
  readonly season: Float64Array | null;
  readonly transformed: Float64Array;
  readonly harmonics: number;
  readonly alpha: number;
  readonly aicc: number;
}

interface Form {
  readonly scale: Scale;
  readonly season: Float64Array | null;
  readonly values: Float64Array;
  readonly regressors: readonly Float64Array[];
  readonly most: number;
}

function candidatesOn({ scale, season, values, regressors, most }: Form): Candidate[] {
  const plain = season === null ? values : values.map((value, t) => value / at(season, t));
  const transformed = plain.map(scale.of);
  const divided = season === null ? 0 : values.reduce((sum, _, t) => sum + log(at(season, t)), 0);
  const jacobian = plain.reduce((sum, value) => sum + scale.logDerivative(value), 0) - divided;
  const n = values.length;
  return Array.from({ length: most + 1 }, (_, harmonics) => {
    const count = 3 + 2 * harmonics;
    const correction = n - count - 1 > 0 ? (2 * count * (count + 1)) / (n - count - 1) : 1e6 * count;
    let best = { alpha: 0.2, fit: Infinity };
    for (const alpha of ALPHAS) {
      const filter = new HarmonicFilter(harmonics, alpha);
      for (let t = 0; t < n; t++) filter.add(at(transformed, t), regressors, t);
      const fit = n * log(Math.max(filter.squares, 1e-300) / n);
      if (fit < best.fit) best = { alpha, fit };
    }
    const aicc = best.fit + 2 * count + correction - 2 * jacobian;
    return { scale, season, transformed, harmonics, alpha: best.alpha, aicc };
  });
}

function addRows(
  past: Float64Array,
  weight: number,
  { scale, season, transformed, harmonics, alpha }: Candidate,
  regressors: readonly Float64Array[],
  horizon: number,
): void {
  const filter = new HarmonicFilter(harmonics, alpha);
  transformed.forEach((value, t) => {
    filter.add(value, regressors, t);
    for (let h = 0; h < horizon; h++) {
      const index = t * horizon + h;
      const share = season === null ? weight : weight * at(season, t + 1 + h);
      past[index] = at(past, index) + share * scale.back(filter.ahead(regressors, t + 1 + h));
    }
  });
}

/** Columns sin and cos of the first harmonics, by period. */
function harmonicsTable(length: number, period: number, harmonics: number): Float64Array[] {
  const columns: Float64Array[] = [];
  for (let k = 1; k <= harmonics; k++) {
    const sines = new Float64Array(length);
    const cosines = new Float64Array(length);
    for (let t = 0; t < length; t++) [sines[t], cosines[t]] = sineAndCosine((k * t) / period);
    columns.push(sines, cosines);
  }
  return columns;
}

/** Recursive least squares on smoothed differences; the first coefficient is the level before the first value. */
class HarmonicFilter {
  squares = 0;
  private readonly size: number;
  private readonly covariance: Float64Array;
  private readonly coefficients: Float64Array;
  private readonly levels: Float64Array;
  private readonly x: Float64Array;
  private readonly gain: Float64Array;
  private level = 0;

  constructor(
    harmonics: number,
    private readonly alpha: number,
  ) {
    this.size = 1 + 2 * harmonics;
    this.covariance = new Float64Array(this.size * this.size);
    this.coefficients = new Float64Array(this.size);
    this.levels = new Float64Array(this.size);
    this.x = new Float64Array(this.size);
    this.gain = new Float64Array(this.size);
    for (let i = 0; i < this.size; i++) this.covariance[i * this.size + i] = i === 0 ? 1e8 : 1 / RIDGE;
  }

  add(value: number, regressors: readonly Float64Array[], t: number): void {
    const { size, alpha, x, levels, gain, covariance, coefficients } = this;
    let error = value - this.level;
    for (let i = 0; i < size; i++) {
      x[i] = (i === 0 ? 1 : at(regressors[i - 1] as Float64Array, t)) - at(levels, i);
      error -= at(x, i) * at(coefficients, i);
    }
    let spread = DISCOUNT;
    for (let i = 0; i < size; i++) {
      let sum = 0;
      for (let j = 0; j < size; j++) sum += at(covariance, i * size + j) * at(x, j);
      gain[i] = sum;
      spread += sum * at(x, i);
    }
    this.squares = this.squares * DISCOUNT + (error * error * DISCOUNT) / spread;
    for (let i = 0; i < size; i++) {
      coefficients[i] = at(coefficients, i) + (at(gain, i) / spread) * error;
      for (let j = 0; j < size; j++) {
        const index = i * size + j;
        covariance[index] = (at(covariance, index) - (at(gain, i) * at(gain, j)) / spread) / DISCOUNT;
      }
    }
    this.level += alpha * (value - this.level);
    for (let i = 0; i < size; i++) levels[i] = at(levels, i) + alpha * at(x, i);
  }

  /** Forecast of period t with what is known now. */
  ahead(regressors: readonly Float64Array[], t: number): number {
    let sum = this.level;
    for (let i = 0; i < this.size; i++) {
      const x = i === 0 ? 1 : at(regressors[i - 1] as Float64Array, t);
      sum += (x - at(this.levels, i)) * at(this.coefficients, i);
    }
    return sum;
  }
}
