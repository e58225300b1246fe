import type { Archive } from './archive.js';
import { DriftingMean } from './drifting-mean.js';

const WINDOW_MS = 12 * 3_600_000;
/** Square of a bend that sensors with steps of 0.1 make of a straight course, and a little more. */
const LEAST_BEND = 0.03;
/** A course is not followed over a gap of so many steps. */
const LONGEST_STEP = 2;

/**
 * How much of a course no straight line through the two values before explains: the mean logarithm of the squared error
 * over half a day. A compressor bends its course at a few corners, a noisy sensor at every reading; in a mean of logarithms
 * a few corners count little, however sharp.
 */
export class Roughness {
  private readonly bends = new DriftingMean(WINDOW_MS);
  private before = Number.NaN;
  private slope = Number.NaN;
  private stepMs = 0;

  keep(archive: Archive): void {
    this.bends.keep(archive);
    this.before = archive.number(this.before);
    this.slope = archive.number(this.slope);
    this.stepMs = archive.number(this.stepMs);
  }

  /** @returns the mean; null until there are three values in a row */
  step(value: number, stepMs: number): number | null {
    const bend = value - this.before - this.slope * stepMs;
    const follows = Math.abs(bend) < Number.POSITIVE_INFINITY && stepMs < LONGEST_STEP * this.stepMs;
    if (follows) this.bends.learn(Math.log(bend * bend + LEAST_BEND), stepMs);
    this.slope = (value - this.before) / stepMs;
    this.before = value;
    this.stepMs = stepMs;
    return this.bends.seen === 0 ? null : this.bends.mean;
  }
}
