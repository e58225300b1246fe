import { describe, expect, it } from '@jest/globals';
import { announceExcursions, troubledFridges } from '../bench/anomaly/cold-stores.js';
import { median } from '../bench/statistics.js';

describe('announced excursions', () => {
  it('come in time and seldom in vain, in fridges that nothing was chosen by', () => {
    const { exits, announced, aheadMinutes, announcements, falseAnnouncements } = announceExcursions(
      troubledFridges('quality b', 20),
    );
    expect(exits).toBeGreaterThan(30);
    expect(announced / exits).toBeGreaterThanOrEqual(0.9);
    expect(median(aheadMinutes)).toBeGreaterThanOrEqual(15);
    expect(falseAnnouncements / announcements).toBeLessThanOrEqual(1 / 3);
  });
});
