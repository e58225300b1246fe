import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fitDemand, type FittedDemand } from '../forecast-demand.js';
import { expectedWaste } from './expected-waste.js';
import { leadTimeDemand } from './lead-time-demand.js';
import { daysToReorderPoint, orderSentence } from './order-sentence.js';
import { adviseReorder } from './reorder-advice.js';
import {
  economicOrderQuantity,
  expectedShortage,
  orderQuantity,
  reachedService,
  reorderLevels,
  serviceChoices,
} from './reorder.js';
import { abcClasses, minMaxLevels, periodsOfStock, serviceLevelFor } from './stock-levels.js';
import { firstExpiredFirstOut, saleableStock, type StockPosition } from './stock-position.js';
import { periodsUntilDry, supplyImpact } from './supply-impact.js';

const noise = (t: number): number => (((t * 7919 + 13) * 0.6180339887498949) % 1) * 2 - 1;
const demandOf = (quantities: readonly number[], horizon = 12): FittedDemand =>
  fitDemand({ quantities, frequency: 'month' }, horizon);
const months = (length: number, value: (t: number) => number): number[] => Array.from({ length }, (_, t) => value(t));
const STEADY = demandOf(months(60, (t) => Math.round(100 + 20 * noise(t))));
const RARE = demandOf(months(60, (t) => (t % 8 === 3 ? 4 + (t % 3) : 0)));
const CONTINUOUS = demandOf(months(60, (t) => 10 + 3 * noise(t)));
const POLICY = { leadTime: 2, review: 1, service: 0.95 };
const position = (over: Partial<StockPosition>): StockPosition => ({
  lots: [],
  onOrder: 0,
  packSize: 1,
  minimumOrder: 0,
  ...over,
});

describe('lead-time demand', () => {
  it('takes its estimates from the kind of demand', () => {
    expect(leadTimeDemand(STEADY, { periods: 3 }).methods).toEqual(['negative-binomial', 'conformal']);
    expect(leadTimeDemand(RARE, { periods: 3 }).methods).toEqual(['negative-binomial', 'blocks']);
    expect(leadTimeDemand(demandOf([5, 6, 7]), { periods: 3 }).methods).toEqual(['negative-binomial']);
  });

  it('has a mean near the demand, quantiles that rise, and more of both over a longer time or with a lead time that varies', () => {
    const distribution = leadTimeDemand(STEADY, { periods: 3 });
    expect(Math.abs(distribution.mean - 300)).toBeLessThan(20);
    const distributions = [STEADY, RARE, CONTINUOUS].map((demand) => leadTimeDemand(demand, { periods: 3 }));
    fc.assert(
      fc.property(fc.double({ min: 0.02, max: 0.97, noNaN: true }), (p) =>
        distributions.every((one) => one.quantile(p) <= one.quantile(p + 0.02) && one.quantile(p) >= 0),
      ),
    );
    const at = (periods: number, spread: number): number => leadTimeDemand(STEADY, { periods, spread }).quantile(0.95);
    expect(at(3.5, 0)).toBeGreaterThan(at(3, 0));
    expect(at(3, 1)).toBeGreaterThan(at(3, 0) + 50);
  });

  it('covers what comes about as often as it says', () => {
    const values = months(160, (t) => Math.max(0, Math.round(30 + 14 * noise(t) + 10 * noise(3 * t + 1))));
    let covered = 0;
    let origins = 0;
    for (let known = 60; known + 3 <= values.length; known += 4) {
      const demand = leadTimeDemand(demandOf(values.slice(0, known), 3), { periods: 3 });
      const total = values.slice(known, known + 3).reduce((a, b) => a + b, 0);
      origins++;
      if (total <= demand.quantile(0.9)) covered++;
    }
    expect(covered / origins).toBeGreaterThan(0.8);
    expect(covered / origins).toBeLessThan(1);
  });

  it('of a new product is widened for its lead time by what is not known of its demand, not by more', () => {
    const fresh = demandOf([100]);
    const at = (spread: number): number => leadTimeDemand(fresh, { periods: 1, spread }).quantile(0.95) - 100;
    // The deviation is 60 % of the level at least: half a period more or less of 100 makes 61 of it 79.
    expect(at(0.5) / at(0)).toBeCloseTo(Math.sqrt(1 + 50 ** 2 / (60 ** 2 + 100)), 6);
  });

  it('of next to no time is next to nothing', () => {
    expect(leadTimeDemand(CONTINUOUS, { periods: 1e-200 }).quantile(0.99)).toBeLessThan(1e-100);
  });

  it('of no demand is nothing, and a period beyond the horizon is refused', () => {
    expect(leadTimeDemand(demandOf(months(20, () => 0)), { periods: 3 }).quantile(0.99)).toBe(0);
    expect(() => leadTimeDemand(STEADY, { periods: 13 })).toThrow(expect.objectContaining({ code: 'horizon-invalid' }));
  });
});

