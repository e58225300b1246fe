/** Activation energy that USP <1160> takes where no product data exist, kJ/mol. */
export const DEFAULT_ACTIVATION_ENERGY = 83.144;

/** Gas constant as USP <1160> writes it, kJ/(mol·K). With the default energy the ratio is 10,000 K. */
const GAS_CONSTANT = 8.3144e-3;
const ZERO_CELSIUS = 273.15;

/** A time spent at a temperature. */
export interface TimeAtTemperature {
  readonly milliCelsius: number;
  readonly durationMs: number;
}

/** Rate of degradation at a temperature relative to that at 0 °C (Arrhenius), which keeps the sums near one. */
export function relativeRate(milliCelsius: number, activationEnergy: number = DEFAULT_ACTIVATION_ENERGY): number {
  const kelvin = milliCelsius / 1000 + ZERO_CELSIUS;
  return Math.exp((activationEnergy / GAS_CONSTANT) * (1 / ZERO_CELSIUS - 1 / kelvin));
}

/** The temperature (°C) at which degradation has a rate relative to that at 0 °C. */
export function temperatureOfRate(rate: number, activationEnergy: number = DEFAULT_ACTIVATION_ENERGY): number {
  return 1 / (1 / ZERO_CELSIUS - (Math.log(rate) * GAS_CONSTANT) / activationEnergy) - ZERO_CELSIUS;
}

/**
 * Mean kinetic temperature in °C, weighted by time: (ΔH/R) / −ln(Σ tᵢ·e^(−ΔH/(R·Tᵢ)) / Σ tᵢ), T in kelvin (USP <1160>).
 * Null where no time passed. It weighs warmth and must never excuse cold: a freezing rule stands beside it.
 */
export function meanKineticTemperature(
  dwells: Iterable<TimeAtTemperature>,
  activationEnergy: number = DEFAULT_ACTIVATION_ENERGY,
): number | null {
  let weight = 0;
  let rate = 0;
  for (const { milliCelsius, durationMs } of dwells) {
    weight += durationMs;
    rate += durationMs * relativeRate(milliCelsius, activationEnergy);
  }
  return weight === 0 ? null : temperatureOfRate(rate / weight, activationEnergy);
}

/**
 * A value as Berlinger loggers print averages: cut to a tenth towards zero, not rounded. Seen in the exports: over 42 days
 * of a FridgeTag 2 L and a UL, printed minus logged mean lies in (−0.1, 0] for positive and [0, 0.1) for negative days, and
 * the Q-tag prints 5.4 for a logged mean of 5.45.
 */
export function asPrintedByDevice(celsius: number): number {
  return Math.trunc(celsius * 10) / 10 + 0;
}
