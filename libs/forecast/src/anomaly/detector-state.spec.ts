import { describe, expect, it } from '@jest/globals';
import type { AnomalyReading, AnomalyRow } from './anomaly.js';
import { detectorFrom, detectorState, stateLength } from './detector-state.js';
import { ANOMALY_SETTINGS, anomalyDetector } from './settings.js';

const MINUTE_MS = 60_000;

/** A fridge with doors, a failure on day 9, a stuck sensor, a gap and a step backwards; humidity on some readings only. */
function* readings(days: number): Generator<AnomalyReading> {
  const begin = Date.parse('2026-01-01T00:00:00Z');
  for (let k = 0; k < days * 288; k++) {
    const failing = k > 9 * 288 && k < 9 * 288 + 100 ? (k - 9 * 288) / 10 : 0;
    const value = k > 11 * 288 && k < 11 * 288 + 60 ? 4.9 : 5 + Math.sin(k / 6) + Math.sin(k * k) / 5 + failing;
    const at = begin + k * 5 * MINUTE_MS + (k > 12 * 288 ? 180 * MINUTE_MS : 0) - (k === 500 ? 60 * MINUTE_MS : 0);
    yield { at, value, humidityPercent: k % 3 === 0 ? 40 + 10 * Math.sin(k / 20) : null };
  }
}

describe.each(ANOMALY_SETTINGS)('the state of a detector: %s', (setting) => {
  it('goes on to the last bit wherever it was put away', () => {
    const whole = anomalyDetector(setting);
    let kept = anomalyDetector(setting);
    const size = detectorState(kept).length;
    const flags: AnomalyRow[] = [];
    let k = 0;
    for (const reading of readings(14)) {
      const row = whole.next(reading);
      expect(kept.next(reading)).toEqual(row);
      if (row.alert) flags.push(row);
      // Often where things happen, and now and then.
      if (k++ % 397 === 0 || row.alert) {
        const state = detectorState(kept);
        expect(state).toHaveLength(size);
        kept = detectorFrom(setting, state) ?? anomalyDetector(setting);
        expect(detectorState(kept)).toEqual(state);
      }
    }
    expect(detectorState(kept)).toEqual(detectorState(whole));
    expect(flags.length).toBeGreaterThan(1);
    expect(flags.every(({ begins }) => begins.length > 0)).toBe(true);
  });

  it('is taken up from a version that remembered less, and from no unknown one', () => {
    const length = stateLength(setting, `${setting}@2`) ?? NaN;
    const detector = anomalyDetector(setting);
    for (const reading of readings(3)) detector.next(reading);
    const state = detectorState(detector);
    const before = state.slice(0, length);
    const taken = detectorFrom(setting, before, `${setting}@2`);
    const fresh = detectorState(anomalyDetector(setting));
    fresh.set(before);
    expect(taken === null ? null : detectorState(taken)).toEqual(fresh);
    expect(stateLength(setting, `${setting}@99`)).toBeNull();
    expect(detectorFrom(setting, state, `${setting}@99`)).toBeNull();
  });

  it('is not taken from another detector', () => {
    const other = ANOMALY_SETTINGS.find((one) => one !== setting) ?? setting;
    expect(detectorFrom(setting, detectorState(anomalyDetector(other)))).toBeNull();
    expect(detectorFrom(setting, new Float64Array(3))).toBeNull();
  });
});
