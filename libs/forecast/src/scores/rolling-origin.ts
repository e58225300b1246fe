import { ForecastError } from '../forecast-error.js';

/** One origin: what a method may see, and what came after it. */
export interface Origin {
  /** Number of periods that were known. */
  readonly known: number;
  /** A copy of the history up to the origin: nothing behind it leads to what came later. */
  readonly history: Float64Array;
  /** The `horizon` values after the origin. */
  readonly actual: Float64Array;
}

/** Which origins: the last `origins` ones, each `step` periods apart, whose targets all lie inside the series. */
export interface RollingOptions {
  readonly horizon: number;
  readonly origins: number;
  readonly step?: number;
}

/**
 * Origins in time order. A method gets `history` alone: its own memory, exactly as long as what was known, so that it
 * can neither read ahead nor change what a later origin sees. @throws ForecastError `horizon-invalid` when the series is too short
 */
export function* rollingOrigins(values: ArrayLike<number>, options: RollingOptions): Generator<Origin, void> {
  const { horizon, origins, step = 1 } = options;
  const first = values.length - horizon - (origins - 1) * step;
  const whole = [horizon, origins, step].every((count) => Number.isInteger(count) && count > 0);
  if (!whole || first < 1) {
    throw new ForecastError(
      'horizon-invalid',
      `${values.length} periods do not hold ${origins} origins with ${horizon} periods after each`,
      { periods: values.length, horizon, origins, step },
    );
  }
  for (let known = first; known + horizon <= values.length; known += step) {
    yield {
      known,
      history: Float64Array.from({ length: known }, (_, t) => values[t] as number),
      actual: Float64Array.from({ length: horizon }, (_, h) => values[known + h] as number),
    };
  }
}
