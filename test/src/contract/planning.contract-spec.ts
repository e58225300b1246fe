import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { carton, GTIN, LOT } from './custody-world.js';
import { DAY_MS, PlanningWorld, weeklyRows } from './planning-world.js';

interface Series {
  readonly product: string;
  readonly site: string;
  readonly source: string;
  readonly sources: readonly string[];
  readonly periods: readonly { readonly from: string; readonly quantity: number | null; readonly available: number }[];
}

/** The world begins on Monday, 2026-06-01. */
const BEGIN = '2026-06-01';
const HEADER = 'product,date,quantity\n';
const level = (week: number): number => 20 + (week % 4);

async function demandOf(world: PlanningWorld, as: 'north' | 'south' | 'maker', query = {}): Promise<readonly Series[]> {
  const { body } = await world.api.expect(200, 'listDemand', { as, query });
  return body['series'] as readonly Series[];
}

describe('from dispensing packs to an order', () => {
  let world: PlanningWorld;
  beforeAll(async () => {
    world = await PlanningWorld.open();
    await world.stocked('north', 12);
  }, 60_000);
  afterAll(() => world.close());

  it('counts what was dispensed as demand, and undoes what was reverted', async () => {
    await world.dispense('north', 1, 5, DAY_MS / 4);
    expect(await demandOf(world, 'north')).toEqual([]);
    world.api.custody.clock.advance(7 * DAY_MS);
    const [before] = await demandOf(world, 'north');
    expect(before).toMatchObject({ product: GTIN, source: 'dispensed', sources: ['dispensed', 'delivered'] });
    expect(before?.periods).toEqual([{ from: BEGIN, quantity: 5, available: 13 / 14 }]);
    await world.api.expect(201, 'revertDecommission', {
      as: 'north',
      role: 'dispenser',
      params: { id: `${GTIN}.S5` },
      body: { lot: LOT },
    });
    const [after] = await demandOf(world, 'north');
    expect(after?.periods.map(({ quantity }) => quantity)).toEqual([4]);
  });

  it('does not count what was destroyed or stolen', async () => {
    await world.api.expect(201, 'decommissionPack', {
      as: 'north',
      role: 'quality',
      params: { id: `${GTIN}.S6` },
      body: { lot: LOT, status: 'destroyed' },
    });
    world.api.custody.clock.advance(7 * DAY_MS);
    const [series] = await demandOf(world, 'north');
    expect(series?.periods.map(({ quantity }) => quantity)).toEqual([4, 0]);
  });

  it('tells in one sentence what to order by when, from the saleable stock of this moment', async () => {
    await world.api.expect(200, 'setArticle', {
      as: 'north',
      body: {
        code: 'vaccine',
        substance: 'vaccine',
        strength: '0.5 ml',
        form: 'suspension',
        baseUnit: 'dose',
        packs: [{ gtin: GTIN, baseUnits: 10, packsPerCase: 5, role: 'current' }],
      },
    });
    const imported = await world.import('north', HEADER + weeklyRows('vaccine', BEGIN, 60, level));
    expect(imported).toMatchObject({ status: 201, body: { rows: 60, series: 1, refusedSeries: 0, repeated: false } });
    const job = await world.job('north');
    await world.runJobs();
    expect(await world.jobState('north', job)).toMatchObject({ state: 'done', total: 1, done: 1, refused: 0 });

    const { body } = await world.api.expect(200, 'listReorder', { as: 'north' });
    const [advice] = body['advice'] as readonly Record<string, unknown>[];
    // 12 came, 4 were dispensed, 1 destroyed: 7 packs of 10 doses.
    expect(advice).toMatchObject({ product: 'vaccine', baseUnit: 'dose', source: 'dispensed', model: 'harmonic@2' });
    expect(advice?.['stock']).toMatchObject({ saleable: 70, held: 0, onOrder: 0 });
    expect(advice?.['orderGtin']).toBe(GTIN);
    expect(advice?.['sentence']).toMatch(/^Order \d+ cases? of 5 (today|by \w+)/);

    const choices = await world.api.expect(200, 'whatIfService', { as: 'north', query: { product: 'vaccine' } });
    const points = (choices.body['choices'] as readonly { readonly reorderPoint: number }[]).map(
      (one) => one.reorderPoint,
    );
    expect(points).toEqual([...points].sort((a, b) => a - b));
    expect(points[2]).toBe(advice?.['reorderPoint']);
    // The only product is all of the business; nobody told what it costs.
    expect(advice).toMatchObject({ service: 0.95, serviceBasis: { ven: 'essential', abc: 'A', basis: 'volume' } });
    expect(await world.api.refused('whatIfService', { as: 'south', query: { product: 'vaccine' } })).toBe(
      '404 not-found',
    );

    // A hold takes the stock away, and the order is due.
    await world.api.expect(201, 'placeHold', {
      as: 'north',
      body: { ssccs: [carton(1)], kind: 'security', note: 'a seal is broken' },
    });
    const held = (await world.api.expect(200, 'listReorder', { as: 'north' })).body;
    const [now] = held['advice'] as readonly Record<string, unknown>[];
    expect(now?.['stock']).toMatchObject({ saleable: 0, held: 70 });
    expect(now?.['sentence']).toMatch(/^Order \d+ cases? of 5 today$/);
    expect(Number(now?.['orderPacks']) % 5).toBe(0);
    expect(Number(now?.['orderPacks'])).toBeGreaterThan(0);
  });

  it('shows an organisation its own only', async () => {
    for (const operation of ['listForecasts', 'listReorder', 'listDemand', 'listArticles', 'listJobs'] as const) {
      const { body } = await world.api.expect(200, operation, { as: 'south' });
      expect([operation, Object.values(body).find(Array.isArray)]).toEqual([operation, []]);
    }
    expect(await world.api.refused('getJob', { as: 'south', params: { id: '1' } })).toBe('404 not-found');
    expect(await world.api.refused('cancelJob', { as: 'south', params: { id: '1' } })).toBe('404 not-found');
    expect(await world.api.refused('getSupplyImpact', { as: 'south', query: { gtin: GTIN, lot: LOT } })).toBe(
      '404 batch-unknown',
    );
    expect(await world.api.refused('createJob', { as: 'north', role: 'auditor', body: { kind: 'forecast' } })).toBe(
      '403 forbidden',
    );
  });
});

