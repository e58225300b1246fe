import { type AnomalyCause, AnomalyDetector, type AnomalyReading, type AnomalyRow } from './anomaly.js';
import type { Archive } from './archive.js';
import { DoorSign } from './door-sign.js';
import { DriftingMean } from './drifting-mean.js';
import { Echo, Flags, scoreOf } from './flags.js';
import { Flatline } from './flatline.js';
import { stateOf } from './kept-state.js';
import { Roughness } from './roughness.js';
import { SeriesSurprise } from './series-surprise.js';
import { UsualStep } from './usual-step.js';
import { WatchedQuantity } from './watched-quantity.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const FIRST_STEP_MS = 5 * MINUTE_MS;
/** A vial follows the air with about this lag. */
export const PRODUCT_LAG_MS = 45 * MINUTE_MS;
/** Doors are opened for two minutes, and left open for half an hour. */
const ROOM_AIR_MS = 20 * MINUTE_MS;
const WARM_UP = 288;
/** Twelfth of the square of a step of 0.1: what rounding alone makes of a variance. */
const ROUNDING_VARIANCE = 0.01 / 12;
const REFRACTORY_MS = DAY_MS;
const ESCALATION = 2;
/** Rows for which the curve shows an event once, and by how much more it must become to show again. */
const ECHO_ROWS = 300;
const ECHO_MARGIN = 0.15;
/** Usual steps that a gap has at least. */
const GAP_STEPS = 3.5;
/** The level counts most: a store is kept at one temperature. */
const WEIGHTS = { profile: 1, innovation: 0.5, level: 1.5 } as const;
/** What is below its limit shows in the curve, but never as much as what the sum of surprises shows. */
const BELOW_LIMIT = 0.3;

const WATCH = { baselineMs: 7 * DAY_MS, leastDeviation: 0.01, warmUp: WARM_UP, adoptMs: 3 * DAY_MS } as const;
/** Percentage points: hygrometers are good to one or two. */
const WATCH_OF_HUMIDITY = { ...WATCH, leastDeviation: 1 } as const;
const WATCH_OF_LOGARITHM = { ...WATCH, leastDeviation: 0.03 } as const;

const NONE: readonly AnomalyCause[] = [];

/** Decades from which each quantity is flagged. */
export interface ColdChainLimits {
  /** Temperature that lags behind the air by {@link PRODUCT_LAG_MS}. */
  readonly product: number;
  /** Mean of hours, and of a day. */
  readonly hours: number;
  readonly day: number;
  /** Variance within an hour, upwards and downwards. */
  readonly swing: number;
  readonly still: number;
  /** What no straight course explains. */
  readonly noise: number;
  /** Time of day, forecast error and level, weighted and added. */
  readonly surprise: number;
  /** Repetition of one value. */
  readonly flatline: number;
  /** Relative humidity of a third of an hour, upwards. */
  readonly roomAir: number;
}

/** Set on simulated fridges (seeds `kt1` to `kt3`), so that all together ring less than once in 28 days without a fault. */
export const COLD_CHAIN: ColdChainLimits = {
  product: 7.5,
  hours: 7.3,
  day: 7.5,
  swing: 9,
  still: 8.5,
  noise: 4.6,
  surprise: 14,
  flatline: 4.2,
  roomAir: 6,
};

/** How many numbers at the end of a state tell of room air. */
export const numbersOfRoomAir = (): number =>
  stateOf(new DriftingMean(ROOM_AIR_MS)).length + stateOf(new WatchedQuantity(WATCH_OF_HUMIDITY)).length;

/**
 * For temperatures of stores and transports. Watched are: the temperature of a product that lags behind the air, the mean
 * of hours and of a day, how much the air swings within an hour, how rough its course is, the time of day, jumps,
 * repeated values and missing ones; each by what is usual in this place, whatever range it is kept in.
 */
export class ColdChainDetector extends AnomalyDetector {
  private readonly product = new DriftingMean(PRODUCT_LAG_MS);
  private readonly productWatch = new WatchedQuantity(WATCH);
  private readonly hours = new DriftingMean(3 * HOUR_MS);
  private readonly hoursWatch = new WatchedQuantity(WATCH);
  private readonly day = new DriftingMean(DAY_MS);
  private readonly dayWatch = new WatchedQuantity({ ...WATCH, baselineMs: 14 * DAY_MS });
  private readonly hour = new DriftingMean(HOUR_MS);
  private readonly swingWatch = new WatchedQuantity(WATCH_OF_LOGARITHM);
  private readonly roughness = new Roughness();
  private readonly noiseWatch = new WatchedQuantity(WATCH_OF_LOGARITHM);
  private readonly surprise = new SeriesSurprise();
  private readonly flatline = new Flatline();
  private readonly steps = new UsualStep();
  private readonly door = new DoorSign();
  private readonly roomAir = new DriftingMean(ROOM_AIR_MS);
  private readonly roomAirWatch = new WatchedQuantity(WATCH_OF_HUMIDITY);
  private readonly flags = new Flags(REFRACTORY_MS, ESCALATION);
  private readonly echo = new Echo(ECHO_ROWS, ECHO_MARGIN);

