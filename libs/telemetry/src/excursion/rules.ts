import type { Comparator, ThermalProfile } from '../thermal-profile.js';
import { sideOf } from '../thermal-profile.js';

/** What a rule looks at: the two temperatures of an instant. */
interface Temperatures {
  readonly low: number;
  readonly high: number;
}

/** A storage bound or range, ready to be asked. */
export interface Rule {
  readonly name: string;
  readonly side: 'hot' | 'cold';
  readonly comparator: Comparator;
  readonly limitMilliCelsius: number;
}

const RESERVED = ['above-storage', 'below-storage', 'freeze', 'humidity'];

/** Whether an instant breaks a limit: hot limits look at its highest value, cold ones at its lowest. */
export function breaks(comparator: Comparator, limitMilliCelsius: number, { low, high }: Temperatures): boolean {
  switch (comparator) {
    case '>':
      return high > limitMilliCelsius;
    case '>=':
      return high >= limitMilliCelsius;
    case '<':
      return low < limitMilliCelsius;
    case '<=':
      return low <= limitMilliCelsius;
  }
}

/**
 * The rules of a profile in the order of `ProfileTrack.breaches`: storage above, storage below, ranges. The storage range
 * is closed, so 8.0 °C is inside 2–8. A range whose name is reserved or repeated gets its number in front, because
 * (profile, rule, openedAt) names an excursion.
 */
export function rulesOf(profile: ThermalProfile): readonly Rule[] {
  const { minMilliCelsius, maxMilliCelsius } = profile.storage;
  const names = profile.ranges.map(({ name }) => name);
  return [
    { name: 'above-storage', side: 'hot', comparator: '>', limitMilliCelsius: maxMilliCelsius },
    { name: 'below-storage', side: 'cold', comparator: '<', limitMilliCelsius: minMilliCelsius },
    ...profile.ranges.map((range, index) => ({
      name:
        RESERVED.includes(range.name) || names.indexOf(range.name) !== index
          ? `range-${index}:${range.name}`
          : range.name,
      side: sideOf(range.comparator),
      comparator: range.comparator,
      limitMilliCelsius: range.limitMilliCelsius,
    })),
  ];
}

/** Which of two broken rules of one side is more extreme; at one limit the strict comparator is. */
function moreExtreme(one: Rule, other: Rule): boolean {
  if (one.limitMilliCelsius !== other.limitMilliCelsius) {
    return one.side === 'hot'
      ? one.limitMilliCelsius > other.limitMilliCelsius
      : one.limitMilliCelsius < other.limitMilliCelsius;
  }
  return one.comparator.length < other.comparator.length;
}

/**
 * The ranges (by index) in which a moment at these temperatures is counted: all that it breaks when `nested`, otherwise
 * the most extreme one per side.
 */
export function countedRanges(profile: ThermalProfile, ranges: readonly Rule[], at: Temperatures): readonly number[] {
  const broken = ranges.flatMap((rule, index) => (breaks(rule.comparator, rule.limitMilliCelsius, at) ? [index] : []));
  if (profile.combine === 'nested' || broken.length < 2) return broken;
  const best = new Map<'hot' | 'cold', number>();
  for (const index of broken) {
    const rule = ranges[index] as Rule;
    const chosen = best.get(rule.side);
    if (chosen === undefined || moreExtreme(rule, ranges[chosen] as Rule)) best.set(rule.side, index);
  }
  return [...best.values()];
}
