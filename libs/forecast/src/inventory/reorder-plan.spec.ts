import { describe, expect, it } from '@jest/globals';
import {
  adviseReorder,
  fitDemand,
  horizonFor,
  orderByPlan,
  reorderPlan,
  type ReorderPolicy,
  type StockLot,
} from '../index.js';

const NOW = Date.parse('2026-03-06T00:00:00Z');
const CLOCK = { now: NOW, daysPerPeriod: 7 };
const POLICY: ReorderPolicy = { leadTime: 2, review: 1, service: 0.95 };
const quantities = Array.from({ length: 80 }, (_, t) => Math.round(40 + 8 * Math.sin(t * 1.7) + 5 * Math.sin(t * 0.4)));
const history = { quantities, frequency: 'week' as const };
const WORDS = { baseUnitsPerPack: 1, packsPerCase: 10 };
const positionOf = (lots: readonly StockLot[], onOrder = 0) => ({ lots, onOrder, packSize: 10, minimumOrder: 0 });
const plan = reorderPlan(fitDemand(history, horizonFor(POLICY)), POLICY);

describe('an order by a plan that was made before', () => {
  it.each([
    ['none', []],
    ['much', [{ quantity: 400, expiresIn: null }]],
    ['some', [{ quantity: 150, expiresIn: 40 }]],
    ['held', [{ quantity: 400, expiresIn: null, state: 'held' as const }]],
    ['spent', [{ quantity: 400, expiresIn: null, budgetLeft: 0 }]],
  ] satisfies [string, StockLot[]][])('is the one that the whole history gives: %s', (_, lots) => {
    const whole = adviseReorder(history, POLICY, positionOf(lots), CLOCK);
    const planned = orderByPlan(plan, positionOf(lots), CLOCK, 0, WORDS);
    expect({ order: planned.orderQuantity, sentence: planned.sentence }).toEqual({
      order: whole.orderQuantity,
      sentence: whole.sentence,
    });
    expect(plan.reorderPoint).toBe(whole.reorderPoint);
  });

  it('loses about as much of a lot that expires early', () => {
    const lots = [
      { quantity: 200, expiresIn: 1.5 },
      { quantity: 60, expiresIn: null },
    ];
    const whole = adviseReorder(history, POLICY, positionOf(lots), CLOCK);
    const planned = orderByPlan(plan, positionOf(lots), CLOCK, 0, WORDS);
    expect(whole.expectedWaste).toBeGreaterThan(50);
    expect(Math.abs(planned.expectedWaste - whole.expectedWaste)).toBeLessThan(0.05 * whole.expectedWaste);
  });

  it('is told in packs and cases, whatever the base unit is', () => {
    const tablets = {
      lots: [{ quantity: plan.reorderPoint + 200, expiresIn: null }],
      onOrder: 0,
      packSize: 60,
      minimumOrder: 0,
    };
    const order = orderByPlan(plan, tablets, CLOCK, 0, { baseUnitsPerPack: 20, packsPerCase: 3 });
    expect(order.orderQuantity).toBe(0);
    expect(order.nextOrderQuantity % 60).toBe(0);
    expect(order.sentence).toMatch(/^Order \d+ cases? of 3 by 2026-\d\d-\d\d$/);
  });

  it('is nothing where nothing is demanded', () => {
    const none = reorderPlan(fitDemand({ quantities: Array(30).fill(0), frequency: 'week' }, 3), POLICY);
    const order = orderByPlan(none, positionOf([]), CLOCK, 0, WORDS);
    expect([order.orderQuantity, order.sentence]).toEqual([0, 'Order nothing now']);
  });
});
