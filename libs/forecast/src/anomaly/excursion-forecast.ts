import { normalCdf } from '../distributions/normal.js';
import type { Archive } from './archive.js';
import { DriftingMean } from './drifting-mean.js';

const MINUTE_MS = 60_000;

/** What a product may have, and how it follows the air. */
export interface ExcursionLimits {
  /** °C, inside when equal */
  readonly low: number;
  readonly high: number;
  /** Lag of the product behind the air, ms. */
  readonly lagMs: number;
  /** How far ahead is looked, ms. */
  readonly horizonMs: number;
}

/**
 * A vial in a fridge, twelve minutes ahead. Doors are closed and compressors set in: the further is looked, the more of what
 * is foreseen does not happen. What is probable at one in three within twelve minutes happens later more often than not.
 * Chosen on simulated fridges (seeds `tune`, `fresh`, `unseen`, `tune5`) with a reading every 1, 2, 5, 10 and 15 minutes: at
 * none of these are more than 20 % of the announcements in vain. To announce only after two or three minutes above the
 * probability took as much off the time ahead, and hardly any in vain: those are warmth that ends, not noise.
 */
export const FRIDGE_EXCURSION: ExcursionLimits = { low: 2, high: 8, lagMs: 45 * MINUTE_MS, horizonMs: 12 * MINUTE_MS };

/** What is foreseen at one reading. */
export interface ExcursionOutlook {
  /** °C of the product now. */
  readonly product: number;
  /** The product is outside now. */
  readonly outside: boolean;
  /** That it will be outside within the horizon, in [0, 1]. */
  readonly probability: number;
  /** When it will leave, ms from now, by the middle course; 0 when it has; null when not within twice the horizon. */
  readonly leavesInMs: number | null;
  /** An announcement is in force: it begins with a probability of 0.35, and ends below one of 0.01 or with the exit. */
  readonly announced: boolean;
}

const SLOPE_MS = 18 * MINUTE_MS;
/** A slope of the air dies away: a compressor sets in, a door is closed. */
const SLOPE_FADES_MS = 8 * MINUTE_MS;
const STEPS = 12;
/** °C, of a forecast as long as the horizon: after a week in which nothing happened none is surer than this. */
const LEAST_ERROR = 0.2;
/** Shares of the horizon at which is looked. */
const LOOKS = Array.from({ length: STEPS }, (_, step) => (step + 1) / STEPS);
/**
 * How far an error has grown at each of them, with the power 3/2 of the time: the product sums up what the air does
 * otherwise, and that drifts (measured on sound fridges: .002, .013, .031 and .161 °C after 1, 3, 5 and 13 minutes). With the
 * root a product that has just come back seems to leave again within the minute.
 */
const GROWN = LOOKS.map((share) => share * Math.sqrt(share));
const ERRORS_MS = 7 * 24 * 60 * MINUTE_MS;
const PENDING = 64;
/** A forecast is compared with a reading so long after its time: loggers that measure every half hour have no nearer one. */
const SETTLED_WITHIN_MS = 20 * MINUTE_MS;
const [BEGINS, ENDS] = [0.35, 0.01];

/**
 * When the product leaves its range: dTp/dt = (Ta − Tp)/lag, driven by the air as it is and by its slope, which fades. The
 * probability comes from the errors that forecasts of this length had here. Constant memory.
 */
export class ExcursionForecast {
  private product = Number.NaN;
  private air = Number.NaN;
  private readonly slope = new DriftingMean(SLOPE_MS);
  private readonly squaredError = new DriftingMean(ERRORS_MS);
  private readonly due = new Float64Array(PENDING).fill(Number.NaN);
  private readonly foreseen = new Float64Array(PENDING);
  private next = 0;
  private last = Number.NaN;
  private announced = false;

  constructor(private limits: ExcursionLimits = FRIDGE_EXCURSION) {}

  /** Looks for other limits from now on; an announcement of the former ones is over. */
  lookFor(limits: ExcursionLimits): void {
    this.limits = limits;
    this.announced = false;
  }

