import { describe, expect, it } from '@jest/globals';
import { formatDay, parseDay } from '@coldchain/forecast';
import { type KnownDemand, planningHistory, type StockChange } from './demand-history.js';

const day = (text: string): number => parseDay(text) ?? Number.NaN;
const known = (firstDay: string, lastDay: string, quantity: number | null): KnownDemand => ({
  product: 'x',
  source: 'dispensed',
  origin: 'import',
  firstDay,
  lastDay,
  rows: day(lastDay) - day(firstDay) + 1,
  quantity,
  available: 1,
});
const event = (on: string, quantity: number, source: KnownDemand['source'] = 'dispensed'): KnownDemand => ({
  ...known(on, on, quantity),
  source,
  origin: 'events',
});
const imported = (on: string, quantity: number | null): KnownDemand => known(on, on, quantity);
const UNTIL = day('2026-05-01');

describe('planningHistory', () => {
  it('is nothing where nothing is known', () => {
    expect(planningHistory([], [], 'month', UNTIL)).toBeNull();
  });

  it('uses the source that is nearest to patients, and adds none up', () => {
    const demand = [event('2026-04-01', 9, 'delivered'), event('2026-04-01', 5), event('2026-03-01', 4)];
    expect(planningHistory(demand, [], 'month', UNTIL)).toMatchObject({
      source: 'dispensed',
      sources: ['dispensed', 'delivered'],
      quantities: [4, 5],
    });
  });

  it('takes the import where there is one, and nothing between events for zero', () => {
    const demand = [
      imported('2025-12-01', 7),
      imported('2026-01-01', 8),
      event('2026-01-01', 3),
      event('2026-02-01', 2),
    ];
    const history = planningHistory(demand, [], 'month', UNTIL);
    expect(history?.quantities).toEqual([7, 8, 2, 0, 0]);
    expect([history?.firstDay, history?.lastDay].map((at) => formatDay(at ?? 0))).toEqual(['2025-12-01', '2026-04-30']);
  });

  it('takes a list by days for its days, and what events tell of the others of the month', () => {
    const list = [known('2026-02-01', '2026-02-28', 280), known('2026-03-01', '2026-03-10', 100)];
    const events = [event('2026-03-09', 4), event('2026-03-10', 3), event('2026-03-11', 9), event('2026-03-31', 8)];
    expect(planningHistory([...list, ...events, event('2026-04-02', 30)], [], 'month', UNTIL)?.quantities).toEqual([
      280, 117, 30,
    ]);
    // What the list does not know stays unknown, whatever events add.
    const unknown = [known('2026-02-01', '2026-02-28', 280), known('2026-03-01', '2026-03-10', null)];
    expect(planningHistory([...unknown, ...events], [], 'month', UNTIL)?.quantities).toEqual([280, null, 0]);
  });

  it('leaves holes of an import open', () => {
    const demand = [imported('2026-01-01', 7), imported('2026-02-01', 6), imported('2026-04-01', 5)];
    expect(planningHistory(demand, [], 'month', UNTIL)?.quantities).toEqual([7, 6, null, 5]);
  });

  it('adds the packs of an article up, and does not know the sum where it does not know a part', () => {
    const rows = [imported('2026-03-01', 7), { ...imported('2026-03-01', 2), product: 'y' }, imported('2026-04-01', 7)];
    expect(
      planningHistory([...rows, { ...imported('2026-04-01', null), product: 'y' }], [], 'month', UNTIL)?.quantities,
    ).toEqual([9, null]);
  });
});

describe('availability', () => {
  const change = (on: string, packs: number): StockChange => ({ day: on, change: packs, added: Math.max(packs, 0) });
  const shares = (changes: readonly StockChange[]): readonly number[] | undefined =>
    planningHistory([event('2026-02-01', 1), event('2026-04-01', 1)], changes, 'month', UNTIL)?.available.map(
      (share) => Math.round(share * 1000) / 1000,
    );

  it('is the share of days on which the trail of the stock shows any', () => {
    // Ten came on 1 February, the last went on 1 March, new ones came on 16 April.
    expect(shares([change('2026-02-01', 10), change('2026-03-01', -10), change('2026-04-16', 5)])).toEqual([
      Math.round((27.5 / 28) * 1000) / 1000,
      Math.round((0.5 / 31) * 1000) / 1000,
      Math.round((14.5 / 30) * 1000) / 1000,
    ]);
  });

  it('is not doubted where the trail does not begin at nothing', () => {
    // More went than came: there was stock before.
    expect(shares([change('2026-02-10', 5), change('2026-03-05', -12)])?.slice(0, 1)).toEqual([1]);
    // Nothing ever came: made here, or recorded elsewhere.
    expect(shares([change('2026-02-10', -5)])).toEqual([1, 1, 1]);
  });
});

describe('goods that go on as they come', () => {
  it('are not out of stock because the shelf is empty', () => {
    const changes = [
      { day: '2026-02-02', change: 10, added: 10 },
      { day: '2026-02-03', change: -10, added: 0 },
    ];
    const history = planningHistory([event('2026-02-01', 10, 'issued')], changes, 'month', UNTIL);
    expect([history?.quantities, history?.available]).toEqual([
      [10, 0, 0],
      [1, 1, 1],
    ]);
  });
});
