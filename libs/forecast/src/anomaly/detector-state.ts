import { Archive } from './archive.js';
import type { AnomalyDetector } from './anomaly.js';
import { type AnomalySetting, anomalyDetector } from './settings.js';

/**
 * Detectors with their versions: another one cannot go on from a state that was kept. A change of limits, of what is
 * watched or of the order in which it is kept is a new version.
 */
export const DETECTOR_NAMES: Readonly<Record<AnomalySetting, string>> = {
  'cold-chain': 'cold-chain@1',
  general: 'general@1',
};

class WrittenState extends Archive {
  readonly values: number[] = [];

  override number(value: number): number {
    this.values.push(value);
    return value;
  }
}

class ReadState extends Archive {
  private next = 0;

  constructor(private readonly values: Float64Array) {
    super();
  }

  get isAtEnd(): boolean {
    return this.next === this.values.length;
  }

  override number(): number {
    return this.values[this.next++] ?? Number.NaN;
  }
}

/** All that a detector remembers; as long for a week as for a year. */
export function detectorState(detector: AnomalyDetector): Float64Array {
  const state = new WrittenState();
  detector.keep(state);
  return Float64Array.from(state.values);
}

/**
 * A detector that goes on from a state as if it had never been put away, to the last bit; null when the state is not one
 * of this setting.
 */
export function detectorFrom(setting: AnomalySetting, values: Float64Array): AnomalyDetector | null {
  const detector = anomalyDetector(setting);
  if (detectorState(detector).length !== values.length) return null;
  const state = new ReadState(values);
  detector.keep(state);
  return state.isAtEnd ? detector : null;
}
