import type { Reading } from '../reading.js';

/**
 * What is known about one instant. Several readings of the same instant may disagree (two gateways, a repeated message,
 * a faulty clock, several loggers): the lowest and the highest are kept, hot rules look at `high`, cold rules at `low`.
 * That is safe and does not depend on the order of arrival.
 */
export interface Sample {
  /** ms since 1970 UTC. */
  readonly at: number;
  /** Lowest and highest milli-degrees Celsius read at this instant. */
  readonly low: number;
  readonly high: number;
  /** Highest relative humidity read at this instant, per mille. */
  readonly humidityPermille?: number | null;
  /** It holds no longer than up to here, whatever the interval of the leg; null: it may hold that long. */
  readonly until?: number | null;
  /** No reading: a source stopped while others went on. */
  readonly derived?: true;
  /** Loggers of one unit are this far apart, further than both may be off. */
  readonly apartMilliCelsius?: number;
}

/** Two views of the same instant as one. */
export function mergeSamples(one: Sample, other: Sample): Sample {
  const humidity = [one.humidityPermille, other.humidityPermille].filter(
    (value) => value !== undefined && value !== null,
  );
  const ends = [one.until, other.until].filter((until) => until !== undefined && until !== null);
  return {
    at: one.at,
    low: Math.min(one.low, other.low),
    high: Math.max(one.high, other.high),
    humidityPermille: humidity.length === 0 ? null : Math.max(...humidity),
    until: ends.length === 0 ? null : Math.max(...ends),
  };
}

/** Samples ascending by time, one per instant; an input that is already so is returned as it is. */
export function ascendingSamples(samples: readonly Sample[]): readonly Sample[] {
  if (areAscending(samples)) return samples;
  const merged: Sample[] = [];
  for (const sample of [...samples].sort((one, other) => one.at - other.at)) {
    const previous = merged.at(-1);
    if (previous?.at === sample.at) merged[merged.length - 1] = mergeSamples(previous, sample);
    else merged.push(sample);
  }
  return merged;
}

function areAscending(samples: readonly Sample[]): boolean {
  let previous = -Infinity;
  for (const { at } of samples) {
    if (at <= previous) return false;
    previous = at;
  }
  return true;
}

/** Readings of one logger in any order, repeated or grouped in any way, as ascending samples. */
export function mergeReadings(readings: readonly Reading[]): readonly Sample[] {
  return ascendingSamples(
    readings.map(({ at, milliCelsius, humidityPermille }) => ({
      at,
      low: milliCelsius,
      high: milliCelsius,
      humidityPermille,
      until: null,
    })),
  );
}
