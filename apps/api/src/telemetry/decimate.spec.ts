import { describe, expect, it } from '@jest/globals';
import type { Reading } from '@coldchain/telemetry';
import fc from 'fast-check';
import { decimate, gapsOf } from './decimate.js';

const reading = (at: number, milliCelsius: number): Reading => ({ at, milliCelsius, humidityPermille: null });

describe('decimate', () => {
  it('keeps the extremes, however few points are asked for', () => {
    const readings = Array.from({ length: 1000 }, (_, index) => reading(index * 1000, index === 777 ? 8_100 : 5_000));
    const buckets = decimate(readings, 0, 999_000, 10);
    expect(buckets.length).toBeLessThanOrEqual(10);
    expect(Math.max(...buckets.map((bucket) => bucket.high))).toBe(8_100);
  });

  it('never has more buckets than asked for, loses no extreme and stays in order', () => {
    const series = fc
      .array(fc.tuple(fc.integer({ min: 0, max: 100_000 }), fc.integer({ min: -30_000, max: 40_000 })), {
        minLength: 1,
      })
      .map((all) => all.sort(([a], [b]) => a - b).map(([at, value]) => reading(at, value)));
    fc.assert(
      fc.property(series, fc.integer({ min: 1, max: 50 }), (readings, points) => {
        const buckets = decimate(readings, 0, 100_000, points);
        const values = readings.map((one) => one.milliCelsius);
        return (
          buckets.length <= points &&
          Math.min(...buckets.map((bucket) => bucket.low)) === Math.min(...values) &&
          Math.max(...buckets.map((bucket) => bucket.high)) === Math.max(...values) &&
          buckets.every((bucket, index) => index === 0 || (buckets[index - 1]?.at ?? 0) < bucket.at)
        );
      }),
    );
  });
});

describe('gapsOf', () => {
  it('finds a gap at the start, in the middle and at the end, and forgives a tenth of the interval', () => {
    const at = (...times: number[]) => times.map((time) => reading(time, 0));
    expect(gapsOf(at(0, 105, 200), 0, 300, 100)).toEqual([]);
    expect(gapsOf(at(50, 150, 400), 0, 700, 100)).toEqual([
      { from: 0, to: 50 },
      { from: 250, to: 400 },
      { from: 500, to: 700 },
    ]);
    expect(gapsOf([], 0, 700, 100)).toEqual([{ from: 0, to: 700 }]);
  });
});
