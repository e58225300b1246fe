import type { ColdStore } from './cold-store.js';
import { type Fault, faultsAt } from './fault.js';
import { hashUnit } from './hash-unit.js';

/** Loggers show tenths of a degree. */
const RESOLUTION = 10;
const NOISE_CELSIUS = 0.05;
const DAY_MS = 86_400_000;

/** What a sensor in a simulated cold store says: noise, resolution, and its own faults. */
export class SimulatedSensor {
  constructor(
    private readonly store: ColdStore,
    private readonly seed: string,
    private readonly faults: readonly Fault[],
  ) {}

  /** Its reading at an instant, milli-degrees Celsius. */
  milliCelsiusAt(at: number): number {
    const [stuck] = faultsAt(this.faults, 'sensor-stuck', at);
    const asked = stuck?.from ?? at;
    const drift = faultsAt(this.faults, 'sensor-drift', asked).reduce(
      (sum, { from, value }) => sum + (value * (asked - from)) / DAY_MS,
      0,
    );
    const deviation = faultsAt(this.faults, 'sensor-noisy', asked).reduce(
      (sum, { value }) => sum + value,
      NOISE_CELSIUS,
    );
    const celsius = this.store.celsiusAt(asked) + drift + deviation * this.normal(asked);
    return Math.round(celsius * RESOLUTION) * (1000 / RESOLUTION);
  }

  /** Standard normal, by Box and Muller. */
  private normal(at: number): number {
    const [one, other] = ['one', 'other'].map((name) => hashUnit(`${this.seed}/${name}/${at}`));
    return Math.sqrt(-2 * Math.log(1 - (one ?? 0))) * Math.cos(2 * Math.PI * (other ?? 0));
  }
}
