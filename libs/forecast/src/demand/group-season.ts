import { ForecastError } from '../forecast-error.js';
import { at } from '../numeric/at.js';
import { classifyDemand } from './demand-class.js';
import { type DemandHistory, prepareHistory } from './demand-history.js';
import { seasonOf } from './frequency.js';
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
 * that few of them say little. Null where the others have not been seen for a whole season, and for weeks, whose model has
 * no profile. All members have one frequency.
 */
export function groupSeasons(members: readonly GroupMember[]): (Float64Array | null)[] {
  const [first] = members;
  const seasonLength = first === undefined ? 0 : seasonOf(first.history.frequency).length;
  if (seasonLength < 2 || seasonLength > 24) return members.map(() => null);
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

/** Ratios by the season of the calendar. Of rare demand, and of what cannot be forecast, there are none. */
function calendarRatios({ history, firstPeriod }: GroupMember, seasonLength: number): SeasonalRatios {
  const found = emptyRatios(seasonLength);
  const prepared = preparedOf(history);
  if (prepared === null || classifyDemand(prepared.values).interval > 1.32) return found;
  const own = seasonalRatios(prepared.values, seasonLength);
  for (let season = 0; season < seasonLength; season++) {
    const calendar = turned(season + firstPeriod + prepared.offset, seasonLength);
    found.sums[calendar] = at(own.sums, season);
    found.counts[calendar] = at(own.counts, season);
  }
  return found;
}

function preparedOf(history: DemandHistory): ReturnType<typeof prepareHistory> | null {
  try {
    return prepareHistory(history);
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
