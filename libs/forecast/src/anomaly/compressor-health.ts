import type { Archive } from './archive.js';
import { DriftingMean } from './drifting-mean.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Below this share of the usual swing a change of direction is noise. */
const SMALLEST_TURN = 0.25;
const LEAST_TURN_CELSIUS = 0.15;
/** What the duty is compared with. */
const USUAL_DAYS = 14;
/** A trend is that of the last days: a leak shows within two or three of them. */
const TREND_DAYS = 2;
const LEAST_DAYS = 3;
/** Before a week nothing is usual. */
const USUAL_AFTER_DAYS = 7;
/**
 * Above the usual by so many standard deviations of its past distances from it, and by so much at least: a warm day of the
 * room adds a few per cent. Chosen on simulated fridges of the seeds `ctune1` and `ctune2`.
 */
const FAR = 3;
const LEAST_RISE = 0.1;
const LEAST_DEVIATION = 0.01;
const HOURS = 24;
/** Hours after which distances from the usual are learned, and after which they are learned no faster than `FAR`. */
const [DISTANCE_AFTER, BOUNDED_AFTER] = [24, 72];
/** A duty beyond which nothing is left for a hot day or an open door. */
const EXHAUSTED = 0.95;

/** How hard a compressor works. Shares are of time. */
export interface CompressorHealth {
  /** Share of the last day in which the air was cooled, hour by hour. */
  readonly duty: number;
  /** Cycles of the last day. */
  readonly cyclesPerDay: number;
  /** Change of the duty per day over the last days; null before three of them. */
  readonly dutyTrendPerDay: number | null;
  /** Days until it runs all the time, if that goes on; null when it does not rise, or is not known yet. */
  readonly daysToExhaustion: number | null;
  /** It runs clearly longer than it did in the two weeks before. */
  readonly aboveUsual: boolean;
}

/**
 * Follows the cycles of a compressor in the temperature of the air: cooling is from an upper turning point to the next
 * lower one. A leak or a dirty condenser shows as a rising duty days before the temperature does. A day is compared as a
 * whole, because doors and the room have a daily course. Constant memory.
 */
export class CompressorHealthMonitor {
  private readonly swing = new DriftingMean(DAY_MS);
  private readonly dayTurns = new DriftingMean(DAY_MS);
  /** Shares of the last hours; a ring. */
  private readonly hours = new Float64Array(HOURS);
  private readonly usual = new DriftingMean(USUAL_DAYS * DAY_MS);
  private readonly squaredDistance = new DriftingMean(USUAL_DAYS * DAY_MS);
  private readonly trend = new FadingLine(TREND_DAYS);
  private last = Number.NaN;
  private extreme = Number.NaN;
  private cooling = false;
  private began = Number.NaN;
  /** Hours that are over, and when the one that runs began. */
  private hoursSeen = 0;
  private hourBegan = Number.NaN;
  private cooledMs = 0;
  private seenMs = 0;
  private duty = 0;
  private aboveUsual = false;

  keep(archive: Archive): void {
    for (const part of [this.swing, this.dayTurns, this.usual, this.squaredDistance, this.trend]) part.keep(archive);
    archive.numbers(this.hours);
    this.last = archive.number(this.last);
    this.extreme = archive.number(this.extreme);
    this.cooling = archive.number(this.cooling ? 1 : 0) === 1;
    this.began = archive.number(this.began);
    this.hoursSeen = archive.number(this.hoursSeen);
    this.hourBegan = archive.number(this.hourBegan);
    this.cooledMs = archive.number(this.cooledMs);
    this.seenMs = archive.number(this.seenMs);
    this.duty = archive.number(this.duty);
    this.aboveUsual = archive.number(this.aboveUsual ? 1 : 0) === 1;
  }

