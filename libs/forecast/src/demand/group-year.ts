import { at } from '../numeric/at.js';
import { sineAndCosine } from '../numeric/elementary.js';
import { solveSymmetric } from '../numeric/solve-symmetric.js';
import { GREATEST_RATIO, normalized, PROFILE_WEIGHT } from './shrunk-season.js';
import { centredMeans } from './classical-season.js';
import type { Season } from './frequency.js';

/** Harmonics of the year of a group: a season of four bends is as fine as weeks can tell. */
const HARMONICS = 4;
const SIZE = 2 * HARMONICS;
/** Parts of a year that must have been seen. */
const PARTS = 12;

/**
 * Normal equations of the ratios to the centred mean on harmonics of the calendar's year: what a series of weeks shares with
 * its group. They add up, and can be taken out again.
 */
export interface YearSums {
  /** Products of the harmonics, 8 × 8, and of them with the ratios less one. */
  readonly products: Float64Array;
  readonly moments: Float64Array;
  /** Ratios seen in each twelfth of the year. */
  readonly seen: Float64Array;
}

/** Of nothing. */
export function emptyYear(): YearSums {
  return {
    products: new Float64Array(SIZE * SIZE),
    moments: new Float64Array(SIZE),
    seen: new Float64Array(PARTS),
  };
}

/** Of a series whose first value has this number (`periodOf`); nothing for less than a year and a week. */
export function yearSums(values: Float64Array, firstPeriod: number, { length, period }: Season): YearSums {
  const sums = emptyYear();
  centredMeans(values, length).forEach((mean, t) => {
    if (!(mean > 0)) return;
    const turns = (firstPeriod + t) / period;
    const ratio = Math.min(Math.max(at(values, t) / mean, 0), GREATEST_RATIO);
    const x = harmonicsAt(turns);
    for (let row = 0; row < SIZE; row++) {
      sums.moments[row] = at(sums.moments, row) + at(x, row) * (ratio - 1);
      for (let column = 0; column < SIZE; column++) {
        const index = row * SIZE + column;
        sums.products[index] = at(sums.products, index) + at(x, row) * at(x, column);
      }
    }
    const part = Math.floor((turns - Math.floor(turns)) * PARTS) % PARTS;
    sums.seen[part] = at(sums.seen, part) + 1;
  });
  return sums;
}

/** Adds sums to others, or takes them out with −1. */
export function addYear(to: YearSums, one: YearSums, sign: 1 | -1): void {
  for (const key of ['products', 'moments', 'seen'] as const) {
    one[key].forEach((value, index) => (to[key][index] = at(to[key], index) + sign * value));
  }
}

/**
 * Season at equal parts of the year from a period on, with mean 1, shrunk to none by some seasons' worth of evidence, as
 * those of months are (`shrunkProfile`). Null where some twelfth of the year was not seen.
 */
export function yearProfile(
  sums: YearSums,
  firstPeriod: number,
  { length, period }: Season,
  weight = PROFILE_WEIGHT,
): Float64Array | null {
  if (sums.seen.some((count) => count < 1)) return null;
  const products = sums.products.slice();
  // A harmonic has half the variance of an indicator of a season.
  const ridge = (weight * length) / 2;
  for (let row = 0; row < SIZE; row++) products[row * SIZE + row] = at(products, row * SIZE + row) + ridge;
  const coefficients = solveSymmetric(products, sums.moments);
  const profile = new Float64Array(length).map((_, part) => {
    const x = harmonicsAt(firstPeriod / period + part / length);
    return 1 + coefficients.reduce((sum, coefficient, k) => sum + coefficient * at(x, k), 0);
  });
  return normalized(profile);
}

/** A profile at equal parts of the year, at a number of periods from its beginning; between its parts on straight lines. */
export function seasonAfter(profile: Float64Array, periods: number, period: number): number {
  const turns = periods / period;
  const place = (turns - Math.floor(turns)) * profile.length;
  const part = Math.min(Math.floor(place), profile.length - 1);
  const [here, next] = [at(profile, part), at(profile, (part + 1) % profile.length)];
  return here + (place - part) * (next - here);
}

function harmonicsAt(turns: number): Float64Array {
  const x = new Float64Array(SIZE);
  for (let k = 1; k <= HARMONICS; k++) [x[2 * k - 2], x[2 * k - 1]] = sineAndCosine(k * turns);
  return x;
}
