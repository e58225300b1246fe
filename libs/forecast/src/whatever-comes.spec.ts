import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { byPeriod, daysIn, parseDay } from './demand/calendar.js';
import type { DemandHistory } from './demand/demand-history.js';
import { FREQUENCIES } from './demand/frequency.js';
import { groupSeasons } from './demand/group-season.js';
import { type DemandForecast, fitDemand, forecastDemand } from './forecast-demand.js';
import { ForecastError, type ForecastErrorCode } from './forecast-error.js';
import { baseForecast, productTotal, reconcileSites } from './hierarchy/site-hierarchy.js';
import { adviseReorder } from './inventory/reorder-advice.js';
import { horizonFor, type ReorderPolicy, serviceChoices } from './inventory/reorder.js';
import { orderByPlan, reorderPlan } from './inventory/reorder-plan.js';
import type { StockPosition } from './inventory/stock-position.js';

/*
 * Series of every kind, of every frequency, against all that is made of them. A failure names the seed that repeats it.
 */
const RUNS = 40;
const OPTIONS = { horizon: 7, levels: [80, 95] };
const GREATEST = 1e15;

const noise = (seed: number, t: number): number => (((t * 7919 + seed) * 0.6180339887498949) % 1) * 2 - 1;
/** Value of period t of a series of this length and level. */
type Shape = (t: number, length: number, level: number, seed: number) => number;
const SHAPES: readonly Shape[] = [
  (_, __, level) => level,
  () => 0,
  (t, _, level) => level * (1 + t / 10),
  (t, length, level) => (t < length / 2 ? level : 3 * level),
  (t, _, level, seed) => level * (1 + 0.5 * Math.sin(t / 2)) * (1 + 0.2 * noise(seed, t)),
  (t, _, level, seed) => ((t + seed) % 9 === 0 ? Math.round(level) : 0),
  (t, length, level, seed) => (t === seed % length ? 1e4 * level : level),
  (t, _, level) => (t % 5 === 0 ? -level : level / 2),
  (t, length, level, seed) => (t < 0.7 * length ? level * (1 + 0.1 * noise(seed, t)) : 0),
  (t, length, level) => (t < 0.7 * length ? 0 : level),
  (t, _, __, seed) => (GREATEST * (1 + 0.1 * noise(seed, t))) / 1.2,
];
const shaped = fc
  .record({
    shape: fc.constantFrom(...SHAPES),
    length: fc.integer({ min: 1, max: 170 }),
    level: fc.oneof(fc.constantFrom(1, 7, 1e-6, 1e6, GREATEST / 4), fc.double({ min: 0.01, max: 1e6, noNaN: true })),
    seed: fc.nat(1000),
    hole: fc.option(fc.integer({ min: 2, max: 9 })),
  })
  .map(({ shape, length, level, seed, hole }) =>
    Array.from({ length }, (_, t) =>
      hole !== null && t % hole === 1 ? null : Math.min(Math.max(shape(t, length, level, seed), -GREATEST), GREATEST),
    ),
  );
const anything = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.nat(60) },
    { weight: 4, arbitrary: fc.constant(0) },
    { weight: 2, arbitrary: fc.double({ min: -100, max: 1000, noNaN: true }) },
    { weight: 1, arbitrary: fc.double({ min: -GREATEST, max: GREATEST, noNaN: true }) },
    { weight: 1, arbitrary: fc.constantFrom(null, GREATEST, -GREATEST, 1e-300, Number.MIN_VALUE, -0, 1e-9) },
  ),
  { minLength: 1, maxLength: 130 },
);
const quantities = fc.oneof({ weight: 2, arbitrary: anything }, { weight: 3, arbitrary: shaped });
const frequency = fc.constantFrom(...FREQUENCIES);
const share = fc.oneof(
  { weight: 5, arbitrary: fc.constant(1) },
  { weight: 1, arbitrary: fc.double({ min: 0, max: 1, noNaN: true }) },
  { weight: 1, arbitrary: fc.constant(0) },
);
const history: fc.Arbitrary<DemandHistory> = fc
  .tuple(quantities, frequency, fc.option(fc.array(share, { minLength: 170, maxLength: 170 })))
  .map(([values, every, shares]) => ({
    quantities: values,
    frequency: every,
    ...(shares === null ? {} : { available: shares.slice(0, values.length) }),
  }));
