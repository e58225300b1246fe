import { ForecastError } from '../forecast-error.js';
import { at } from '../numeric/at.js';
import { classifyDemand } from './demand-class.js';
import { type Frequency, type Season, seasonOf } from './frequency.js';
import { seasonAfter, yearProfile, yearSums } from './group-year.js';
import { seasonalRatios, shrunkProfile } from './shrunk-season.js';

/** Demand of consecutive periods of one product at one site, in base units. */
export interface DemandHistory {
  /** Net demand of each period; negative when more came back; null where nothing is known (a hole, not a zero). */
  readonly quantities: readonly (number | null)[];
  /** Share of each period in which there was stock to sell, 0 to 1; all in stock where not given. */
  readonly available?: readonly number[];
  readonly frequency: Frequency;
}

/** A history that models can be fitted to: no holes, and which values were really seen. */
export interface PreparedHistory {
  readonly values: Float64Array;
  /** 1 where demand was observed without a stockout, 0 where it was estimated. */
  readonly observed: Uint8Array;
  readonly seasonLength: number;
  /** Periods of the history before the first value here: what a season of the group has to be turned by. */
  readonly offset: number;
}

/** Quantities beyond this are refused: sums of them would lose whole units. */
export const GREATEST_QUANTITY = 1e15;
/** Periods that are looked at: models of five hundred weeks ago say nothing of tomorrow, and time is bounded. */
export const LONGEST_HISTORY = 780;
/** Less than this is nothing: arithmetic with subnormal numbers has no digits left. */
export const LEAST_QUANTITY = 1e-12;
/** Holes are filled under nearly the own season: shrinking it would pull a filled peak down. */
const FILLING_WEIGHT = 0.5;
/** What was filled without a season hides it: the second pass knows most of it. */
const FILLING_PASSES = 2;
/** In stock for less than this share of a period, sales say too little of its demand to be scaled up. */
const LEAST_AVAILABLE = 0.5;

/**
 * Checks a history and estimates what was not seen: demand under a partial stockout is sales over the share in stock; a
 * hole and a longer stockout take the level around them under the season, never less than what was sold.
 * @throws ForecastError `series-empty`, `series-not-finite`, `series-too-large`, `calendar-invalid`
 */
export function prepareHistory(history: DemandHistory): PreparedHistory {
  const season = seasonOf(history.frequency);
  const { length: seasonLength } = season;
  const known = knownQuantities(history);
  const first = known.findIndex((entry) => entry.demand !== null);
  if (first < 0) throw new ForecastError('series-empty', 'no period with a known quantity');
  const offset = Math.max(first, known.length - LONGEST_HISTORY);
  const entries = known.slice(offset);
  const observed = Uint8Array.from(entries, ({ demand }) => (demand === null ? 0 : 1));
  const raw = Float64Array.from(entries, ({ demand }) => demand ?? NaN);
  if (observed.every((flag) => flag === 1)) return { values: raw, observed, seasonLength, offset };
  const seen = raw.filter((value) => !Number.isNaN(value));
  if (seen.length === 0) throw new ForecastError('series-empty', 'no period with a known quantity in the history used');
  if (classifyDemand(seen).interval > 1.32) {
    // Between rare demands an average is no demand: what was not seen is left out.
    return { values: seen, observed: new Uint8Array(seen.length).fill(1), seasonLength, offset };
  }
  const values = filled(raw, season).map((value, t) => Math.max(value, entries[t]?.sold ?? value));
  return { values, observed, seasonLength, offset };
}

/**
 * Values of every period since the first that is known, also where `prepareHistory` leaves out what was not seen of rare
 * demand: there it is the mean of what was. @throws ForecastError as `prepareHistory`
 */
export function wholeHistory(history: DemandHistory): Float64Array {
  const { values, offset } = prepareHistory(history);
  const known = knownQuantities(history).slice(offset);
  if (values.length === known.length) return values;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Float64Array.from(known, ({ demand, sold }) => demand ?? Math.max(mean, sold ?? mean));
}

interface Known {
  /** Null when it has to be estimated. */
  readonly demand: number | null;
  /** What was sold although stock ran out: demand was not less. */
  readonly sold: number | null;
}

function knownQuantities({ quantities, available }: DemandHistory): Known[] {
  if (available !== undefined && available.length !== quantities.length) {
    throw new ForecastError(
      'calendar-invalid',
      `${quantities.length} quantities but ${available.length} availabilities`,
    );
  }
  return quantities.map((quantity, period) => {
    if (quantity === null) return { demand: null, sold: null };
    if (!Number.isFinite(quantity)) {
      throw new ForecastError('series-not-finite', `the quantity of period ${period + 1} is ${quantity}`, { period });
    }
    if (Math.abs(quantity) > GREATEST_QUANTITY) {
      throw new ForecastError('series-too-large', `${quantity} in period ${period + 1} is beyond ±1e15`, { period });
    }
    const share = available?.[period] ?? 1;
    if (!(share >= 0 && share <= 1)) {
      throw new ForecastError(
        'calendar-invalid',
        `availability ${share} of period ${period + 1} is not between 0 and 1`,
        {
          period,
        },
      );
    }
    const amount = Math.abs(quantity) < LEAST_QUANTITY ? 0 : quantity;
    if (share === 1) return { demand: amount, sold: null };
    return share >= LEAST_AVAILABLE ? { demand: amount / share, sold: null } : { demand: null, sold: amount };
  });
}

/** Fills NaN from both sides, then on the series without the season that it has so far. */
function filled(raw: Float64Array, season: Season): Float64Array {
  let values = interpolated(raw);
  if (raw.length < 2 * season.length || values.some((value) => value < 0)) return values;
  for (let pass = 0; pass < FILLING_PASSES; pass++) {
    const index = indexOf(values, season);
    if (index === null) return values;
    values = interpolated(raw.map((value, t) => value / index(t))).map((value, t) => value * index(t));
  }
  return values;
}

/** Season of each period; of weeks a smooth one, null where not all of a year was seen. */
function indexOf(values: Float64Array, season: Season): ((t: number) => number) | null {
  const { length, period } = season;
  if (length > 24) {
    const year = yearProfile(yearSums(values, 0, season), 0, season, FILLING_WEIGHT);
    return year === null ? null : (t) => seasonAfter(year, t, period);
  }
  const profile = shrunkProfile(seasonalRatios(values, length), null, FILLING_WEIGHT);
  return (t) => at(profile, t % length);
}

/** A gap takes the line between the means of the three values before and after it. */
function interpolated(raw: Float64Array): Float64Array {
  const values = raw.slice();
  let t = 0;
  while (t < values.length) {
    if (!Number.isNaN(at(values, t))) {
      t++;
      continue;
    }
    let end = t;
    while (end < values.length && Number.isNaN(at(values, end))) end++;
    const before = meanOfNext(raw, t - 1, -1);
    const after = meanOfNext(raw, end, 1);
    for (let k = t; k < end; k++) {
      const share = (k - t + 1) / (end - t + 1);
      values[k] = Number.isNaN(before) ? after : Number.isNaN(after) ? before : before + share * (after - before);
    }
    t = end;
  }
  return values;
}

function meanOfNext(raw: Float64Array, from: number, direction: 1 | -1): number {
  let sum = 0;
  let count = 0;
  for (let t = from; t >= 0 && t < raw.length && count < 3; t += direction) {
    if (Number.isNaN(at(raw, t))) continue;
    sum += at(raw, t);
    count++;
  }
  return count === 0 ? NaN : sum / count;
}