  constructor(private readonly limits: ColdChainLimits = COLD_CHAIN) {
    super();
  }

  protected override keepParts(archive: Archive): void {
    const { product, hours, day, hour, roughness, surprise, flatline, steps, door, roomAir, flags, echo } = this;
    const watches = [this.productWatch, this.hoursWatch, this.dayWatch, this.swingWatch, this.noiseWatch];
    const of = [product, hours, day, hour, roughness, ...watches, surprise, flatline, steps, door, flags, echo];
    // Room air came last: what was kept before it is the begin of what is kept now.
    for (const part of [...of, roomAir, this.roomAirWatch]) part.keep(archive);
  }

  protected override judge({ at, value, humidityPercent }: AnomalyReading, step: number | null): AnomalyRow {
    const stepMs = step ?? FIRST_STEP_MS;
    const { limits } = this;
    if (humidityPercent !== null) this.door.step(humidityPercent, stepMs);
    const open = humidityPercent === null ? 0 : this.roomAirCameIn(humidityPercent, stepMs);
    const moved = this.moved(value, stepMs);
    this.hour.learn(value, stepMs);
    const swing = this.swingWatch.step(Math.log(this.hour.variance + ROUNDING_VARIANCE), stepMs);
    const surprise = this.surprised(at, value, stepMs);
    const rough = this.roughness.step(value, stepMs);
    const noise = rough === null ? 0 : this.noiseWatch.step(rough, stepMs);
    const still = Math.max(-swing / limits.still, this.flatline.step(value) / limits.flatline);
    const gap = step === null ? 0 : this.steps.step(stepMs) / GAP_STEPS;

    this.strongest = 0;
    this.rang = NONE;
    this.offer('door', open, at);
    this.offer(moved < 0 ? 'cold' : this.causeOfWarmth(at), Math.abs(moved), at);
    this.offer('unsteady', Math.max(swing / limits.swing, noise / limits.noise), at);
    this.offer('flatline', still, at);
    this.offer('pattern', surprise, at);
    this.offer('gap', gap, at);
    const { strongest, worst, rang } = this;
    const shown = Math.max(surprise, strongest >= 1 ? strongest : strongest * BELOW_LIMIT);
    const score = scoreOf(this.echo.damp(shown));
    return { score, alert: rang.length > 0, begins: rang, cause: strongest >= 1 ? worst : null };
  }

  private strongest = 0;
  private worst: AnomalyCause = 'pattern';
  private rang: readonly AnomalyCause[] = NONE;

  private offer(cause: AnomalyCause, strength: number, at: number): void {
    if (strength > this.strongest) [this.worst, this.strongest] = [cause, strength];
    if (!this.flags.rings(cause, strength, at)) return;
    this.rang = this.worst === cause ? [cause, ...this.rang] : [...this.rang, cause];
  }

  /** How far product, hours or day are from what is usual, in parts of what is flagged; negative: too cold. */
  private moved(value: number, stepMs: number): number {
    const { limits } = this;
    this.product.learn(value, stepMs);
    this.hours.learn(value, stepMs);
    this.day.learn(value, stepMs);
    const product = this.productWatch.step(this.product.mean, stepMs) / limits.product;
    const hours = this.hoursWatch.step(this.hours.mean, stepMs) / limits.hours;
    const day = this.dayWatch.step(this.day.mean, stepMs) / limits.day;
    const farther = Math.abs(hours) > Math.abs(product) ? hours : product;
    return Math.abs(day) > Math.abs(farther) ? day : farther;
  }

  /** The air is warm for a while after a door was closed again, and the cooler is not to blame for that. */
  private causeOfWarmth(at: number): AnomalyCause {
    return this.flags.rangWithin('door', HOUR_MS, at) ? 'door' : this.door.causeOfWarmth();
  }

  /**
   * A cooler that keeps up hides an open door from the thermometer, not from the hygrometer: most doors that were left open
   * unseen had the air no warmer than a defrosting.
   */
  private roomAirCameIn(humidityPercent: number, stepMs: number): number {
    this.roomAir.learn(humidityPercent, stepMs);
    return Math.max(0, this.roomAirWatch.step(this.roomAir.mean, stepMs)) / this.limits.roomAir;
  }

  private surprised(at: number, value: number, stepMs: number): number {
    const { surprise, limits } = this;
    surprise.step(at, value, stepMs);
    const { profile, innovation, level } = surprise;
    return (WEIGHTS.profile * profile + WEIGHTS.innovation * innovation + WEIGHTS.level * level) / limits.surprise;
  }
}
