import type { Comparator, ThermalProfile } from '../thermal-profile.js';
import { sideOf } from '../thermal-profile.js';

/** A storage bound or range, ready to be asked. */
export interface Rule {
  readonly name: string;
  readonly side: 'hot' | 'cold';
  /** In whole milli-degrees: a hot rule is broken from here on upwards, a cold one from here on downwards. */
  readonly threshold: number;
}

const RESERVED = ['above-storage', 'below-storage', 'freeze', 'humidity'];

/**
 * The first milli-degree that breaks a limit, with the guard band taken off: a hot limit comes down by it, a cold one up.
 */
export function thresholdOf(comparator: Comparator, limitMilliCelsius: number, guardBandMilliCelsius: number): number {
  switch (comparator) {
    case '>':
      return limitMilliCelsius + 1 - guardBandMilliCelsius;
    case '>=':
      return limitMilliCelsius - guardBandMilliCelsius;
    case '<':
      return limitMilliCelsius - 1 + guardBandMilliCelsius;
    case '<=':
      return limitMilliCelsius + guardBandMilliCelsius;
  }
}

/** Whether an instant breaks a rule: hot ones look at its highest value, cold ones at its lowest. */
export function breaks(rule: Pick<Rule, 'side' | 'threshold'>, low: number, high: number): boolean {
  return rule.side === 'hot' ? high >= rule.threshold : low <= rule.threshold;
}

/**
 * The rules of a profile in the order of `ProfileTrack.breaches`: storage above, storage below, ranges. The storage range
 * is closed, so 8.0 °C is inside 2–8. A range whose name is reserved or repeated gets its number in front, because
 * (profile, rule, openedAt) names an excursion.
 */
export function rulesOf(profile: ThermalProfile): readonly Rule[] {
  const { minMilliCelsius, maxMilliCelsius } = profile.storage;
  const guard = profile.guardBandMilliCelsius ?? 0;
  const names = profile.ranges.map(({ name }) => name);
  return [
    { name: 'above-storage', side: 'hot', threshold: thresholdOf('>', maxMilliCelsius, guard) },
    { name: 'below-storage', side: 'cold', threshold: thresholdOf('<', minMilliCelsius, guard) },
    ...profile.ranges.map((range, index) => ({
      name:
        RESERVED.includes(range.name) || names.indexOf(range.name) !== index
          ? `range-${index}:${range.name}`
          : range.name,
      side: sideOf(range.comparator),
      threshold: thresholdOf(range.comparator, range.limitMilliCelsius, guard),
    })),
  ];
}

/**
 * Which ranges stand aside when another one is broken: with `nested` none, otherwise per side only the most extreme
 * broken one counts. Range numbers from the most extreme to the least, hot and cold apart.
 */
export interface CountingOrder {
  readonly nested: boolean;
  readonly hot: readonly number[];
  readonly cold: readonly number[];
}

/** @param ranges the rules of the ranges alone, in the profile's order */
export function countingOrderOf(profile: ThermalProfile, ranges: readonly Rule[]): CountingOrder {
  // At one limit the strict comparator is the more extreme one, and of equal ones the first.
  const byThreshold = (side: 'hot' | 'cold', sign: 1 | -1): readonly number[] =>
    ranges
      .flatMap((rule, index) => (rule.side === side ? [{ index, threshold: sign * rule.threshold }] : []))
      .sort((one, other) => other.threshold - one.threshold || one.index - other.index)
      .map(({ index }) => index);
  return { nested: profile.combine === 'nested', hot: byThreshold('hot', 1), cold: byThreshold('cold', -1) };
}

/** The ranges (by index) in which a moment at these temperatures is counted. */
export function countedRanges(
  order: CountingOrder,
  ranges: readonly Rule[],
  low: number,
  high: number,
): readonly number[] {
  const isBroken = (index: number): boolean => breaks(ranges[index] as Rule, low, high);
  if (order.nested) return ranges.flatMap((rule, index) => (breaks(rule, low, high) ? [index] : []));
  return [order.hot.find(isBroken), order.cold.find(isBroken)].filter((index) => index !== undefined);
}