  keep(archive: Archive): void {
    this.product = archive.number(this.product);
    this.air = archive.number(this.air);
    this.slope.keep(archive);
    this.squaredError.keep(archive);
    archive.numbers(this.due);
    archive.numbers(this.foreseen);
    this.next = archive.number(this.next);
    this.last = archive.number(this.last);
    this.announced = archive.number(this.announced ? 1 : 0) === 1;
  }

  /** @param celsius of the air */
  step(at: number, celsius: number): ExcursionOutlook {
    const { lagMs, horizonMs, low, high } = this.limits;
    if (!(at > this.last)) {
      this.product = Number.isNaN(this.product) ? celsius : this.product;
    } else {
      const stepMs = at - this.last;
      // Between two readings the air is taken as straight: half of the step with each of them.
      const target = (celsius + this.air) / 2;
      this.product = target + (this.product - target) * Math.exp(-stepMs / lagMs);
      this.slope.learn(((celsius - this.air) / stepMs) * MINUTE_MS, stepMs);
      this.settle(at);
    }
    this.last = at;
    this.air = celsius;
    const middle = this.productAt(horizonMs);
    this.remember(at + horizonMs, middle);
    const outside = this.product < low || this.product > high;
    const spread = Math.sqrt(this.squaredError.mean + LEAST_ERROR * LEAST_ERROR);
    const probability = outside ? 1 : this.probabilityOutside(spread);
    this.announced = !outside && probability >= (this.announced ? ENDS : BEGINS);
    return {
      product: this.product,
      outside,
      probability,
      leavesInMs: outside ? 0 : this.leaves(),
      announced: this.announced,
    };
  }

  /** Product temperature after a time, by the closed form of the lag driven by a fading slope. */
  private productAt(aheadMs: number): number {
    const { lagMs } = this.limits;
    const gained = (this.slope.mean * SLOPE_FADES_MS) / MINUTE_MS;
    const final = this.air + gained;
    const share = SLOPE_FADES_MS / (SLOPE_FADES_MS - lagMs);
    const fading = gained * share;
    return (
      final -
      fading * Math.exp(-aheadMs / SLOPE_FADES_MS) +
      (this.product - final + fading) * Math.exp(-aheadMs / lagMs)
    );
  }

  private probabilityOutside(spread: number): number {
    const { horizonMs, low, high } = this.limits;
    let nearest = Number.POSITIVE_INFINITY;
    for (let step = 0; step < STEPS; step++) {
      const ahead = this.productAt(horizonMs * (LOOKS[step] ?? 1));
      const deviation = spread * (GROWN[step] ?? 1);
      nearest = Math.min(nearest, (high - ahead) / deviation, (ahead - low) / deviation);
    }
    return normalCdf(-nearest);
  }

  /** Looks twice as far as the probability does: an announcement comes before the middle course leaves. */
  private leaves(): number | null {
    const { horizonMs, low, high } = this.limits;
    for (let step = 1; step <= STEPS; step++) {
      const aheadMs = (2 * horizonMs * step) / STEPS;
      const ahead = this.productAt(aheadMs);
      if (ahead < low || ahead > high) return aheadMs;
    }
    return null;
  }

  /** Of readings in quick succession only some, or the room would be taken by others before their time comes. */
  private remember(due: number, celsius: number): void {
    const sinceMs = due - (this.due[(this.next + PENDING - 1) % PENDING] ?? Number.NaN);
    if (sinceMs < this.limits.horizonMs / (PENDING - 1)) return;
    this.due[this.next] = due;
    this.foreseen[this.next] = celsius;
    this.next = (this.next + 1) % PENDING;
  }

  /** Compares what was foreseen for now with what is. */
  private settle(at: number): void {
    for (let slot = 0; slot < PENDING; slot++) {
      const due = this.due[slot] ?? Number.NaN;
      if (!(due <= at)) continue;
      const off = this.product - (this.foreseen[slot] ?? 0);
      // One of long before says nothing about a forecast of this length.
      if (at - due < SETTLED_WITHIN_MS) this.squaredError.learn(Math.min(off * off, 4), MINUTE_MS);
      this.due[slot] = Number.NaN;
    }
  }
}
