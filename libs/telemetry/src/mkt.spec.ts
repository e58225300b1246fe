import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { asPrintedByDevice, meanKineticTemperature } from './index.js';
import type { TimeAtTemperature } from './index.js';

const HOUR = 3_600_000;
const at = (celsius: number, hours: number): TimeAtTemperature => ({
  milliCelsius: celsius * 1000,
  durationMs: hours * HOUR,
});

describe('meanKineticTemperature', () => {
  it.each([
    [[at(5, 18), at(14, 6)], 8.2852],
    [[at(5, 23), at(15, 1)], 5.7635],
    [[at(5, 22), at(25, 2)], 9.8252],
    [[at(22, 29 * 24), at(40, 24)], 23.5996],
    [[at(2, 1), at(8, 1)], 5.5364],
    [[at(5, 1)], 5],
  ])('of %j is %d °C', (dwells, expected) => {
    expect(meanKineticTemperature(dwells)).toBeCloseTo(expected, 4);
  });

  const dwells = fc.array(
    fc.record<TimeAtTemperature>({
      milliCelsius: fc.integer({ min: -80_000, max: 60_000 }),
      durationMs: fc.integer({ min: 1, max: 1e9 }),
    }),
    { minLength: 1, maxLength: 20 },
  );

  it('does not depend on order, on how time is split, or on scale, and is not below the mean', () => {
    fc.assert(
      fc.property(dwells, fc.integer({ min: 2, max: 9 }), (list, factor) => {
        const mkt = meanKineticTemperature(list) ?? NaN;
        expect(meanKineticTemperature(list.toReversed())).toBeCloseTo(mkt, 8);
        expect(meanKineticTemperature(list.flatMap((dwell) => [dwell, dwell]))).toBeCloseTo(mkt, 8);
        const scaled = list.map(({ milliCelsius, durationMs }) => ({ milliCelsius, durationMs: durationMs * factor }));
        expect(meanKineticTemperature(scaled)).toBeCloseTo(mkt, 8);
        const total = list.reduce((sum, { durationMs }) => sum + durationMs, 0);
        const mean = list.reduce((sum, dwell) => sum + (dwell.milliCelsius * dwell.durationMs) / total, 0) / 1000;
        expect(mkt).toBeGreaterThanOrEqual(mean - 1e-9);
      }),
    );
  });

  it('rises with each reading', () => {
    fc.assert(
      fc.property(dwells, fc.integer({ min: 1, max: 5000 }), ([first, ...rest], warmer) => {
        if (first === undefined) return;
        const before = meanKineticTemperature([first, ...rest]) ?? NaN;
        const after = meanKineticTemperature([{ ...first, milliCelsius: first.milliCelsius + warmer }, ...rest]) ?? NaN;
        expect(after).toBeGreaterThanOrEqual(before - 1e-9);
      }),
    );
  });

  it('is nothing where no time passed', () => {
    expect(meanKineticTemperature([])).toBeNull();
  });
});

describe('asPrintedByDevice', () => {
  it('cuts to a tenth towards zero', () => {
    expect([5.446, -6.29, 10.558, -0.04].map(asPrintedByDevice)).toEqual([5.4, -6.2, 10.5, 0]);
  });
});
