import type { Archive } from './archive.js';

/** How fast the coefficients forget: about 2,000 values. */
const FORGETTING = 0.9995;
const FIRST_VARIANCE = 10;

/**
 * One step ahead by a linear function of the last values, fitted by recursive least squares with forgetting (Haykin,
 * Adaptive Filter Theory, ch. 10). A step costs the square of the order.
 */
export class Autoregression {
  private readonly size: number;
  private readonly past: Float64Array;
  private readonly weights: Float64Array;
  private readonly covariance: Float64Array;
  private readonly gain: Float64Array;
  private seen = 0;

  constructor(private readonly order: number) {
    this.size = order + 1;
    this.past = new Float64Array(this.size);
    this.weights = new Float64Array(this.size);
    this.gain = new Float64Array(this.size);
    this.covariance = new Float64Array(this.size * this.size);
    // Begins as "the same as before".
    this.weights[1] = 1;
    this.past[0] = 1;
    for (let at = 0; at < this.size; at++) this.covariance[at * this.size + at] = FIRST_VARIANCE;
  }

  keep(archive: Archive): void {
    archive.numbers(this.past);
    archive.numbers(this.weights);
    archive.numbers(this.covariance);
    this.seen = archive.number(this.seen);
  }

  /** The error of the forecast of this value, which is then learned; 0 until there are enough values. */
  innovation(value: number): number {
    const { size, past, weights, covariance, gain } = this;
    let error = 0;
    if (this.seen >= this.order) {
      let forecast = 0;
      for (let row = 0; row < size; row++) forecast += (weights[row] ?? 0) * (past[row] ?? 0);
      error = value - forecast;
      let energy = FORGETTING;
      for (let row = 0; row < size; row++) {
        let sum = 0;
        for (let column = 0; column < size; column++)
          sum += (covariance[row * size + column] ?? 0) * (past[column] ?? 0);
        gain[row] = sum;
        energy += sum * (past[row] ?? 0);
      }
      for (let row = 0; row < size; row++) {
        const factor = (gain[row] ?? 0) / energy;
        weights[row] = (weights[row] ?? 0) + factor * error;
        for (let column = 0; column <= row; column++) {
          const left = ((covariance[row * size + column] ?? 0) - factor * (gain[column] ?? 0)) / FORGETTING;
          covariance[row * size + column] = left;
          covariance[column * size + row] = left;
        }
        // What is never excited must not grow without bound.
        if ((covariance[row * size + row] ?? 0) > 1e6) this.reset();
      }
    } else {
      this.seen++;
    }
    past.copyWithin(2, 1, size - 1);
    past[1] = value;
    return error;
  }

  private reset(): void {
    this.covariance.fill(0);
    for (let at = 0; at < this.size; at++) this.covariance[at * this.size + at] = FIRST_VARIANCE;
  }
}
