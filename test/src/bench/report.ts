import { loadavg } from 'node:os';
import { median } from './statistics.js';

/** One line of output (`npm run bench`). */
export interface Figure {
  readonly bench: string;
  readonly case: string;
  readonly value: number;
  readonly unit: string;
  /** What the same work costs without the subject, measured in the same run; null: nothing to compare with. */
  readonly baseline: number | null;
  readonly ratio: number | null;
  /** Load average of the machine over the last minute: above the number of processors others work beside it. */
  readonly load: number;
}

/** What one round measured. */
export interface Measured {
  readonly value: number;
  readonly baseline?: number;
}

/** Prints figures as JSON lines on standard output, and what is under way on standard error. */
export class Report {
  constructor(private readonly bench: string) {}

  /**
   * Medians over the rounds. The ratio is the median of the rounds' ratios, not the ratio of the medians: what disturbs
   * the machine disturbs both sides of a round.
   */
  figure(name: string, unit: string, rounds: readonly Measured[]): Figure {
    const pairs = rounds.filter((round): round is Required<Measured> => round.baseline !== undefined);
    const compared = pairs.length === rounds.length && rounds.length > 0;
    const figure: Figure = {
      bench: this.bench,
      case: name,
      value: rounded(median(rounds.map(({ value }) => value))),
      unit,
      baseline: compared ? rounded(median(pairs.map(({ baseline }) => baseline))) : null,
      ratio: compared ? rounded(median(pairs.map(({ value, baseline }) => value / baseline))) : null,
      load: rounded(loadavg()[0] ?? Number.NaN),
    };
    process.stdout.write(`${JSON.stringify(figure)}\n`);
    return figure;
  }

  note(text: string): void {
    process.stderr.write(`${this.bench}: ${text}\n`);
  }
}

/** Four significant digits: more is noise. */
const rounded = (value: number): number => Number(value.toPrecision(4));
