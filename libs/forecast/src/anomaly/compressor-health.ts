import type { Archive } from './archive.js';
import { DriftingMean } from './drifting-mean.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Below this share of the usual swing a change of direction is noise. */
const SMALLEST_TURN = 0.25;
const LEAST_TURN_CELSIUS = 0.15;
const USUAL_DAYS = 14;
const LEAST_DAYS = 3;
/** A duty beyond which nothing is left for a hot day or an open door. */
const EXHAUSTED = 0.95;

/** How hard a compressor works. Shares are of time. */
export interface CompressorHealth {
  /** Share of the last day in which the air was cooled. */
  readonly duty: number;
  /** Cycles of the last day. */
  readonly cyclesPerDay: number;
  /** Change of the duty per day over the last two weeks; null before three days. */
  readonly dutyTrendPerDay: number | null;
  /** Days until it runs all the time, if that goes on; null when it does not rise, or is not known yet. */
  readonly daysToExhaustion: number | null;
}

/**
 * Follows the cycles of a compressor in the temperature of the air: cooling is from an upper turning point to the next
 * lower one. A leak or a dirty condenser shows as a rising duty days before the temperature does. Constant memory.
 */
export class CompressorHealthMonitor {
  private readonly swing = new DriftingMean(DAY_MS);
  private readonly dayDuty = new DriftingMean(DAY_MS);
  private readonly dayTurns = new DriftingMean(DAY_MS);
  private readonly trend = new FadingLine(USUAL_DAYS);
  private last = Number.NaN;
  private extreme = Number.NaN;
  private cooling = false;
  private began = Number.NaN;
  private lastDay = Number.NaN;

  keep(archive: Archive): void {
    for (const part of [this.swing, this.dayDuty, this.dayTurns, this.trend]) part.keep(archive);
    this.last = archive.number(this.last);
    this.extreme = archive.number(this.extreme);
    this.cooling = archive.number(this.cooling ? 1 : 0) === 1;
    this.began = archive.number(this.began);
    this.lastDay = archive.number(this.lastDay);
  }

  /** @param celsius of the air */
  step(at: number, celsius: number): CompressorHealth {
    if (Number.isNaN(this.last)) {
      [this.last, this.extreme, this.began, this.lastDay] = [at, celsius, at, at];
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
    this.dayDuty.learn(this.cooling ? 1 : 0, stepMs);
    this.dayTurns.learn((turned * DAY_MS) / stepMs, stepMs);
    if (at - this.lastDay >= DAY_MS) {
      this.trend.learn((at - this.began) / DAY_MS, this.dayDuty.mean);
      this.lastDay = at;
    }
    return this.health(at);
  }

  private health(at: number): CompressorHealth {
    const days = (at - this.began) / DAY_MS;
    const slope = days >= LEAST_DAYS ? this.trend.slope() : null;
    const duty = this.dayDuty.mean;
    const rises = slope !== null && slope > 0.005;
    return {
      duty,
      cyclesPerDay: this.dayTurns.mean,
      dutyTrendPerDay: slope,
      daysToExhaustion: rises ? Math.max(0, (EXHAUSTED - duty) / slope) : null,
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
