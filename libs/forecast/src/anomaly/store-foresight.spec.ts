import { describe, expect, it } from '@jest/globals';
import { stateOf, takeUp } from './kept-state.js';
import { type ColdStoreFault, simulateColdStore } from './simulate-cold-store.js';
import { type Foreseen, StoreForesight } from './store-foresight.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

type Told = Foreseen & { readonly at: number };

function told(readings: Iterable<{ readonly at: number; readonly value: number }>): Told[] {
  const foresight = new StoreForesight();
  const all: Told[] = [];
  for (const { at, value } of readings) for (const one of foresight.next(at, value)) all.push({ ...one, at });
  return all;
}

function* course(days: number, celsius: (hours: number) => number): Generator<{ at: number; value: number }> {
  for (let at = 0; at < days * DAY; at += 5 * MINUTE) yield { at, value: celsius(at / HOUR) };
}

const failing = (seed: string, kind: ColdStoreFault, magnitude: number, days: number) =>
  simulateColdStore({ seed, days, fault: { kind, atMs: 10 * DAY, magnitude } });

describe('what is foreseen of a store', () => {
  it('is nothing in sound fridges for six weeks', () => {
    for (let fridge = 0; fridge < 4; fridge++) {
      expect(told(simulateColdStore({ seed: `foresight ${fridge}`, days: 42 }))).toEqual([]);
    }
  });

  it('is an excursion before it comes, once, and about when', () => {
    const flags = told(failing('ahead', 'door-ajar', 1.6, 11));
    expect(flags.map(({ cause }) => cause)).toEqual(['excursion-ahead']);
    const [flag] = flags;
    expect(flag?.at).toBeGreaterThan(10 * DAY);
    expect(flag?.at).toBeLessThan(10 * DAY + 2 * HOUR);
    expect(flag?.score).toBeGreaterThanOrEqual(0.35);
    expect(flag?.aheadMs).toBeGreaterThan(0);
  });

  it.each([
    ['a fridge', 5, 9],
    ['a fridge that freezes', 5, 0.5],
    ['a room', 20, 27],
    ['a freezer', -20, -10],
  ])('goes by the range that the store is kept in: %s', (_, usual, then) => {
    const warming = (hours: number): number =>
      hours < 48 ? usual : usual + (then - usual) * Math.min(1, (hours - 48) / 3);
    const flags = told(course(3, warming));
    expect(flags.map(({ cause }) => cause)).toEqual(['excursion-ahead']);
    expect(flags[0]?.at).toBeGreaterThan(48 * HOUR);
    // Nobody keeps medicines at 35 °C or more: there is no range that it could leave.
    expect(told(course(3, (hours) => warming(hours) + 55))).toEqual([]);
  });

  it('is a compressor that will soon run all the time, once a week', () => {
    const flags = Array.from({ length: 6 }, (_, i) => told(failing(`tired ${i}`, 'weak-compressor', 0.6, 16)));
    const compressors = flags.map((all) => all.filter(({ cause }) => cause === 'compressor'));
    expect(compressors.filter(({ length }) => length > 0).length).toBeGreaterThanOrEqual(5);
    for (const all of compressors) {
      expect(all.length).toBeLessThanOrEqual(1);
      for (const { at, score, aheadMs } of all) {
        expect(at).toBeGreaterThan(10 * DAY);
        expect(score).toBeLessThanOrEqual(1);
        expect(aheadMs).toBeLessThanOrEqual(14 * DAY);
      }
    }
  });

  it('goes on to the last bit wherever it was put away, in a state that does not grow', () => {
    const whole = new StoreForesight();
    let kept = new StoreForesight();
    const size = stateOf(kept).length;
    let k = 0;
    let flags = 0;
    for (const { at, value } of failing('kept', 'weak-compressor', 1, 14)) {
      const row = whole.next(at, value);
      expect(kept.next(at, value)).toEqual(row);
      flags += row.length;
      if (k++ % 101 !== 0 && row.length === 0) continue;
      const state = stateOf(kept);
      expect(state).toHaveLength(size);
      kept = new StoreForesight();
      expect(takeUp(kept, state)).toBe(true);
      expect(stateOf(kept)).toEqual(state);
    }
    expect(flags).toBeGreaterThan(0);
    expect(takeUp(kept, new Float64Array(size - 1))).toBe(false);
  });

  it('does not look at a reading that comes again', () => {
    const foresight = new StoreForesight();
    for (const { at, value } of course(2, () => 5)) foresight.next(at, value);
    const before = stateOf(foresight);
    expect(foresight.next(DAY, 30)).toEqual([]);
    expect(stateOf(foresight)).toEqual(before);
  });
});
