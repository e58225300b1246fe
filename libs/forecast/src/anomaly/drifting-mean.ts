import type { Archive } from './archive.js';

/**
 * Mean and variance of the recent past: each value counts exp(−age / time constant). From the first value on it is the
 * weighted mean of what there was, so that nothing has to settle.
 */
export class DriftingMean {
  private weight = 0;
  private average = 0;
  private spread = 0;
  private lastStep = Number.NaN;
  private decay = 0;

  /** @param timeConstantMs age at which a value counts 1/e */
  constructor(private readonly timeConstantMs: number) {}

  /** How many values count, by what they count. */
  get seen(): number {
    return this.weight;
  }
  get mean(): number {
    return this.average;
  }
  get variance(): number {
    return this.spread;
  }

  keep(archive: Archive): void {
    this.weight = archive.number(this.weight);
    this.average = archive.number(this.average);
    this.spread = archive.number(this.spread);
    this.lastStep = archive.number(this.lastStep);
    this.decay = archive.number(this.decay);
  }

  /** @param stepMs time since the value before */
  learn(value: number, stepMs: number, share = 1): void {
    if (stepMs !== this.lastStep) {
      this.decay = Math.exp(-stepMs / this.timeConstantMs);
      this.lastStep = stepMs;
    }
    this.weight = this.weight * this.decay + share;
    const gain = share / this.weight;
    const off = value - this.average;
    this.average += gain * off;
    this.spread = (1 - gain) * (this.spread + gain * off * off);
  }
}
