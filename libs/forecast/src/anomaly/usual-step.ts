import type { Archive } from './archive.js';

/** The usual time between readings, as a median that is followed step by step; it tells a gap from a slow logger. */
export class UsualStep {
  private usual = 0;
  private seen = 0;

  keep(archive: Archive): void {
    this.usual = archive.number(this.usual);
    this.seen = archive.number(this.seen);
  }

  /** How many usual steps the last one took; 1 while nothing is known. */
  step(stepMs: number): number {
    this.seen++;
    if (this.usual === 0) this.usual = stepMs;
    const times = this.seen > 8 ? stepMs / this.usual : 1;
    // Frugal median (Ma, Muthukrishnan, Sandler 2013) by hundredths of itself.
    if (this.seen <= 8) this.usual = Math.min(this.usual, stepMs);
    else if (stepMs > this.usual) this.usual *= 1.01;
    else if (stepMs < this.usual) this.usual /= 1.01;
    return times;
  }
}
