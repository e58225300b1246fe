import { ForecastError } from '../forecast-error.js';
import { at } from '../numeric/at.js';
import { classifyDemand } from './demand-class.js';
import { type DemandHistory, prepareHistory, type PreparedHistory } from './demand-history.js';
import { type Season, seasonOf } from './frequency.js';
import { addYear, emptyYear, yearProfile, yearSums } from './group-year.js';
import { type SeasonalRatios, seasonalRatios, shrunkProfile } from './shrunk-season.js';

/** A series of a group: one product at one site. */
export interface GroupMember {
  readonly history: DemandHistory;
  /** Number of its first period (`periodOf`), which says what season it begins in. */
  readonly firstPeriod: number;
}

/**
 * For each member of a group the season of the others, beginning at the member's first period: what its own season is
 * shrunk to. Its own ratios are left out, or it would be shrunk to itself; those of the others are shrunk to no season, so
 * that few of them say little. Null where the others have not been seen for a whole season. All members have one frequency.
 * Of weeks it is a smooth one, at 52 equal parts of the year (`yearProfile`): a year is no whole number of weeks.
 */
export function groupSeasons(members: readonly GroupMember[]): (Float64Array | null)[] {
  const [first] = members;
  if (first === undefined) return [];
  const season = seasonOf(first.history.frequency);
  return season.length > 24 ? seasonsOfYears(members, season) : seasonsOfPeriods(members, season.length);
}

function seasonsOfPeriods(members: readonly GroupMember[], seasonLength: number): (Float64Array | null)[] {
  const ratios = members.map((member) => calendarRatios(member, seasonLength));
  const all = emptyRatios(seasonLength);
  for (const one of ratios) add(all, one, 1);
  return members.map(({ firstPeriod }, i) => {
    const others = { sums: all.sums.slice(), counts: all.counts.slice() };
    add(others, ratios[i] ?? emptyRatios(seasonLength), -1);
    if (others.counts.some((count) => count < 1)) return null;
    const profile = shrunkProfile(others, null);
    return profile.map((_, season) => at(profile, turned(season + firstPeriod, seasonLength)));
  });
}

function seasonsOfYears(members: readonly GroupMember[], season: Season): (Float64Array | null)[] {
  const years = members.map(({ history, firstPeriod }) => {
    const prepared = denseHistory(history);
    return prepared === null ? emptyYear() : yearSums(prepared.values, firstPeriod + prepared.offset, season);
  });
  const all = emptyYear();
  for (const one of years) addYear(all, one, 1);
  return members.map(({ firstPeriod }, i) => {
    const others = { products: all.products.slice(), moments: all.moments.slice(), seen: all.seen.slice() };
    addYear(others, years[i] ?? emptyYear(), -1);
    return yearProfile(others, firstPeriod, season);
  });
}

/** Ratios by the season of the calendar. */
function calendarRatios({ history, firstPeriod }: GroupMember, seasonLength: number): SeasonalRatios {
  const found = emptyRatios(seasonLength);
  const prepared = denseHistory(history);
  if (prepared === null) return found;
  const own = seasonalRatios(prepared.values, seasonLength);
  for (let season = 0; season < seasonLength; season++) {
    const calendar = turned(season + firstPeriod + prepared.offset, seasonLength);
    found.sums[calendar] = at(own.sums, season);
    found.counts[calendar] = at(own.counts, season);
  }
  return found;
}

/** Nothing of rare demand, and of what cannot be forecast: they tell no season. */
function denseHistory(history: DemandHistory): PreparedHistory | null {
  try {
    const prepared = prepareHistory(history);
    return classifyDemand(prepared.values).interval > 1.32 ? null : prepared;
  } catch (error) {
    if (error instanceof ForecastError) return null;
    throw error;
  }
}

function emptyRatios(seasonLength: number): SeasonalRatios {
  return { sums: new Float64Array(seasonLength), counts: new Float64Array(seasonLength) };
}

function add(to: SeasonalRatios, one: SeasonalRatios, sign: 1 | -1): void {
  for (let season = 0; season < to.sums.length; season++) {
    to.sums[season] = at(to.sums, season) + sign * at(one.sums, season);
    to.counts[season] = at(to.counts, season) + sign * at(one.counts, season);
  }
}

const turned = (season: number, length: number): number => ((season % length) + length) % length;
