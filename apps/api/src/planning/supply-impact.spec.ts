import { describe, expect, it } from '@jest/globals';
import type { Frequency } from '@coldchain/forecast';
import { adviceOf, type AdviceFacts } from './reorder.js';
import { impactOf } from './supply-impact.js';

const NOW = Date.parse('2026-06-01T10:00:00Z');
const REORDER = {
  reorderPoint: 5,
  orderUpTo: 50,
  safetyStock: 2,
  protectionPeriods: 2,
  meanPerPeriod: 7,
  cumulated: [new Array<number>(9).fill(7), new Array<number>(9).fill(14)],
};

interface Site {
  readonly site?: string;
  readonly frequency?: Frequency;
  readonly mean?: number;
  readonly froms?: readonly string[];
  readonly packs?: number;
  readonly batchKey?: string;
  readonly windowUntil?: string;
  readonly now?: number;
  readonly countedAt?: Date | null;
}

function facts(of: Site = {}): AdviceFacts {
  const { site = 'ward', frequency = 'week', mean = 7, froms = ['2026-06-01', '2026-06-08'], packs = 3 } = of;
  const steps = froms.map((from, at) => ({
    from,
    step: at + 1,
    mean,
    lower80: mean,
    upper80: mean,
    lower95: mean,
    upper95: mean,
  }));
  const document = { model: 'mean@1', frequency, steps, service: 0.95, reorder: REORDER };
  const gtin = '09520001000012';
  return {
    forecast: {
      job_id: 1,
      product: gtin,
      site,
      source: 'dispensed',
      model: 'mean@1',
      computed_at: new Date(NOW),
      window_from: '2026-01-01',
      window_until: of.windowUntil ?? '2026-06-01',
      input_sha256: '',
      document: JSON.stringify(document),
      document_sha256: '',
    },
    article: null,
    name: 'Vaccine',
    lots: [
      {
        gtin,
        site,
        lot: 'L',
        expiry: '2030-12-31',
        batchKey: of.batchKey ?? 'bad',
        sscc: '',
        packs,
        state: 'free',
        origin: 'counted',
        budgetLeftPercent: 100,
      },
    ],
    countedAt: of.countedAt ?? null,
    now: of.now ?? NOW,
  };
}

describe('impactOf', () => {
  it('counts every site in days of its own forecast', () => {
    const good = (site: string, frequency: Frequency, mean: number): AdviceFacts[] => {
      const froms = frequency === 'week' ? ['2026-06-01', '2026-06-08'] : ['2026-06-01', '2026-07-01'];
      const both = facts({ site, frequency, mean, froms, packs: 6 });
      const { lots } = facts({ site, batchKey: 'good', packs: 10 });
      return [{ ...both, lots: [...(both.lots ?? []), ...(lots ?? [])] }];
    };
    // Ten packs are left, and one is needed a day.
    const { affected } = impactOf([...good('weekly', 'week', 7), ...good('monthly', 'month', 30)], 'bad');
    expect(affected.map(({ site, dryOnWithout }) => [site, dryOnWithout])).toEqual([
      ['monthly', '2026-06-11'],
      ['weekly', '2026-06-11'],
    ]);
  });

  it('begins with today, not with the first step of a forecast', () => {
    const now = Date.parse('2026-06-05T10:00:00Z');
    const site = facts({ packs: 5, now });
    // Five days of one a day.
    expect(impactOf([site], 'bad').affected[0]?.dryOn).toBe('2026-06-10');
  });

  it('says that stock lasts beyond the forecast, and no more', () => {
    const { affected } = impactOf([facts({ packs: 1 }), facts({ site: 'big', mean: 0.1 })], 'bad');
    expect(affected.map(({ sentence }) => sentence.split(';')[0])).toEqual([
      'Runs dry on 2026-06-01 without it',
      'Runs dry on 2026-06-01 without it',
    ]);
    const both = facts({ mean: 0.1 });
    const rest = { ...both, lots: [...(both.lots ?? []), ...(facts({ batchKey: 'good', packs: 9 }).lots ?? [])] };
    expect(impactOf([rest], 'bad').affected[0]?.sentence).toMatch(
      /^Lasts beyond the forecast \(until 2026-06-15\) without it; /,
    );
  });

  it('tells nothing by a forecast that is out of date', () => {
    const now = Date.parse('2026-06-20T10:00:00Z');
    const { affected, freeStock } = impactOf(
      [facts({ now }), facts({ site: 'other', batchKey: 'good', packs: 500, now })],
      'bad',
    );
    expect(affected[0]).toMatchObject({ dryOn: null, dryOnWithout: null });
    expect(affected[0]?.sentence).toMatch(/^The forecast is out of date/);
    expect(freeStock).toEqual([]);
  });
});

describe('adviceOf', () => {
  it('orders, and tells when the stock was counted', () => {
    const advice = adviceOf(facts({ countedAt: new Date('2026-05-20T08:00:00Z') }));
    expect(advice).toMatchObject({ outOfDate: false, stock: { countedAt: '2026-05-20T08:00:00.000Z' } });
    expect(advice.sentence).toMatch(/^Order \d+ units today$/);
    expect(advice.orderPacks).toBeGreaterThan(0);
  });

  it('never orders by a forecast that is out of date', () => {
    const advice = adviceOf(facts({ now: Date.parse('2026-06-09T10:00:00Z') }));
    expect(advice).toMatchObject({ outOfDate: true, orderPacks: 0, stock: { saleable: 3, periodsOfStock: null } });
    expect(advice.sentence).toMatch(/^The forecast is out of date: it knows demand until 2026-06-01/);
  });

  it('asks to count stock that is not known', () => {
    expect(adviceOf({ ...facts(), lots: null })).toMatchObject({
      stock: null,
      orderPacks: 0,
      sentence: 'Stock unknown: count it. Order when it is down to 5',
    });
  });
});
