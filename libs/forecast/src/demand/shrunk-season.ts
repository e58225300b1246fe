import { at } from '../numeric/at.js';
import { centredMeans } from './classical-season.js';
import { fitSes } from './exponential-smoothing.js';
import { type FitInput, type FittedModel, reseason } from './fitted-model.js';

/** Sums and counts of ratios to the centred mean, by season: what a site shares with its group. */
export interface SeasonalRatios {
  readonly sums: Float64Array;
  readonly counts: Float64Array;
}

/** How many seasons' worth of evidence the group profile counts for; the optimum is flat from 2 to 4. */
export const PROFILE_WEIGHT = 3;
/** One outlier among few ratios must not make a season; the widest real month of vaccine campaigns is about 5. */
export const GREATEST_RATIO = 5;

/** Ratios of a series by season of its period t mod m; empty for less than a cycle and a half. */
export function seasonalRatios(values: Float64Array, seasonLength: number): SeasonalRatios {
  const means = centredMeans(values, seasonLength);
  const sums = new Float64Array(seasonLength);
  const counts = new Float64Array(seasonLength);
  means.forEach((mean, t) => {
    if (!(mean > 0)) return;
    const season = t % seasonLength;
    sums[season] = at(sums, season) + Math.min(Math.max(at(values, t) / mean, 0), GREATEST_RATIO);
    counts[season] = at(counts, season) + 1;
  });
  return { sums, counts };
}

/** Adds up the ratios of a group; its mean profile has mean 1 (ones for seasons that nobody has seen). */
export function groupProfile(members: readonly SeasonalRatios[], seasonLength: number): Float64Array {
  const profile = new Float64Array(seasonLength);
  for (let season = 0; season < seasonLength; season++) {
    let sum = 0;
    let count = 0;
    for (const member of members) {
      sum += at(member.sums, season);
      count += at(member.counts, season);
    }
    profile[season] = count > 0 ? sum / count : 1;
  }
  return normalized(profile);
}

/** (own sums + k · prior) / (own counts + k), scaled to mean 1; the prior is flat when no group is given. */
export function shrunkProfile(own: SeasonalRatios, prior: Float64Array | null, weight = PROFILE_WEIGHT): Float64Array {
  return normalized(
    own.sums.map((sum, season) => {
      const expectation = prior === null ? 1 : at(prior, season);
      return (sum + weight * expectation) / (at(own.counts, season) + weight);
    }),
  );
}

/** Scaled to mean 1, and nowhere less than a hundredth; ones where there is no positive mean. */
export function normalized(profile: Float64Array): Float64Array {
  const mean = profile.reduce((a, b) => a + b, 0) / profile.length;
  return mean > 0 ? profile.map((value) => Math.max(value / mean, 0.01)) : profile.map(() => 1);
}

/**
 * Simple smoothing on the series without its season, whose profile is shrunk to the group's (or to none). Shrinking is
 * most of the gain on short seasonal histories.
 */
export function fitShrunkSeason(input: FitInput, prior: Float64Array | null): FittedModel {
  const { values, seasonLength } = input;
  if (seasonLength < 2) return { ...fitSes(input), name: 'shrunk-season' };
  const profile = shrunkProfile(seasonalRatios(values, seasonLength), prior);
  const plain = values.map((value, t) => value / at(profile, t % seasonLength));
  return reseason(fitSes({ ...input, values: plain }), profile, 'shrunk-season', seasonLength - 1);
}
