import type { AnomalyDetector } from './anomaly.js';
import { stateOf, takeUp } from './kept-state.js';
import { type AnomalySetting, anomalyDetector } from './settings.js';

/**
 * Detectors with their versions: a change of limits, of what is watched or of the order in which it is kept is a new one.
 * 2: how rough a course is, in place of what its forecast does not explain.
 */
export const DETECTOR_NAMES: Readonly<Record<AnomalySetting, string>> = {
  'cold-chain': 'cold-chain@2',
  general: 'general@2',
};

/**
 * Versions that remembered the same numbers in the same order, so that what they learned holds. What 1 kept before its
 * rough course is shorter, and is refused for that.
 */
const READABLE: Readonly<Record<AnomalySetting, readonly string[]>> = {
  'cold-chain': ['cold-chain@1'],
  general: ['general@1'],
};

/** Whether a detector of this setting can go on from what one of that name remembered. */
export function readsStateOf(setting: AnomalySetting, name: string): boolean {
  return name === DETECTOR_NAMES[setting] || READABLE[setting].includes(name);
}

/** All that a detector remembers; as long for a week as for a year. */
export const detectorState = (detector: AnomalyDetector): Float64Array => stateOf(detector);

/**
 * A detector that goes on from a state as if it had never been put away, to the last bit; null when the state is not one
 * of this setting.
 */
export function detectorFrom(setting: AnomalySetting, values: Float64Array): AnomalyDetector | null {
  const detector = anomalyDetector(setting);
  return takeUp(detector, values) ? detector : null;
}
