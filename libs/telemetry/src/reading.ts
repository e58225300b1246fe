/** One measured value of one logger. `at` is the logger's own time, ms since 1970 UTC. */
export interface Reading {
  readonly at: number;
  readonly milliCelsius: number;
  /** Relative humidity, per mille; null where it was not measured. */
  readonly humidityPermille: number | null;
}

/** A reading as a gateway sends it: with the logger's name and, where the logger counts, its counter. */
export interface FrameReading extends Reading {
  readonly logger: string;
  readonly counter: number | null;
}

/** Physical limits of what is believed: outside of them a sensor is broken, not cold or hot. */
export const PLAUSIBLE_MILLI_CELSIUS = { lowest: -200_000, highest: 200_000 } as const;
