import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fitDemand } from '../forecast-demand.js';
import { oneStepVariance } from './one-step-variance.js';
import { type HierarchyNode, reconcile } from './reconcile.js';

const node = (name: string, members: number[], value: number, variance: number): HierarchyNode => ({
  name,
  members,
  forecast: Float64Array.of(value),
  variance,
});

describe('reconciliation', () => {
  it('by hand: two series and their total, all equally sure, share the gap in thirds', () => {
    const nodes = [node('total', [0, 1], 12, 1), node('a', [0], 4, 1), node('b', [1], 5, 1)];
    // The gap is 3: a and b get one more each, the total one less.
    expect(reconcile(nodes, 2).map(([value]) => value)).toEqual([11, 5, 6].map((value) => expect.closeTo(value, 9)));
  });

  it('moves what is least sure', () => {
    const nodes = [node('total', [0, 1], 12, 0.001), node('a', [0], 4, 0.001), node('b', [1], 5, 10)];
    const [total, a, b] = reconcile(nodes, 2).map(([value]) => value as number);
    expect(total).toBeCloseTo(12, 2);
    expect(a).toBeCloseTo(4, 2);
    expect(b).toBeCloseTo(8, 2);
  });

  it('adds up over products and sites at once, and leaves forecasts that add up as they are', () => {
    // Series: product × site, 2 × 3; nodes: total, products, sites, series.
    const memberships = [
      [0, 1, 2, 3, 4, 5],
      [0, 1, 2],
      [3, 4, 5],
      [0, 3],
      [1, 4],
      [2, 5],
      [0],
      [1],
      [2],
      [3],
      [4],
      [5],
    ];
    const values = fc.array(fc.double({ min: 0, max: 1000, noNaN: true }), { minLength: 12, maxLength: 12 });
    const variances = fc.array(fc.double({ min: 0.01, max: 100, noNaN: true }), { minLength: 12, maxLength: 12 });
    fc.assert(
      fc.property(values, variances, (forecasts, spread) => {
        const nodes = memberships.map((members, i) =>
          node(String(i), members, forecasts[i] as number, spread[i] as number),
        );
        const result = reconcile(nodes, 6).map(([value]) => value as number);
        const series = result.slice(6);
        const addsUp = memberships.every((members, i) => {
          const sum = members.reduce((total, member) => total + (series[member] as number), 0);
          return Math.abs(sum - (result[i] as number)) < 1e-6;
        });
        const again = reconcile(
          nodes.map((entry, i) => ({ ...entry, forecast: Float64Array.of(result[i] as number) })),
          6,
        );
        return addsUp && again.every(([value], i) => Math.abs((value as number) - (result[i] as number)) < 1e-6);
      }),
    );
  });

  it('takes its weights from the errors of the models: the unsteady series is moved', () => {
    const noise = (t: number): number => (((t * 7919 + 13) * 0.6180339887498949) % 1) * 2 - 1;
    const fit = (value: (t: number) => number) =>
      fitDemand({ quantities: Array.from({ length: 60 }, (_, t) => value(t)), frequency: 'month' }, 1);
    const steady = fit((t) => 100 + noise(t));
    const unsteady = fit((t) => 100 + 60 * noise(3 * t));
    expect(oneStepVariance(unsteady)).toBeGreaterThan(100 * oneStepVariance(steady));
    expect(oneStepVariance(fit(() => 5))).toBeGreaterThan(0);
    const nodes = [
      node('total', [0, 1], 260, oneStepVariance(steady)),
      node('steady', [0], 100, oneStepVariance(steady)),
      node('unsteady', [1], 100, oneStepVariance(unsteady)),
    ];
    const [, first = NaN, second = NaN] = reconcile(nodes, 2).map(([value]) => value);
    expect(Math.abs(first - 100)).toBeLessThan(2);
    expect(second).toBeGreaterThan(155);
  });

  it('refuses what is no hierarchy', () => {
    const invalid = expect.objectContaining({ code: 'hierarchy-invalid' });
    expect(() => reconcile([node('a', [0], 1, 1)], 2)).toThrow(invalid);
    expect(() => reconcile([node('a', [0], 1, 0)], 1)).toThrow(invalid);
    expect(() => reconcile([node('a', [0, 0], 1, 1)], 1)).toThrow(invalid);
    expect(() => reconcile([], 0)).toThrow(invalid);
  });
});
