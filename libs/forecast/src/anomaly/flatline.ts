import type { Archive } from './archive.js';
import { TailScore } from './tail-score.js';

/** A sensor that is stuck repeats one value: how long it has done so, among all the times it did before. */
export class Flatline {
  private readonly runs = new TailScore();
  private previous = Number.NaN;
  private repeats = 0;

  keep(archive: Archive): void {
    this.runs.keep(archive);
    this.previous = archive.number(this.previous);
    this.repeats = archive.number(this.repeats);
  }

  /** Decades by which the present run of equal values is longer than is usual here; 0 while the value moves. */
  step(value: number): number {
    if (value === this.previous) {
      this.repeats++;
    } else {
      this.runs.learn(this.repeats + 1);
      this.previous = value;
      this.repeats = 0;
    }
    // Half of all runs are of one value: without twenty runs nothing is known.
    return this.runs.seen < 20 || this.repeats < 3 ? 0 : this.runs.score(this.repeats + 1);
  }
}
