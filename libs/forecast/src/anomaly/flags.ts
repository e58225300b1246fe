import { ANOMALY_CAUSES, type AnomalyCause } from './anomaly.js';
import type { Archive } from './archive.js';

/** Whoever was told a moment ago need not be told that it grows. */
const ESCALATES_AFTER_MS = 3_600_000;

/** Decides which unusual readings ring: once per cause, and not again before the refractory time is over. */
export class Flags {
  private readonly lastAt = new Float64Array(ANOMALY_CAUSES.length).fill(Number.NEGATIVE_INFINITY);
  private readonly peak = new Float64Array(ANOMALY_CAUSES.length);

  /** @param escalation a flag rings within its refractory time when it is so many times worse than when it last rang */
  constructor(
    private readonly refractoryMs: number,
    private readonly escalation: number,
  ) {}

  keep(archive: Archive): void {
    archive.numbers(this.lastAt);
    archive.numbers(this.peak);
  }

  /** Whether a cause rang so shortly before. */
  rangWithin(cause: AnomalyCause, durationMs: number, at: number): boolean {
    return at - (this.lastAt[ANOMALY_CAUSES.indexOf(cause)] ?? 0) <= durationMs;
  }

  /** @param strength 1: just as unusual as what is flagged */
  rings(cause: AnomalyCause, strength: number, at: number): boolean {
    if (strength < 1) return false;
    const index = ANOMALY_CAUSES.indexOf(cause);
    const quietMs = at - (this.lastAt[index] ?? 0);
    const worse = quietMs >= ESCALATES_AFTER_MS && strength >= (this.peak[index] ?? 0) * this.escalation;
    if (quietMs < this.refractoryMs && !worse) return false;
    this.lastAt[index] = at;
    this.peak[index] = strength;
    return true;
  }
}

/**
 * Lowers a strength that repeats what was told: after a peak only what is clearly above it counts in full, for as many
 * readings as the memory has. A curve that is looked at then has one peak per event, whatever threshold is laid on it.
 */
export class Echo {
  private peak = 0;
  private age = 0;

  constructor(
    private readonly memory: number,
    private readonly margin: number,
  ) {}

  keep(archive: Archive): void {
    this.peak = archive.number(this.peak);
    this.age = archive.number(this.age);
  }

  damp(strength: number): number {
    this.age++;
    if (this.age > this.memory) this.peak = 0;
    if (strength >= this.peak + this.margin) {
      this.peak = strength;
      this.age = 0;
      return strength;
    }
    return scoreOf(strength) * ECHO;
  }
}

/** What repeats an event stays below every threshold that somebody would lay on the curve. */
const ECHO = 0.1;

/** A strength as a score: 0 for nothing, 0.5 for what is just flagged, towards 1. */
export const scoreOf = (strength: number): number => strength / (1 + strength);
