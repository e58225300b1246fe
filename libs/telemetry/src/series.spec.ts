import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { packSeries, splitFrame, unpackSeries } from './index.js';
import type { Reading } from './index.js';

const reading = fc.record<Reading>({
  at: fc.integer({ min: 0, max: 2 ** 45 }),
  milliCelsius: fc.integer({ min: -200_000, max: 200_000 }),
  humidityPermille: fc.option(fc.integer({ min: 0, max: 1000 })),
});

describe('packSeries', () => {
  it('comes back as it was, ascending by time', () => {
    fc.assert(
      fc.property(fc.array(reading, { minLength: 1, maxLength: 50 }), (readings) => {
        const series = packSeries('x', readings);
        const ascending = readings.toSorted((one, other) => one.at - other.at);
        expect(unpackSeries(series.data)).toEqual(ascending);
        const temperatures = readings.map(({ milliCelsius }) => milliCelsius);
        expect(series).toMatchObject({
          firstAt: ascending[0]?.at,
          lastAt: ascending.at(-1)?.at,
          count: readings.length,
          lowMilliCelsius: Math.min(...temperatures),
          highMilliCelsius: Math.max(...temperatures),
        });
      }),
    );
  });

  it('takes about three bytes for a reading of a steady logger', () => {
    const readings = Array.from({ length: 60 }, (_, index) => ({
      at: 1_763_600_000_000 + index * 60_000,
      milliCelsius: 5000 + ((index * 37) % 50),
      humidityPermille: null,
    }));
    expect(packSeries('x', readings).data.length / 60).toBeLessThan(4.3);
  });

  it('refuses damaged bytes with a code and never anything else', () => {
    const { data } = packSeries('x', [
      { at: 1_763_600_000_000, milliCelsius: 5000, humidityPermille: 440 },
      { at: 1_763_600_060_000, milliCelsius: 5100, humidityPermille: null },
    ]);
    for (let length = 0; length < data.length; length++) {
      expect(() => unpackSeries(data.subarray(0, length))).toThrow(expect.objectContaining({ code: 'series-corrupt' }));
    }
    expect(() => unpackSeries(Buffer.concat([data, Buffer.from([0])]))).toThrow(
      expect.objectContaining({ code: 'series-corrupt' }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          unpackSeries(bytes);
        } catch (error) {
          expect(error).toMatchObject({ code: 'series-corrupt' });
        }
      }),
    );
  });
});

describe('splitFrame', () => {
  it('makes one series per logger and loses no reading', () => {
    const of = (logger: string, at: number, milliCelsius: number) =>
      ({ logger, at, milliCelsius, humidityPermille: null, counter: null }) as const;
    const series = splitFrame({ readings: [of('b', 3, 30), of('a', 1, 10), of('b', 2, 20), of('b', 3, 31)] });
    expect(series.map(({ logger, count, firstAt, lastAt }) => [logger, count, firstAt, lastAt])).toEqual([
      ['b', 3, 2, 3],
      ['a', 1, 1, 1],
    ]);
    expect(unpackSeries(series[0]?.data ?? Buffer.alloc(0)).map(({ milliCelsius }) => milliCelsius)).toEqual([
      20, 30, 31,
    ]);
  });
});
