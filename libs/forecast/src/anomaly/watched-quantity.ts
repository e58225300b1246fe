import type { Archive } from './archive.js';
import { DriftingMean } from './drifting-mean.js';
import { NORMAL_EXCESS, TailScore } from './tail-score.js';

/** Above this many decades a value is not taken for granted: it hardly changes what counts as usual. */
const UNUSUAL_DECADES = 3;
const SHARE_IN_TAIL = 0.03;
const SHARE_IN_BASELINE = 0.05;

/** How a quantity is watched. */
export interface Watch {
  /** Time constant of what is usual, ms. */
  readonly baselineMs: number;
  /** Smallest standard deviation believed, in the quantity's unit: a sensor's step is not a change. */
  readonly leastDeviation: number;
  /** Nothing is said before so many values. */
  readonly warmUp: number;
  /** What stays unusual for longer is the new usual, ms. */
  readonly adoptMs: number;
}

/**
 * A quantity and how unusual its distance from its usual value is, upwards and downwards. What is unusual is learned
 * slowly, so that a fault does not become the standard by which it is judged; what stays is adopted in the end.
 */
export class WatchedQuantity {
  private readonly baseline: DriftingMean;
  private readonly upwards = new TailScore(NORMAL_EXCESS);
  private readonly downwards = new TailScore(NORMAL_EXCESS);
  private values = 0;
  private unusualMs = 0;

  constructor(private readonly watch: Watch) {
    this.baseline = new DriftingMean(watch.baselineMs);
  }

  /** Mean of what is usual. */
  get usual(): number {
    return this.baseline.mean;
  }

  keep(archive: Archive): void {
    this.baseline.keep(archive);
    this.upwards.keep(archive);
    this.downwards.keep(archive);
    this.values = archive.number(this.values);
    this.unusualMs = archive.number(this.unusualMs);
  }

  /** Decades (−log10 of the probability) by which the value is unusual: positive above the usual, negative below. */
  step(value: number, stepMs: number): number {
    const { warmUp, leastDeviation, adoptMs } = this.watch;
    this.values++;
    let decades = 0;
    if (this.values > warmUp) {
      const off = value - this.baseline.mean;
      const deviations = Math.abs(off) / Math.sqrt(this.baseline.variance + leastDeviation * leastDeviation);
      const [side, other] = off >= 0 ? [this.upwards, this.downwards] : [this.downwards, this.upwards];
      decades = side.score(deviations);
      this.unusualMs = decades > UNUSUAL_DECADES ? this.unusualMs + stepMs : Math.max(0, this.unusualMs - 2 * stepMs);
      const share = this.distrusts(decades) ? SHARE_IN_TAIL : 1;
      side.learn(deviations, share);
      other.learn(0, share);
      if (off < 0) decades = -decades;
    } else {
      this.unusualMs = 0;
    }
    this.baseline.learn(
      value,
      stepMs,
      this.distrusts(Math.abs(decades)) && this.unusualMs <= adoptMs ? SHARE_IN_BASELINE : 1,
    );
    return decades;
  }

  private distrusts(decades: number): boolean {
    return decades > UNUSUAL_DECADES && this.unusualMs <= this.watch.adoptMs;
  }
}
