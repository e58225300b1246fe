import { describe, expect, it } from '@jest/globals';
import { medianStepMs } from './loggers.js';

describe('medianStepMs', () => {
  it('takes the usual step, whatever the order and however many readings are missing', () => {
    const minutes = [0, 5, 10, 15, 60, 65, 70].map((minute) => minute * 60_000);
    expect(medianStepMs(minutes.toReversed())).toBe(300_000);
  });

  it('takes five minutes where there is no step', () => {
    expect(medianStepMs([7])).toBe(300_000);
    expect(medianStepMs([7, 7])).toBe(300_000);
  });

  it('stays between a second and a day', () => {
    expect(medianStepMs([0, 10, 20])).toBe(1_000);
    expect(medianStepMs([0, 1e9])).toBe(86_400_000);
  });
});
