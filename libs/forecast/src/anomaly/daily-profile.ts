import type { Archive } from './archive.js';

const DAY_MS = 86_400_000;

/** The usual value by time of day: one drifting mean per part of the day. */
export class DailyProfile {
  private readonly means: Float64Array;
  private readonly days: Float64Array;
  private readonly lastDay: Int32Array;

  /**
   * @param parts of a day, each with a value of its own
   * @param memoryDays days that a value is the mean of, once there are so many
   */
  constructor(
    private readonly parts: number,
    private readonly memoryDays: number,
  ) {
    this.means = new Float64Array(parts);
    this.days = new Float64Array(parts);
    this.lastDay = new Int32Array(parts).fill(-1);
  }

  keep(archive: Archive): void {
    archive.numbers(this.means);
    archive.numbers(this.days);
    archive.numbers(this.lastDay);
  }

  /** The usual value at a time of day; null where there was none yet. */
  usual(at: number): number | null {
    const part = this.partOf(at);
    return (this.days[part] ?? 0) > 0 ? (this.means[part] ?? 0) : null;
  }

  learn(at: number, value: number): void {
    const part = this.partOf(at);
    const day = Math.floor(at / DAY_MS);
    if (this.lastDay[part] !== day) {
      this.lastDay[part] = day;
      this.days[part] = Math.min(this.memoryDays, (this.days[part] ?? 0) + 1);
    }
    const gain = 1 / Math.max(1, this.days[part] ?? 1);
    this.means[part] = (this.means[part] ?? 0) + gain * (value - (this.means[part] ?? 0));
  }

  private partOf(at: number): number {
    const time = ((at % DAY_MS) + DAY_MS) % DAY_MS;
    return Math.floor((time / DAY_MS) * this.parts);
  }
}
