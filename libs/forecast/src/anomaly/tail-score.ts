import type { Archive } from './archive.js';

/** Eight bins an octave, so that a rank is known to a tenth of the value; 64 octaves around the first value. */
const BINS_PER_OCTAVE = 8;
const BINS = 512;
const MIDDLE = BINS / 2;
/** Above this share of the past the tail is taken as exponential; with a short past above its ten largest values. */
const TAIL_SHARE = 0.02;
const LEAST_IN_TAIL = 10;
/** Beyond these decades a number says no more, and infinite ones could not be compared. */
const MOST_DECADES = 1e9;
/** The mean excess of a normal distribution over its 98 % quantile, in parts of that quantile. */
export const NORMAL_EXCESS = 0.18;

/**
 * How unusual a non-negative value is among those before it, as −log10 of the probability of one at least as large: the
 * rank in a histogram of logarithmic bins, and an exponential tail above its highest 2 %. Constant memory; a step costs
 * the logarithm of the number of bins.
 */
export class TailScore {
  private readonly counts = new Float64Array(BINS + 1);
  private readonly sums = new Float64Array(BINS + 1);
  private total = 0;
  private origin = Number.NaN;

  /**
   * @param leastExcess how light the tail may be at most: its mean excess in parts of where it begins. With
   * {@link NORMAL_EXCESS} a narrow past alone makes nothing unusual.
   */
  constructor(private readonly leastExcess = 0.01) {}

  /** Values seen, by what they count. */
  get seen(): number {
    return this.total;
  }

  keep(archive: Archive): void {
    archive.numbers(this.counts);
    archive.numbers(this.sums);
    this.total = archive.number(this.total);
    this.origin = archive.number(this.origin);
  }

  /** −log10 p of a value among the past, finite; 0 with no past. */
  score(value: number): number {
    const seen = this.seen;
    if (seen < 1) return 0;
    const share = Math.max(TAIL_SHARE, Math.min(0.5, LEAST_IN_TAIL / seen));
    const first = this.tailBin(share * this.total);
    const bin = this.binOf(value);
    if (bin < first) return -Math.log10(this.share(bin));
    const above = this.above(first);
    const inTail = above.count / this.total;
    const from = this.lowerEdge(first);
    if (above.count <= 0) return Math.log10(seen + 1);
    const meanExcess = Math.max(above.sum / above.count - from, from * this.leastExcess, Number.MIN_VALUE);
    const beyond = Math.max(0, value - from) / meanExcess / Math.LN10;
    return Math.min(beyond - Math.log10(Math.max(inTail, 1 / (seen + 1))), MOST_DECADES);
  }

  /** Puts a value into the past. */
  learn(value: number, share = 1): void {
    if (Number.isNaN(this.origin)) {
      if (value <= 0) return;
      this.origin = Math.log2(value);
    }
    this.total += share;
    for (let at = this.binOf(value) + 1; at <= BINS; at += at & -at) {
      this.counts[at] = (this.counts[at] ?? 0) + share;
      this.sums[at] = (this.sums[at] ?? 0) + share * value;
    }
  }

  private binOf(value: number): number {
    if (!(value > 0) || Number.isNaN(this.origin)) return 0;
    const bin = Math.floor((Math.log2(value) - this.origin) * BINS_PER_OCTAVE) + MIDDLE;
    return bin < 0 ? 0 : bin >= BINS ? BINS - 1 : bin;
  }

  private lowerEdge(bin: number): number {
    return bin === 0 ? 0 : 2 ** ((bin - MIDDLE) / BINS_PER_OCTAVE + this.origin);
  }

  /** Weight in the bins below. */
  private below(bin: number, of: Float64Array): number {
    let sum = 0;
    for (let at = bin; at > 0; at -= at & -at) sum += of[at] ?? 0;
    return sum;
  }

  private above(bin: number): { readonly count: number; readonly sum: number } {
    return {
      count: this.total - this.below(bin, this.counts),
      sum: this.below(BINS, this.sums) - this.below(bin, this.sums),
    };
  }

  /** The share of the past that is at least as large as what lies in a bin: half of that bin counts. */
  private share(bin: number): number {
    const larger = this.total - (this.below(bin, this.counts) + this.below(bin + 1, this.counts)) / 2;
    return Math.min(1, Math.max(larger / this.total, 1 / (this.seen + 1)));
  }

  /** The lowest bin above which, itself included, at most this weight lies. */
  private tailBin(weight: number): number {
    let [bin, left] = [0, this.total - weight];
    for (let step = BINS / 2; step >= 1; step /= 2) {
      const count = this.counts[bin + step] ?? 0;
      if (bin + step <= BINS && count < left) {
        bin += step;
        left -= count;
      }
    }
    return Math.min(BINS - 1, bin + 1);
  }
}