describe('reorder levels', () => {
  it('rise with the service level; safety stock is what is above the expected demand', () => {
    const levels = [0.5, 0.8, 0.95, 0.99].map((service) => reorderLevels(STEADY, { ...POLICY, service }));
    levels.reduce((before, after) => {
      expect(after.reorderPoint).toBeGreaterThan(before.reorderPoint);
      return after;
    });
    const { reorderPoint, safetyStock, leadTimeDemand: demand, orderUpTo } = levels[2] as (typeof levels)[0];
    expect(safetyStock).toBeCloseTo(reorderPoint - demand.mean, 9);
    expect(orderUpTo).toBeCloseTo(reorderPoint + demand.mean / 3, 9);
  });

  it('never ask for more than is sold within the shelf life', () => {
    const fresh = reorderLevels(STEADY, { ...POLICY, shelfLife: 2 });
    expect(fresh.orderUpTo).toBeLessThan(230);
    expect(fresh.reorderPoint).toBeLessThanOrEqual(fresh.orderUpTo);
  });

  it('know a shelf life beyond the longest horizon: two years of days', () => {
    const days = fitDemand({ quantities: months(200, (t) => 10 + (t % 7)), frequency: 'day' }, 400);
    const levels = (shelfLife: number) => reorderLevels(days, { ...POLICY, wantedQuantity: 1e6, shelfLife }).orderUpTo;
    expect(levels(730) / levels(365)).toBeCloseTo(2, 1);
  });

  it('become orders of whole cases, at least the minimum, and none above the reorder point', () => {
    const levels = { ...reorderLevels(STEADY, POLICY), reorderPoint: 50, orderUpTo: 80 };
    const lots = (quantity: number) => [{ quantity, expiresIn: null }];
    expect(orderQuantity(levels, position({ lots: lots(51) }))).toBe(0);
    expect(orderQuantity(levels, position({ lots: lots(50) }))).toBe(30);
    expect(orderQuantity(levels, position({ lots: lots(49), packSize: 10 }))).toBe(40);
    expect(orderQuantity(levels, position({ lots: lots(20), onOrder: 31 }))).toBe(0);
    expect(orderQuantity(levels, position({ lots: lots(50), minimumOrder: 65, packSize: 10 }))).toBe(70);
    expect(orderQuantity(levels, position({ lots: lots(60) }), { expectedWaste: 20 })).toBe(40);
    expect(() => orderQuantity(levels, position({ packSize: 0 }))).toThrow(
      expect.objectContaining({ code: 'stock-invalid' }),
    );
    expect(() => orderQuantity(levels, position({ lots: lots(NaN) }))).toThrow(
      expect.objectContaining({ code: 'stock-invalid' }),
    );
  });

  it('held, recalled, expired and thermally spent stock does not count', () => {
    const lots = [
      { quantity: 1, expiresIn: 5 },
      { quantity: 2, expiresIn: 5, state: 'held' as const },
      { quantity: 4, expiresIn: 5, state: 'recalled' as const },
      { quantity: 8, expiresIn: 0 },
      { quantity: 16, expiresIn: 5, budgetLeft: 0 },
      { quantity: 32, expiresIn: 5, budgetLeft: 0.1 },
      { quantity: 64, expiresIn: 1 },
    ];
    expect(saleableStock(lots)).toBe(1 + 32 + 64);
    expect(saleableStock(lots, 2)).toBe(1 + 32);
  });

  it('what-if: a higher service level takes more stock and leaves less short', () => {
    const [low, high] = serviceChoices(STEADY, POLICY, [0.8, 0.99], 100);
    expect(high?.safetyStock).toBeGreaterThan(low?.safetyStock ?? 0);
    expect(high?.expectedShortage).toBeLessThan(low?.expectedShortage ?? 0);
    expect(high?.fillRate).toBeGreaterThan(0.99);
    expect(expectedShortage(leadTimeDemand(STEADY, { periods: 3 }), 0)).toBeCloseTo(
      leadTimeDemand(STEADY, { periods: 3 }).mean,
      -1,
    );
  });

  it('what-if: tells what whole units reach, which is never less than was asked for, and less with one unit less', () => {
    for (const { service, reached, reorderPoint } of serviceChoices(RARE, POLICY, [0.8, 0.9, 0.95, 0.99], 10)) {
      expect(reached).toBeGreaterThan(service - 1e-9);
      expect(reachedService(leadTimeDemand(RARE, { periods: 3 }), reorderPoint - 1)).toBeLessThan(service);
    }
    expect(serviceChoices(CONTINUOUS, POLICY, [0.9], 10)[0]?.reached).toBeCloseTo(0.9, 6);
    const spoiling = serviceChoices(STEADY, { ...POLICY, shelfLife: 2 }, [0.95], 10)[0];
    expect(spoiling?.reached).toBeLessThan(0.5);
    const none = demandOf(months(20, () => 0));
    expect(serviceChoices(none, POLICY, [0.95], 10)[0]?.reached).toBe(0.9999);
  });

  it('economic order quantity of the textbook: 1,200 a year, 50 an order, 3 a unit and year', () => {
    expect(economicOrderQuantity(1200, 50, 3)).toBeCloseTo(200, 10);
  });
});

