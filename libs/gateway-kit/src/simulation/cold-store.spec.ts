import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ColdStore, type ColdStoreKind } from './cold-store.js';
import { type Fault, FaultInvalid, parseFault } from './fault.js';
import { SimulatedSensor } from './simulated-sensor.js';

const START = 1_763_600_000_000;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Milli-degrees each five minutes from the start on. */
function told(kind: ColdStoreKind, seed: string, faults: readonly Fault[], durationMs: number): number[] {
  const sensor = new SimulatedSensor(new ColdStore({ kind, seed, startedAt: START, faults }), seed, faults);
  return Array.from({ length: durationMs / (5 * MINUTE) }, (_, index) =>
    sensor.milliCelsiusAt(START + index * 5 * MINUTE),
  );
}
const fault = (text: string): Fault => parseFault(text, START);
const spread = (values: readonly number[]): number => Math.max(...values) - Math.min(...values);

describe('ColdStore', () => {
  it.each<[ColdStoreKind, number, number]>([
    ['fridge-2-8', 2000, 8000],
    ['freezer-20', -25_000, -18_000],
    ['crt', 15_000, 25_000],
  ])('%s without faults stays inside its range, and its compressor cycles', (kind, lowest, highest) => {
    fc.assert(
      fc.property(fc.string(), (seed) => {
        const values = told(kind, seed, [], 2 * DAY);
        expect(Math.min(...values)).toBeGreaterThan(lowest);
        expect(Math.max(...values)).toBeLessThan(highest);
        expect(spread(values)).toBeGreaterThan(500);
      }),
      { numRuns: 8 },
    );
  });

  it('tells the same past again, in whatever order it is asked', () => {
    const plan = { kind: 'fridge-2-8', seed: 's', startedAt: START, faults: [fault('power-loss@+3h/2h')] } as const;
    const asked = fc.array(fc.integer({ min: START - DAY, max: START + 2 * DAY }), { maxLength: 8 });
    const ascending = new ColdStore(plan);
    const known = new Map<number, number>();
    for (let at = START; at <= START + 2 * DAY; at += 10_000) known.set(at, ascending.celsiusAt(at));
    fc.assert(
      fc.property(asked, (times) => {
        const store = new ColdStore(plan);
        for (const at of times) {
          const step = START + Math.max(0, Math.floor((at - START) / 10_000)) * 10_000;
          expect(store.celsiusAt(at)).toBe(known.get(step));
        }
      }),
      { numRuns: 10 },
    );
  });

  it.each([
    ['power-loss@+2h', 8000],
    ['no-compressor@+2h', 8000],
    ['weak-compressor@+2h=0.1', 8000],
    ['door-open@+2h/2h', 8000],
  ])('%s drives it above 8 °C within a day', (text, limit) => {
    const values = told('fridge-2-8', 's', [fault(text)], DAY);
    expect(Math.max(...values.slice(0, 24))).toBeLessThan(limit);
    expect(Math.max(...values.slice(24))).toBeGreaterThan(limit);
  });

  it('set-point too low freezes towards 0 °C', () => {
    expect(Math.min(...told('fridge-2-8', 's', [fault('set-point@+2h=-4')], DAY))).toBeLessThan(2000);
  });

  it('comes back after a power loss', () => {
    const values = told('fridge-2-8', 's', [fault('power-loss@+2h/3h')], DAY);
    expect(Math.max(...values.slice(-24))).toBeLessThan(8000);
  });
});

describe('SimulatedSensor', () => {
  it('goes astray, stays, or rustles', () => {
    const good = told('fridge-2-8', 's', [], 4 * DAY);
    const drifting = told('fridge-2-8', 's', [fault('sensor-drift@+1d=1')], 4 * DAY);
    expect(drifting.slice(0, 288)).toEqual(good.slice(0, 288));
    expect(drifting.at(-1)! - good.at(-1)!).toBeGreaterThan(2_800);
    const stuck = told('fridge-2-8', 's', [fault('sensor-stuck@+1d')], 2 * DAY);
    expect(spread(stuck.slice(288))).toBe(0);
    expect(stuck[300]).toBe(good[288]);
    const noisy = told('fridge-2-8', 's', [fault('sensor-noisy=1')], DAY);
    const steps = (values: readonly number[]): number =>
      values.slice(1).reduce((sum, value, index) => sum + Math.abs(value - values[index]!), 0);
    expect(steps(noisy)).toBeGreaterThan(2 * steps(good.slice(0, 288)));
  });
});

describe('parseFault', () => {
  it('reads kind, time, duration and value', () => {
    expect(fault('door-open@+90s/1h')).toEqual({
      kind: 'door-open',
      from: START + 90_000,
      until: START + 90_000 + HOUR,
      value: 0,
    });
    expect(fault('clock-offset=-2h')).toEqual({ kind: 'clock-offset', from: START, until: Infinity, value: -2 * HOUR });
    expect(fault('sensor-drift@2026-11-21T08:00:00Z=1.5')).toMatchObject({
      from: Date.UTC(2026, 10, 21, 8),
      value: 1.5,
    });
    expect(fault('clock-year')).toMatchObject({ value: 1970 });
  });

  it.each([
    '',
    'fire',
    'door-open@soon',
    'door-open@+2',
    'door-open@+1h/x',
    'late=much',
    'clock-offset',
    'clock-offset=2',
  ])('refuses %j', (text) => {
    expect(() => fault(text)).toThrow(FaultInvalid);
  });
});