const policy: fc.Arbitrary<ReorderPolicy> = fc.record(
  {
    leadTime: fc.oneof(fc.double({ min: 0, max: 8, noNaN: true }), fc.constantFrom(0, 0.23, 3)),
    review: fc.oneof(fc.double({ min: 0.01, max: 4, noNaN: true }), fc.constant(1)),
    leadTimeSpread: fc.constantFrom(0, 0.5, 3),
    service: fc.oneof(fc.double({ min: 0.001, max: 0.9999, noNaN: true }), fc.constantFrom(0.5, 0.95, 0.99)),
    shelfLife: fc.double({ min: 0.1, max: 900, noNaN: true }),
    minimumRemaining: fc.constantFrom(0, 1, 3),
  },
  { requiredKeys: ['leadTime', 'review', 'service'] },
);
const position: fc.Arbitrary<StockPosition> = fc.record({
  lots: fc.array(
    fc.record({
      quantity: fc.oneof(fc.nat(1000), fc.double({ min: 0, max: GREATEST, noNaN: true })),
      expiresIn: fc.option(fc.double({ min: -2, max: 40, noNaN: true })),
    }),
    { maxLength: 4 },
  ),
  onOrder: fc.nat(500),
  packSize: fc.constantFrom(1, 10, 0.5, 60),
  minimumOrder: fc.constantFrom(0, 25, 1000),
});

/** What was made, or nothing where the refusal is one of these. */
function unless<Made>(refusals: readonly ForecastErrorCode[], make: () => Made): Made | null {
  try {
    return make();
  } catch (error) {
    if (error instanceof ForecastError && refusals.includes(error.code)) return null;
    throw error;
  }
}

const NOTHING_KNOWN = ['series-empty'] as const;
const clockOf = ({ frequency: every }: DemandHistory) => ({ now: Date.UTC(2026, 1, 1), daysPerPeriod: daysIn(every) });

function expectSound({ steps }: DemandForecast): void {
  for (const { mean, intervals } of steps) {
    const [narrow, wide] = intervals.map(({ lower, upper }) => [lower, upper] as const);
    const rising = [0, wide?.[0], narrow?.[0], mean, narrow?.[1], wide?.[1], Number.MAX_VALUE];
    expect(rising).toEqual([...rising].sort((a = NaN, b = NaN) => a - b));
    expect(rising.every(Number.isFinite)).toBe(true);
  }
}
function expectAmounts(amounts: readonly (number | null)[]): void {
  expect(amounts.filter((amount) => !(amount !== null && amount >= 0 && amount < Infinity))).toEqual([]);
}
const UNSPEAKABLE = /NaN|Infinity|undefined|null|e\+/;

