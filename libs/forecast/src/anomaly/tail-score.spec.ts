import { describe, expect, it } from '@jest/globals';
import { SeededRandom } from '@coldchain/kernel';
import { NORMAL_EXCESS, TailScore } from './tail-score.js';

/** A score that has learned `count` draws. */
function learnedFrom(count: number, draw: (unit: number) => number, leastExcess?: number): TailScore {
  const random = new SeededRandom('tail-score');
  const tail = new TailScore(leastExcess);
  for (let index = 0; index < count; index++) tail.learn(draw(random.unit()));
  return tail;
}

describe('decades of a tail', () => {
  const exponential = learnedFrom(20_000, (unit) => -Math.log(1 - unit));

  it.each([0.5, 1, 2, 3])('are those of the rank where the past is dense (%p)', (value) => {
    expect(Math.abs(exponential.score(value) - value / Math.LN10)).toBeLessThan(0.1);
  });

  it.each([6, 9, 15, 30])('go on as an exponential tail beyond what was seen (%p)', (value) => {
    const decades = exponential.score(value) * Math.LN10;
    expect(Math.abs(decades - value) / value).toBeLessThan(0.15);
  });

  it('do not depend on the unit', () => {
    const scaled = learnedFrom(20_000, (unit) => -Math.log(1 - unit) * 1e6);
    for (const value of [1, 5, 12]) expect(scaled.score(value * 1e6)).toBeCloseTo(exponential.score(value), 1);
  });

  it('rise with the value', () => {
    let before = -1;
    for (let value = 0; value < 40; value += 0.25) {
      const decades = exponential.score(value);
      expect(decades).toBeGreaterThanOrEqual(before - 1e-9);
      before = decades;
    }
  });

  it('stay moderate where only a narrow tail would make them large', () => {
    const narrow = (unit: number): number => (unit < 0.99 ? unit : 1.2 + unit / 100);
    const light = learnedFrom(5_000, narrow).score(3);
    expect(light).toBeGreaterThan(6.5);
    expect(learnedFrom(5_000, narrow, NORMAL_EXCESS).score(3)).toBeLessThan(light - 0.3);
  });

  it('are at most what the length of the past can tell where it has no tail', () => {
    expect(learnedFrom(999, () => 1).score(1e9)).toBeCloseTo(3, 2);
  });

  it('are 0 without a past, and finite for every value', () => {
    expect(new TailScore().score(5)).toBe(0);
    for (const values of [[0, 0, 0], [1e15], [1e-300, 1e300], [5, 5, 5, 5], [Number.MIN_VALUE, 0, 0]]) {
      const tail = new TailScore();
      for (const value of values) tail.learn(value);
      for (const value of [0, 1e-300, 1, 1e15, 1e300]) {
        expect(Number.isFinite(tail.score(value))).toBe(true);
        expect(tail.score(value)).toBeGreaterThanOrEqual(0);
      }
    }
  });

  it('count what is learned with a small share little', () => {
    const [full, little] = [learnedFrom(2_000, (unit) => unit), learnedFrom(2_000, (unit) => unit)];
    for (let index = 0; index < 50; index++) {
      full.learn(10);
      little.learn(10, 0.03);
    }
    expect(little.score(10)).toBeGreaterThan(full.score(10) + 1.5);
  });
});
