import { at } from '../numeric/at.js';
import { fitEts } from './ets.js';
import { type FitInput, type FittedModel, meanOfModels, reseason } from './fitted-model.js';
import { seasonalRatios, shrunkProfile } from './shrunk-season.js';
import { fitDotm, fitTheta } from './theta.js';

/**
 * Mean of ETS (by AICc), theta, DOTM, and DOTM on the series without a season that is shrunk to the group's profile (or
 * to none). Small models averaged beat every single one of them: research §0.1. Values are divided by a power of two
 * first, so that nothing depends on the unit.
 */
export function fitCombination(input: FitInput, groupProfile: Float64Array | null): FittedModel {
  const unit = powerOfTwoNear(input.values);
  const scaled = { ...input, values: input.values.map((value) => value / unit) };
  const model = meanOfModels(
    [fitEts(scaled), fitTheta(scaled), fitDotm(scaled), fitShrunkDotm(scaled, groupProfile)],
    'combination',
  );
  const back = (value: number): number => value * unit;
  return { ...model, forecast: model.forecast.map(back), past: model.past.map(back) };
}

function fitShrunkDotm(input: FitInput, groupProfile: Float64Array | null): FittedModel {
  const { values, seasonLength } = input;
  if (seasonLength < 2) return fitDotm(input);
  const profile = shrunkProfile(seasonalRatios(values, seasonLength), groupProfile);
  const plain = values.map((value, t) => value / at(profile, t % seasonLength));
  const model = fitDotm({ ...input, values: plain, seasonLength: 1 });
  return reseason(model, profile, 'dotm-shrunk-season', seasonLength - 1);
}

/** Exact scaling: dividing by it changes no digit. 1 for a series of zeros. */
function powerOfTwoNear(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + Math.abs(value), 0) / values.length;
  let unit = 1;
  if (!(mean > 0)) return unit;
  while (unit * 2 <= mean) unit *= 2;
  while (unit > mean) unit /= 2;
  return unit;
}
