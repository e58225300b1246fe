/**
 * Time at a tenth of a degree: `exactlyMs` at tenth/10 °C itself, `aboveMs` between it and the next tenth. Kept apart, so
 * that a limit on a tenth can be judged later with either comparator. Integers.
 */
export type Dwell = readonly [tenth: number, exactlyMs: number, aboveMs: number];

/** Where time was spent, ascending by tenth. `cold` differs from `warm` where values of one instant disagreed. */
export interface DwellHistogram {
  /** By the highest value of each instant: what hot limits look at. */
  readonly warm: readonly Dwell[];
  /** By the lowest one, for cold limits; null: the same as `warm`. */
  readonly cold: readonly Dwell[] | null;
}

/** Nothing spent anywhere. */
export const EMPTY_HISTOGRAM: DwellHistogram = { warm: [], cold: null };

/** The even number 2t for t tenths exactly, the odd one after it for what lies above. */
function halfStepOf(milliCelsius: number): number {
  const tenth = Math.floor(milliCelsius / 100);
  return milliCelsius === tenth * 100 ? 2 * tenth : 2 * tenth + 1;
}

/** One side of a histogram under change. The newest step is kept aside: temperatures mostly stay where they are. */
class Tally {
  private readonly steps = new Map<number, number>();
  private value = Number.NaN;
  private step = 0;
  private pendingMs = 0;

  add(milliCelsius: number, durationMs: number): void {
    if (milliCelsius !== this.value) {
      this.flush();
      this.value = milliCelsius;
      this.step = halfStepOf(milliCelsius);
    }
    this.pendingMs += durationMs;
  }

  load(dwells: readonly Dwell[]): this {
    for (const [tenth, exactlyMs, aboveMs] of dwells) {
      if (exactlyMs > 0) this.steps.set(2 * tenth, exactlyMs);
      if (aboveMs > 0) this.steps.set(2 * tenth + 1, aboveMs);
    }
    return this;
  }

  dwells(): Dwell[] {
    this.flush();
    const byTenth = new Map<number, [number, number, number]>();
    for (const [step, durationMs] of this.steps) {
      const tenth = Math.floor(step / 2);
      const dwell = byTenth.get(tenth) ?? [tenth, 0, 0];
      dwell[step === 2 * tenth ? 1 : 2] = durationMs;
      byTenth.set(tenth, dwell);
    }
    return [...byTenth.values()].sort(([one], [other]) => one - other);
  }

  private flush(): void {
    if (this.pendingMs > 0) this.steps.set(this.step, (this.steps.get(this.step) ?? 0) + this.pendingMs);
    this.pendingMs = 0;
  }
}

/** A histogram under change. */
export class DwellTally {
  private readonly warm: Tally;
  private cold: Tally | null;

  constructor(histogram: DwellHistogram) {
    this.warm = new Tally().load(histogram.warm);
    this.cold = histogram.cold === null ? null : new Tally().load(histogram.cold);
  }

  add(low: number, high: number, durationMs: number): void {
    if (low !== high) this.cold ??= new Tally().load(this.warm.dwells());
    this.warm.add(high, durationMs);
    this.cold?.add(low, durationMs);
  }

  histogram(): DwellHistogram {
    return { warm: this.warm.dwells(), cold: this.cold?.dwells() ?? null };
  }
}
