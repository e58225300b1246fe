import type { Archive } from './archive.js';
import { CompressorHealthMonitor } from './compressor-health.js';
import { DriftingMean } from './drifting-mean.js';
import { ExcursionForecast, FRIDGE_EXCURSION } from './excursion-forecast.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/**
 * Version of what is foreseen; a change of limits or of what is kept is a new one. 2: thirteen minutes from a probability
 * of 0.35 on in place of sixteen from 0.5 on; a compressor is compared with its own two weeks. 3: twelve minutes, errors
 * that grow with the time ahead as they do, and an announcement that holds until nearly nothing is left of it.
 */
export const FORESIGHT_NAME = 'foresight@3';

/** Versions that remembered the same numbers: what they have kept is taken up. */
export const FORESIGHT_GOES_ON_FROM: readonly string[] = [FORESIGHT_NAME, 'foresight@2'];

/** `excursion-ahead`: a product here will probably leave its range; `compressor`: it will soon have to run all the time. */
export const FORESIGHT_CAUSES = ['excursion-ahead', 'compressor'] as const;
export type ForesightCause = (typeof FORESIGHT_CAUSES)[number];

/** What is foreseen from one reading on. */
export interface Foreseen {
  readonly cause: ForesightCause;
  /** Probability of the excursion, or share of the day in which the compressor runs; in [0, 1]. */
  readonly score: number;
  /** From the reading on, ms; null: it is not known when. */
  readonly aheadMs: number | null;
}

/** Ranges in which medicines are kept, °C (USP 659: cold, room, freezer; and ultra-cold vaccines). */
const RANGES = [
  { low: 2, high: 8 },
  { low: 15, high: 25 },
  { low: -25, high: -15 },
  { low: -90, high: -60 },
] as const;
/** Two announcements with less between them are one. */
const QUIET_MS = HOUR_MS;
/** What takes two weeks can wait for the next visit of the technician; a trend is told once a week. */
const COMPRESSOR_DAYS = 14;
const COMPRESSOR_REPEATS_MS = 7 * DAY_MS;
/** A room without a compressor does not cycle. */
const LEAST_CYCLES_PER_DAY = 2;

/**
 * What the temperatures of a store tell of the hours and days to come. A store is taken for what the mean of its last day
 * is inside of: a fridge, a room, a freezer or an ultra-cold one; a store that is in none of them is taken for what it was
 * before, and before it was anything no excursion is foreseen. Streaming; constant memory.
 */
export class StoreForesight {
  private readonly day = new DriftingMean(DAY_MS);
  private readonly excursion = new ExcursionForecast();
  private readonly compressor = new CompressorHealthMonitor();
  /** Index of the range; −1: none yet. */
  private range = -1;
  private last = Number.NaN;
  /** When an announcement was last in force, or the product outside. */
  private announcedAt = Number.NEGATIVE_INFINITY;
  private toldOfCompressor = Number.NEGATIVE_INFINITY;

  keep(archive: Archive): void {
    // First of all, because other limits end an announcement.
    this.takeFor(archive.number(this.range));
    for (const part of [this.day, this.excursion, this.compressor]) part.keep(archive);
    this.last = archive.number(this.last);
    this.announcedAt = archive.number(this.announcedAt);
    this.toldOfCompressor = archive.number(this.toldOfCompressor);
  }

  /** What begins to be foreseen here; nothing for a reading that is not after the one before. @param celsius of the air */
  next(at: number, celsius: number): Foreseen[] {
    const first = Number.isNaN(this.last);
    if (!first && at <= this.last) return [];
    this.day.learn(celsius, first ? 0 : at - this.last);
    this.last = at;
    this.settle();
    return [...this.excursionAhead(at, celsius), ...this.weakCompressor(at, celsius)];
  }

  private settle(): void {
    const { mean } = this.day;
    const range = RANGES.findIndex(({ low, high }) => mean >= low && mean <= high);
    if (range !== -1) this.takeFor(range);
  }

  private takeFor(range: number): void {
    if (range === this.range) return;
    this.range = range;
    this.excursion.lookFor({ ...FRIDGE_EXCURSION, ...RANGES[range] });
  }

  private excursionAhead(at: number, celsius: number): Foreseen[] {
    const { announced, outside, probability, leavesInMs } = this.excursion.step(at, celsius);
    if (this.range === -1 || !(announced || outside)) return [];
    const begins = at - this.announcedAt > QUIET_MS;
    this.announcedAt = at;
    // What is outside already is no matter of foresight: the excursion itself is told by the evaluation.
    return begins && !outside ? [{ cause: 'excursion-ahead', score: probability, aheadMs: leavesInMs }] : [];
  }

  private weakCompressor(at: number, celsius: number): Foreseen[] {
    const { duty, cyclesPerDay, daysToExhaustion, aboveUsual } = this.compressor.step(at, celsius);
    if (!aboveUsual || daysToExhaustion === null || daysToExhaustion > COMPRESSOR_DAYS) return [];
    if (cyclesPerDay < LEAST_CYCLES_PER_DAY || at - this.toldOfCompressor < COMPRESSOR_REPEATS_MS) return [];
    this.toldOfCompressor = at;
    return [{ cause: 'compressor', score: duty, aheadMs: daysToExhaustion * DAY_MS }];
  }
}