describe('first expired, first out', () => {
  it('sorts saleable lots by expiry, without expiry last', () => {
    const lots = [3, null, 1, 2].map((expiresIn, i) => ({ quantity: i, expiresIn }));
    expect(firstExpiredFirstOut(lots).map(({ expiresIn }) => expiresIn)).toEqual([1, 2, 3, null]);
  });

  it('expected waste: what certain demand does not take before the expiry', () => {
    const tenAPeriod = (periods: number): number => 10 * periods;
    const waste = expectedWaste(
      [
        { quantity: 25, expiresIn: 2 },
        { quantity: 15, expiresIn: 3 },
        { quantity: 99, expiresIn: null },
      ],
      tenAPeriod,
    );
    // 20 of 25 are sold in two periods, 10 of 15 in the third.
    expect(waste.map(({ expectedWaste: units }) => units)).toEqual([5, 5, 0].map((units) => expect.closeTo(units, 9)));
  });

  it('waste grows with uncertainty', () => {
    const spread =
      (width: number) =>
      (periods: number, p: number): number =>
        10 * periods + width * (p - 0.5);
    const units = (width: number): number =>
      expectedWaste([{ quantity: 20, expiresIn: 2 }], spread(width))[0]?.expectedWaste ?? NaN;
    expect(units(0)).toBe(0);
    expect(units(8)).toBeCloseTo(1, 1);
  });
});

