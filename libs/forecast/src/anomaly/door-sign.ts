import type { AnomalyCause } from './anomaly.js';
import type { Archive } from './archive.js';
import { DriftingMean } from './drifting-mean.js';

const HOUR_MS = 3_600_000;
/** Room air brings in this much relative humidity; a compressor that does not run does not. */
const DOOR_POINTS = 8;
const USUAL_MS = 6 * HOUR_MS;

/** Whether room air came in: a step of the relative humidity above what it was in the hours before. */
export class DoorSign {
  private readonly usual = new DriftingMean(USUAL_MS);
  private rise = Number.NaN;

  keep(archive: Archive): void {
    this.usual.keep(archive);
    this.rise = archive.number(this.rise);
  }

  step(humidityPercent: number, stepMs: number): void {
    const faded = Number.isNaN(this.rise) ? 0 : this.rise * Math.exp(-stepMs / HOUR_MS);
    this.rise = this.usual.seen === 0 ? 0 : Math.max(humidityPercent - this.usual.mean, faded);
    this.usual.learn(humidityPercent, stepMs);
  }

  /** What makes it warm: an open door, cooling that fails, or, without a hygrometer, nobody knows. */
  causeOfWarmth(): AnomalyCause {
    if (Number.isNaN(this.rise)) return 'warm';
    return this.rise >= DOOR_POINTS ? 'door' : 'cooling';
  }
}
