import { describe, expect, it } from '@jest/globals';
import { announceExcursions, troubledFridges } from './cold-stores.js';
import { median } from '../statistics.js';

const MINUTE_MS = 60_000;

describe('announcements of excursions on fridges with faults', () => {
  it.each([1, 2, 5])(
    'every %i minutes: nearly all, a quarter of an hour ahead, one in four in vain at most',
    (minutes) => {
      // One of the seeds by which limits were set: this guards them.
      const found = announceExcursions(troubledFridges('tune', 10, minutes * MINUTE_MS));
      expect(found.exits).toBeGreaterThan(20);
      expect(found.announced / found.exits).toBeGreaterThanOrEqual(0.95);
      expect(median(found.aheadMinutes)).toBeGreaterThanOrEqual(16);
      expect(found.falseAnnouncements / found.announcements).toBeLessThanOrEqual(0.25);
    },
  );
});
