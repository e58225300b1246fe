import { at } from '../numeric/at.js';

/**
 * A model fitted to a series of n values, with the forecasts of `horizon` steps that it makes now and that it would have
 * made after each earlier period. `past` has n rows of `horizon` values; row t was made from values 0…t and, unless a
 * model says otherwise, with the parameters of the whole series. Rows before `first` are not usable.
 */
export interface FittedModel {
  /** Short name with its form, for example `ets(A,Ad,M)`. */
  readonly name: string;
  readonly forecast: Float64Array;
  readonly past: Float64Array;
  readonly first: number;
  /** Number of estimated quantities, for corrections of in-sample errors. */
  readonly parameters: number;
}

/** What every model is fitted to. */
export interface FitInput {
  /** No holes, finite, in any unit. */
  readonly values: Float64Array;
  /** Periods in a season; 1 when there is none. */
  readonly seasonLength: number;
  readonly horizon: number;
}

/** Multiplies forecasts of a series without season by the index of their period; row t forecasts t + 1, t + 2, …. */
export function reseason(model: FittedModel, indices: Float64Array, name: string, parameters: number): FittedModel {
  const season = indices.length;
  const horizon = model.forecast.length;
  const rows = model.past.length / horizon;
  const past = new Float64Array(model.past.length);
  for (let t = 0; t < rows; t++) {
    for (let h = 0; h < horizon; h++) {
      past[t * horizon + h] = at(model.past, t * horizon + h) * at(indices, (t + 1 + h) % season);
    }
  }
  const forecast = model.forecast.map((value, h) => value * at(indices, (rows + h) % season));
  return { name, forecast, past, first: model.first, parameters: model.parameters + parameters };
}

/** Mean of several models of one series, step by step, now and in the past. */
export function meanOfModels(models: readonly FittedModel[], name: string): FittedModel {
  const average = (pick: (model: FittedModel) => Float64Array): Float64Array => {
    const sum = new Float64Array(pick(models[0] as FittedModel).length);
    for (const model of models) {
      const values = pick(model);
      for (let i = 0; i < sum.length; i++) sum[i] = at(sum, i) + at(values, i);
    }
    return sum.map((value) => value / models.length);
  };
  return {
    name,
    forecast: average(({ forecast }) => forecast),
    past: average(({ past }) => past),
    first: Math.max(...models.map(({ first }) => first)),
    parameters: Math.max(...models.map(({ parameters }) => parameters)),
  };
}