describe('goods that move', () => {
  let world: PlanningWorld;
  beforeAll(async () => {
    world = await PlanningWorld.open();
    await world.api.certifiedBatch();
  }, 60_000);
  afterAll(() => world.close());

  it('are issued and delivered; called back, refused and returned ones are no demand', async () => {
    const { api } = world;
    for (const [number, from, to] of [
      [1, 1, 3],
      [2, 4, 8],
      [3, 9, 10],
      [4, 11, 20],
    ] as const) {
      await api.pack(carton(number), from, to);
    }
    await api.deliver('maker', 'carrier', carton(1), carton(2), carton(3), carton(4));
    // To the pharmacy: 3 that stay, 5 that come back, 2 that are called back, 10 that are refused.
    await api.deliver('carrier', 'north', carton(1), carton(2));
    const recalled = await api.ship('carrier', 'north', carton(3));
    api.custody.clock.advance(1000);
    await api.expect(201, 'cancelShipment', {
      as: 'carrier',
      role: 'shipper',
      params: { shipment: recalled },
      body: {},
    });
    const refused = await api.ship('carrier', 'north', carton(4));
    api.custody.clock.advance(1000);
    await api.expect(201, 'refuseReceipt', {
      as: 'north',
      role: 'shipper',
      params: { shipment: refused },
      body: { discrepancy: 'not ordered' },
    });
    await api.deliver('north', 'carrier', carton(2));
    api.custody.clock.advance(7 * DAY_MS);
    const sum = async (as: 'carrier' | 'north' | 'maker'): Promise<Record<string, number>> => {
      const { body } = await api.expect(200, 'listDemand', { as });
      const [series] = body['series'] as readonly Series[];
      return {
        [series?.source ?? 'none']: series?.periods.reduce((all, { quantity }) => all + (quantity ?? 0), 0) ?? 0,
      };
    };
    expect(await sum('maker')).toEqual({ issued: 20 });
    expect(await sum('carrier')).toEqual({ issued: 3 });
    expect(await sum('north')).toEqual({ delivered: 3 });
  });

  it('are issued again when a unit goes again to whom it came back from', async () => {
    const { api } = world;
    const issued = async (): Promise<number> => {
      const { body } = await api.expect(200, 'listDemand', { as: 'carrier' });
      const [series] = body['series'] as readonly Series[];
      return series?.periods.reduce((all, { quantity }) => all + (quantity ?? 0), 0) ?? 0;
    };
    await api.deliver('carrier', 'north', carton(2));
    api.custody.clock.advance(7 * DAY_MS);
    // The three that stay and the five that came back before.
    expect(await issued()).toBe(8);
    await api.deliver('north', 'carrier', carton(2));
    api.custody.clock.advance(7 * DAY_MS);
    expect(await issued()).toBe(3);
    await api.deliver('carrier', 'north', carton(2));
    api.custody.clock.advance(7 * DAY_MS);
    expect(await issued()).toBe(8);
    const { body } = await api.expect(200, 'listDemand', { as: 'north' });
    const [series] = body['series'] as readonly Series[];
    expect(series?.periods.reduce((all, { quantity }) => all + (quantity ?? 0), 0)).toBe(8);
  });

  it('are a delivery where packs are decommissioned at goods-in', async () => {
    await world.dispense('north', 1, 3, 1000);
    await world.api.expect(200, 'setPlanning', { as: 'north', body: { decommissionsAre: 'delivered' } });
    world.api.custody.clock.advance(7 * DAY_MS);
    const [series] = await demandOf(world, 'north');
    expect(series).toMatchObject({ source: 'delivered', sources: ['delivered'] });
    expect(series?.periods.map(({ quantity }) => quantity)).toEqual([3]);
  });
});
