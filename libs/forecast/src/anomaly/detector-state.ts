import type { AnomalyDetector } from './anomaly.js';
import { numbersOfRoomAir } from './cold-chain-detector.js';
import { stateOf, takeUp } from './kept-state.js';
import { type AnomalySetting, anomalyDetector } from './settings.js';

/**
 * Detectors with their versions: a change of limits, of what is watched or of the order in which it is kept is a new one.
 * 2: how rough a course is, in place of what its forecast does not explain. 3: room air by the hygrometer.
 */
export const DETECTOR_NAMES: Readonly<Record<AnomalySetting, string>> = {
  'cold-chain': 'cold-chain@3',
  general: 'general@2',
};

/**
 * Versions from which the newest one goes on, and how many numbers it has behind theirs: these begin anew, and what was
 * learned holds. What 1 kept before its rough course is shorter, and is refused for that.
 */
const NUMBERS_ADDED: Readonly<Record<AnomalySetting, Readonly<Record<string, number>>>> = {
  'cold-chain': { 'cold-chain@3': 0, 'cold-chain@2': numbersOfRoomAir(), 'cold-chain@1': numbersOfRoomAir() },
  general: { 'general@2': 0, 'general@1': 0 },
};

/** How many numbers a detector of that name remembered; null when one of this setting cannot go on from them. */
export function stateLength(setting: AnomalySetting, name: string): number | null {
  const added = NUMBERS_ADDED[setting][name];
  return added === undefined ? null : detectorState(anomalyDetector(setting)).length - added;
}

/** All that a detector remembers; as long for a week as for a year. */
export const detectorState = (detector: AnomalyDetector): Float64Array => stateOf(detector);

/**
 * A detector that goes on from a state as if it had never been put away, to the last bit; null when the state is not one
 * of this setting.
 * @param name of the detector that wrote it
 */
export function detectorFrom(
  setting: AnomalySetting,
  values: Float64Array,
  name: string = DETECTOR_NAMES[setting],
): AnomalyDetector | null {
  if (values.length !== stateLength(setting, name)) return null;
  const detector = anomalyDetector(setting);
  const state = detectorState(detector);
  state.set(values);
  return takeUp(detector, state) ? detector : null;
}
