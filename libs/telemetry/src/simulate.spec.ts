import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { simulatedMilliCelsius } from './index.js';
import type { SimulatedKind } from './index.js';

const START = 1_763_600_000_000;
const at = fc.integer({ min: START, max: START + 400 * 86_400_000 });

describe('simulatedMilliCelsius', () => {
  it.each<[SimulatedKind, number, number]>([
    ['fridge-2-8', 2000, 8000],
    ['freezer-20', -25_000, -18_000],
    ['crt', 15_000, 25_000],
  ])('of a good %s stays inside its range', (kind, lowest, highest) => {
    fc.assert(
      fc.property(fc.string(), at, (seed, when) => {
        const value = simulatedMilliCelsius({ kind, seed, startedAt: START }, when);
        expect(Number.isInteger(value)).toBe(true);
        expect(value).toBeGreaterThan(lowest);
        expect(value).toBeLessThan(highest);
      }),
    );
  });

  it('tells the same past again', () => {
    const place = { kind: 'failing-fridge', seed: 's', startedAt: START } as const;
    fc.assert(
      fc.property(at, (when) =>
        expect(simulatedMilliCelsius({ ...place }, when)).toBe(simulatedMilliCelsius(place, when)),
      ),
    );
  });

  it('warms a failing fridge above 8 °C within half an hour and towards ambient', () => {
    const place = { kind: 'failing-fridge', seed: 's', startedAt: START, failsAfterMs: 60_000 } as const;
    expect(simulatedMilliCelsius(place, START + 60_000)).toBeLessThan(8000);
    expect(simulatedMilliCelsius(place, START + 31 * 60_000)).toBeGreaterThan(8000);
    expect(simulatedMilliCelsius(place, START + 8 * 3_600_000)).toBeGreaterThan(23_900);
  });
});
