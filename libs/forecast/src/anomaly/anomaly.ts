import type { Archive } from './archive.js';
import { ForecastError } from '../forecast-error.js';

/** One reading of a series: °C, or any other quantity. */
export interface AnomalyReading {
  /** ms since 1970 UTC */
  readonly at: number;
  readonly value: number;
  /** Relative humidity in per cent, where it is measured. */
  readonly humidityPercent: number | null;
}

/**
 * Why a reading is flagged. `warm`, `cold`: above or below what is usual here, over an hour or over a day; `door`: warm
 * and humid at once; `cooling`: warm without room air coming in; `unsteady`: it swings more than it does; `flatline`: it
 * does not move as it does; `gap`: readings are missing; `pattern`: unlike the time of day or what went before; `level`:
 * the mean has moved.
 */
export const ANOMALY_CAUSES = [
  'warm',
  'cold',
  'door',
  'cooling',
  'unsteady',
  'flatline',
  'gap',
  'pattern',
  'level',
] as const;
export type AnomalyCause = (typeof ANOMALY_CAUSES)[number];

/** What is said about one reading; depends on it and on those before it only. */
export interface AnomalyRow {
  /** In [0, 1]; from 0.5 on it is as unusual as what is flagged. Lowered while what it shows was told already. */
  readonly score: number;
  /** A flag begins here. It rings once per cause and refractory time, or again when it has become much worse. */
  readonly alert: boolean;
  /** Causes whose flags begin here, the most unusual first; empty without an alert. */
  readonly begins: readonly AnomalyCause[];
  /** What is most unusual, from a score of 0.5 on or with an alert; null else. */
  readonly cause: AnomalyCause | null;
}

/**
 * Reads a series, one reading after the other, in constant memory. A reading that is not after the one before (clocks are
 * set back, files hold an hour twice) is taken as if a usual step had passed.
 */
export abstract class AnomalyDetector {
  private last = Number.NEGATIVE_INFINITY;
  /** NaN: there was no reading or one only. */
  private step = Number.NaN;

  /** @throws ForecastError `series-not-finite` */
  next(reading: AnomalyReading): AnomalyRow {
    const { at, value } = reading;
    if (!Number.isFinite(value) || !Number.isFinite(at)) {
      throw new ForecastError('series-not-finite', 'a reading has a finite time and value', { at, value });
    }
    if (at > this.last) {
      if (this.last > Number.NEGATIVE_INFINITY) this.step = at - this.last;
      this.last = at;
    }
    return this.judge(reading, Number.isNaN(this.step) ? null : this.step);
  }

  /** Hands over all that is remembered. */
  keep(archive: Archive): void {
    this.last = archive.number(this.last);
    this.step = archive.number(this.step);
    this.keepParts(archive);
  }

  protected abstract keepParts(archive: Archive): void;

  /** @param stepMs time since the reading before; null for the first */
  protected abstract judge(reading: AnomalyReading, stepMs: number | null): AnomalyRow;
}