describe('advice', () => {
  const clock = { now: Date.UTC(2026, 10, 20), daysPerPeriod: 30 };
  const history = { quantities: months(60, (t) => Math.round(100 + 20 * noise(t))), frequency: 'month' as const };

  it('is a sentence', () => {
    const day = { quantity: 30, packSize: 10, now: Date.UTC(2026, 10, 20) };
    expect(orderSentence({ ...day, daysToReorderPoint: 4.2 })).toBe('Order 3 cases of 10 by Tuesday');
    expect(orderSentence({ ...day, daysToReorderPoint: 0.5, quantity: 10 })).toBe('Order 1 case of 10 today');
    expect(orderSentence({ ...day, daysToReorderPoint: 30, packSize: 1 })).toBe('Order 30 units by 2026-12-20');
    expect(orderSentence({ ...day, daysToReorderPoint: 0, quantity: 0 })).toBe('Order nothing now');
    expect(daysToReorderPoint(100, 40, 10)).toBe(6);
  });

  it('says nothing of an order where it knows no stock', () => {
    expect(adviseReorder(history, POLICY, null, clock)).toMatchObject({ orderQuantity: null, sentence: null });
  });

  it('orders now below the reorder point, names the next order above it, and does not count what will expire', () => {
    const stock = (quantity: number, expiresIn: number | null = null) =>
      adviseReorder(history, POLICY, position({ lots: [{ quantity, expiresIn }], packSize: 10 }), clock);
    expect(stock(100).sentence).toMatch(/^Order \d+ cases of 10 today$/);
    const plenty = stock(1000);
    expect(plenty.orderQuantity).toBe(0);
    expect(plenty.sentence).toMatch(/^Order \d+ cases of 10 by 2027-0[5-8]-\d\d$/);
    const short = stock(1000, 1);
    expect(short.expectedWaste).toBeGreaterThan(850);
    expect(short.orderQuantity).toBeGreaterThan(200);
  });
});

describe('levels of public supply', () => {
  it('periods of stock, min–max, ABC and VEN', () => {
    expect([periodsOfStock(300, 100), periodsOfStock(5, 0), periodsOfStock(0, 0)]).toEqual([3, Infinity, 0]);
    expect(minMaxLevels(100, { leadTime: 2, review: 1, buffer: 1 })).toEqual({
      minimumPeriods: 3,
      maximumPeriods: 4,
      minimum: 300,
      maximum: 400,
      emergency: 200,
    });
    expect(abcClasses([10, 700, 150, 100, 40, 0])).toEqual(['C', 'A', 'A', 'B', 'C', 'C']);
    expect(serviceLevelFor('vital', 'C')).toBe(0.99);
    expect(serviceLevelFor('essential', 'A')).toBeLessThan(serviceLevelFor('essential', 'C'));
  });
});

describe('supply impact of a batch', () => {
  const lot = (batch: string, quantity: number, expiresIn: number | null = null) => ({ batch, quantity, expiresIn });
  const demand = [10, 10, 10, 10];

  it('says who runs dry, when, and who has free stock', () => {
    const impact = supplyImpact(
      [
        { site: 'north', lots: [lot('B1', 30), lot('B2', 5)], demand },
        { site: 'south', lots: [lot('B1', 10), lot('B2', 25)], demand },
        { site: 'depot', lots: [lot('B3', 200)], demand, needed: 50 },
        { site: 'held', lots: [{ ...lot('B1', 90), state: 'held' }], demand },
      ],
      'B1',
    );
    expect(impact.affected).toEqual([
      { site: 'north', lost: 30, dryAfter: 3.5, dryAfterWithout: 0.5 },
      { site: 'south', lost: 10, dryAfter: 3.5, dryAfterWithout: 2.5 },
    ]);
    expect(impact.freeStock).toEqual([
      { site: 'depot', free: 150 },
      { site: 'south', free: 25 },
      { site: 'north', free: 5 },
    ]);
  });

  it('stock that expires does not keep a site supplied', () => {
    expect(periodsUntilDry([lot('B1', 100, 2)], demand)).toBe(2);
    expect(periodsUntilDry([lot('B1', 100, 0.5), lot('B2', 10)], demand)).toBe(1.5);
    expect(periodsUntilDry([lot('B1', 40)], demand)).toBeNull();
  });
});
