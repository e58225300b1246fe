import type { Archive } from './archive.js';
import { Autoregression } from './autoregression.js';
import { DailyProfile } from './daily-profile.js';
import { DriftingMean } from './drifting-mean.js';
import { TailScore } from './tail-score.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const PARTS_OF_DAY = 96;
const PROFILE_DAYS = 7;
const ORDER = 6;
/** An exponential mean of half the length has the age of a plain one: 6 hours against 14 days. */
const SHORT_MS = 3 * HOUR_MS;
const LONG_MS = 7 * DAY_MS;
const LEAST_VALUES = 12;

/**
 * What of a value could not be expected, in three ways, each as decades (−log10 of the probability) of its own past: its
 * distance from the usual value of the time of day, the error of an autoregressive forecast, and the distance of the mean
 * of hours from that of weeks.
 */
export class SeriesSurprise {
  private readonly usualOfDay = new DailyProfile(PARTS_OF_DAY, PROFILE_DAYS);
  private readonly profileTail = new TailScore();
  private readonly autoregression = new Autoregression(ORDER);
  private readonly scale = new DriftingMean(2 * LONG_MS);
  private readonly innovationTail = new TailScore();
  private readonly short = new DriftingMean(SHORT_MS);
  private readonly long = new DriftingMean(LONG_MS);
  private readonly apart = new DriftingMean(LONG_MS);
  private readonly levelTail = new TailScore();

  profile = 0;
  innovation = 0;
  level = 0;

  keep(archive: Archive): void {
    const { usualOfDay, profileTail, autoregression, scale, innovationTail, short, long, apart, levelTail } = this;
    const parts = [usualOfDay, profileTail, autoregression, scale, innovationTail, short, long, apart, levelTail];
    for (const part of parts) part.keep(archive);
    this.profile = archive.number(this.profile);
    this.innovation = archive.number(this.innovation);
    this.level = archive.number(this.level);
  }

  step(at: number, value: number, stepMs: number): void {
    const usual = this.usualOfDay.usual(at);
    this.usualOfDay.learn(at, value);
    this.profile = usual === null ? 0 : learned(this.profileTail, Math.abs(value - usual));

    this.scale.learn(value, stepMs);
    const deviation = Math.sqrt(this.scale.variance);
    const error = this.autoregression.innovation(deviation > 0 ? (value - this.scale.mean) / deviation : 0);
    this.innovation = learned(this.innovationTail, Math.abs(error));

    this.short.learn(value, stepMs);
    const apart = this.short.mean - this.long.mean;
    const spread = Math.sqrt(this.apart.variance + this.apart.mean * this.apart.mean);
    this.level = this.long.seen < LEAST_VALUES || spread === 0 ? 0 : learned(this.levelTail, Math.abs(apart) / spread);
    this.long.learn(value, stepMs);
    this.apart.learn(apart, stepMs);
  }
}

/** Scores a value by the past, then puts it there. */
function learned(tail: TailScore, value: number): number {
  const decades = tail.score(value);
  tail.learn(value);
  return decades;
}