describe('whatever comes', () => {
  it('a forecast is sound', () => {
    fc.assert(
      fc.property(history, (one) => {
        const forecast = unless(NOTHING_KNOWN, () => forecastDemand(one, OPTIONS));
        if (forecast !== null) expectSound(forecast);
      }),
      { numRuns: RUNS },
    );
  });

  it('a forecast with the season of others is sound, and that season has a mean of one', () => {
    const members = fc.array(fc.record({ quantities, firstPeriod: fc.integer({ min: -3000, max: 30_000 }) }), {
      minLength: 2,
      maxLength: 5,
    });
    fc.assert(
      fc.property(members, frequency, (group, every) => {
        const known = group.map(({ firstPeriod, quantities: values }) => ({
          firstPeriod,
          history: { quantities: values, frequency: every },
        }));
        const seasons = groupSeasons(known);
        known.forEach(({ history: one }, i) => {
          const groupProfile = seasons[i] ?? null;
          if (groupProfile === null) return;
          expect([...groupProfile].filter((ratio) => !(ratio > 0 && ratio < Infinity))).toEqual([]);
          const forecast = unless(NOTHING_KNOWN, () => forecastDemand(one, { ...OPTIONS, groupProfile }));
          if (forecast !== null) expectSound(forecast);
        });
      }),
      { numRuns: RUNS },
    );
  });

  it('advice has amounts, and a sentence that can be read', () => {
    fc.assert(
      fc.property(history, policy, position, (one, rules, stock) => {
        const advice = unless(NOTHING_KNOWN, () => adviseReorder(one, rules, stock, clockOf(one)));
        if (advice === null) return;
        const { reorderPoint, orderUpTo, safetyStock, orderQuantity, expectedWaste, sentence } = advice;
        expectAmounts([reorderPoint, orderUpTo, safetyStock, orderQuantity, expectedWaste]);
        expect(reorderPoint).toBeLessThanOrEqual(orderUpTo);
        expect(sentence).not.toMatch(UNSPEAKABLE);
      }),
      { numRuns: RUNS },
    );
  });

  it('a plan has quantiles that rise, and gives amounts', () => {
    fc.assert(
      fc.property(history, policy, position, (one, rules, stock) => {
        const plan = unless(NOTHING_KNOWN, () => reorderPlan(fitDemand(one, horizonFor(rules)), rules));
        if (plan === null) return;
        for (const quantiles of plan.cumulated) {
          expectAmounts(quantiles);
          expect(quantiles).toEqual([...quantiles].sort((a, b) => a - b));
        }
        const words = { baseUnitsPerPack: 1, packsPerCase: stock.packSize };
        const order = orderByPlan(plan, stock, clockOf(one), rules.minimumRemaining ?? 0, words);
        expectAmounts([order.saleable, order.orderQuantity, order.expectedWaste, order.nextOrderQuantity]);
        expect(order.sentence).not.toMatch(UNSPEAKABLE);
      }),
      { numRuns: RUNS },
    );
  });

  it('a what-if asks for more stock with more service, and reaches what is asked for', () => {
    fc.assert(
      fc.property(history, policy, (one, rules) => {
        const choices = unless(NOTHING_KNOWN, () =>
          serviceChoices(fitDemand(one, horizonFor(rules)), rules, [0.5, 0.9, 0.99], 10),
        );
        let before = 0;
        for (const { service, reached, reorderPoint, safetyStock, expectedShortage, fillRate } of choices ?? []) {
          expectAmounts([reorderPoint, safetyStock, expectedShortage, fillRate, reached, 1 - reached, 1 - fillRate]);
          expect(reorderPoint).toBeGreaterThanOrEqual(before);
          before = reorderPoint;
          if (rules.shelfLife === undefined) expect(reached).toBeGreaterThan(service - 1e-6);
        }
      }),
      { numRuns: RUNS / 2 },
    );
  });

  it('sites add up to their product', () => {
    fc.assert(
      fc.property(fc.array(quantities, { minLength: 2, maxLength: 5 }), frequency, (sites, every) => {
        const histories = sites.map((values) => ({ quantities: values, frequency: every }));
        // A total beyond what can be counted is refused: its sites then stand for themselves.
        unless([...NOTHING_KNOWN, 'series-too-large'], () => {
          const total = productTotal(histories);
          if (total === null) return;
          const bases = total.members.flatMap((i) => (histories[i] === undefined ? [] : baseForecast(histories[i], 5)));
          for (const forecast of reconcileSites(baseForecast(total.history, 5), bases)) expectAmounts([...forecast]);
        });
      }),
      { numRuns: RUNS },
    );
  });

  it('days twice are refused, others are counted once', () => {
    const days = fc.array(fc.record({ offset: fc.integer({ min: 0, max: 400 }), quantity: fc.nat(50) }), {
      minLength: 1,
      maxLength: 60,
    });
    const first = parseDay('2024-02-28') ?? NaN;
    fc.assert(
      fc.property(days, frequency, (rows, every) => {
        const dated = rows.map(({ offset, quantity }) => ({ day: first + offset, quantity, available: 1 }));
        const twice = new Set(rows.map(({ offset }) => offset)).size < rows.length;
        const made = unless(twice ? ['calendar-invalid'] : [], () => byPeriod(dated, every));
        expect(made === null).toBe(twice);
        const sum = made?.quantities.reduce<number>((total, quantity) => total + (quantity ?? 0), 0);
        if (made !== null) expect(sum).toBe(rows.reduce((total, { quantity }) => total + quantity, 0));
      }),
      { numRuns: RUNS },
    );
  });
});