  /** @param celsius of the air */
  step(at: number, celsius: number): CompressorHealth {
    if (Number.isNaN(this.last)) {
      [this.last, this.extreme, this.began, this.hourBegan] = [at, celsius, at, at];
      this.swing.learn(celsius, 0);
      return this.health(at);
    }
    const stepMs = Math.max(1, at - this.last);
    this.last = Math.max(this.last, at);
    this.swing.learn(celsius, stepMs);
    const turn = Math.max(LEAST_TURN_CELSIUS, SMALLEST_TURN * 2 * Math.sqrt(this.swing.variance));
    let turned = 0;
    if (this.cooling ? celsius > this.extreme + turn : celsius < this.extreme - turn) {
      this.cooling = !this.cooling;
      this.extreme = celsius;
      turned = this.cooling ? 1 : 0;
    } else {
      this.extreme = this.cooling ? Math.min(this.extreme, celsius) : Math.max(this.extreme, celsius);
    }
    this.dayTurns.learn((turned * DAY_MS) / stepMs, stepMs);
    this.cooledMs += this.cooling ? stepMs : 0;
    this.seenMs += stepMs;
    if (at - this.hourBegan >= HOUR_MS) this.endHour(at);
    return this.health(at);
  }

  private endHour(at: number): void {
    this.hours[this.hoursSeen % HOURS] = this.cooledMs / this.seenMs;
    this.hoursSeen++;
    [this.hourBegan, this.cooledMs, this.seenMs] = [at, 0, 0];
    const known = Math.min(this.hoursSeen, HOURS);
    this.duty = this.hours.reduce((sum, share) => sum + share, 0) / known;
    if (known === HOURS) this.compare(at);
  }

  private compare(at: number): void {
    const days = (at - this.began) / DAY_MS;
    this.trend.learn(days, this.duty);
    const first = this.usual.seen === 0;
    const distance = first ? 0 : this.duty - this.usual.mean;
    const far = FAR * Math.sqrt(this.squaredDistance.mean + LEAST_DEVIATION * LEAST_DEVIATION);
    this.aboveUsual = days >= USUAL_AFTER_DAYS && distance > Math.max(LEAST_RISE, far);
    // What is far off moves what is usual slowly: a failing compressor must not become its own standard.
    const compared = this.hoursSeen - HOURS;
    const bounded = compared > BOUNDED_AFTER ? Math.min(far, Math.max(-far, distance)) : distance;
    if (compared > DISTANCE_AFTER) this.squaredDistance.learn(bounded * bounded, HOUR_MS);
    this.usual.learn(first ? this.duty : this.usual.mean + bounded, HOUR_MS);
  }

  private health(at: number): CompressorHealth {
    const days = (at - this.began) / DAY_MS;
    const slope = days >= LEAST_DAYS ? this.trend.slope() : null;
    const rises = slope !== null && slope > 0.005;
    return {
      duty: this.hoursSeen === 0 ? Number(this.cooling) : this.duty,
      cyclesPerDay: this.dayTurns.mean,
      dutyTrendPerDay: slope,
      daysToExhaustion: rises ? Math.max(0, (EXHAUSTED - this.duty) / slope) : null,
      aboveUsual: this.aboveUsual,
    };
  }
}

/** A line through points that fade with their age, by least squares. */
class FadingLine {
  private weight = 0;
  private x = 0;
  private y = 0;
  private xx = 0;
  private xy = 0;
  private lastX = Number.NaN;

  constructor(private readonly memory: number) {}

  keep(archive: Archive): void {
    this.weight = archive.number(this.weight);
    this.x = archive.number(this.x);
    this.y = archive.number(this.y);
    this.xx = archive.number(this.xx);
    this.xy = archive.number(this.xy);
    this.lastX = archive.number(this.lastX);
  }

  learn(x: number, y: number): void {
    const fade = Number.isNaN(this.lastX) ? 1 : Math.exp(-(x - this.lastX) / this.memory);
    this.lastX = x;
    this.weight = this.weight * fade + 1;
    this.x = this.x * fade + x;
    this.y = this.y * fade + y;
    this.xx = this.xx * fade + x * x;
    this.xy = this.xy * fade + x * y;
  }

  slope(): number | null {
    const spread = this.xx - (this.x * this.x) / this.weight;
    return spread > 1e-9 ? (this.xy - (this.x * this.y) / this.weight) / spread : null;
  }
}
