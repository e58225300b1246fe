import { describe, expect, it } from '@jest/globals';
import {
  announceExcursions,
  compressorsToldInVain,
  tellWeakCompressors,
  troubledFridges,
} from '../bench/anomaly/cold-stores.js';
import { median } from '../bench/statistics.js';

const MINUTE_MS = 60_000;

describe('announced excursions', () => {
  it.each([1, 5, 10, 15])(
    'come in time and seldom in vain, in fridges that nothing was chosen by: a reading every %i minutes',
    (minutes) => {
      const { exits, announced, aheadMinutes, announcements, falseAnnouncements } = announceExcursions(
        troubledFridges('quality b', minutes === 1 ? 10 : 20, minutes * MINUTE_MS),
      );
      expect(exits).toBeGreaterThan(15);
      expect(announced / exits).toBeGreaterThanOrEqual(0.9);
      expect(median(aheadMinutes)).toBeGreaterThanOrEqual(15);
      expect(falseAnnouncements / announcements).toBeLessThanOrEqual(1 / 3);
    },
  );
});

describe('compressors that grow weak', () => {
  it('are told of in eight days, most before the fridge is warm, and sound ones are not', () => {
    const { told, before, of } = tellWeakCompressors('quality b', 20, 0.6);
    expect(told / of).toBeGreaterThanOrEqual(0.9);
    expect(before / of).toBeGreaterThanOrEqual(0.7);
    expect(compressorsToldInVain('quality b', 10, 28)).toBeLessThanOrEqual(0.1);
  });
});
