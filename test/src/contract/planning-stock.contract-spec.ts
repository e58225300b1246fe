import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { keyOf } from './api-world.js';
import { packReadingsOf } from './api-readings.js';
import { carton, GTIN, HOUR_MS, LOT } from './custody-world.js';
import { PlanningWorld, weeklyRows } from './planning-world.js';

const BEGIN = '2026-06-01';
const HEADER = 'product,date,quantity\n';

interface Lot {
  readonly sscc: string;
  readonly quantity: number;
  readonly state: string;
  readonly budgetLeftPercent: number;
}
interface Advice {
  readonly product: string;
  readonly site: string;
  readonly sentence: string;
  readonly stock: Record<string, number> | null;
  readonly lots: readonly Lot[];
}

async function adviceOf(world: PlanningWorld, as: 'maker' | 'north'): Promise<readonly Advice[]> {
  const { body } = await world.api.expect(200, 'listReorder', { as });
  return body['advice'] as readonly Advice[];
}

describe('stock that counts', () => {
  let world: PlanningWorld;
  beforeAll(async () => {
    world = await PlanningWorld.open();
    const { api } = world;
    await api.certifiedBatch('logger');
    await api.expect(201, 'registerLogger', { role: 'device-manager', body: { serial: 'L1', intervalMs: 300_000 } });
    await api.pack(carton(1), 1, 6, 'L1');
    await api.anchorAll();
    await world.import('maker', HEADER + weeklyRows(GTIN, BEGIN, 60, (week) => 2 + (week % 2)));
    await world.job('maker');
    await world.runJobs();
  }, 60_000);
  afterAll(() => world.close());

  /** What the verdict says of a pack, and what the advice says of its carton. */
  async function both(): Promise<[string, string, number]> {
    const [advice] = await adviceOf(world, 'maker');
    const lot = advice?.lots.find(({ sscc }) => sscc === carton(1));
    const pack = `(01)${GTIN}(10)${LOT}(21)S1`;
    return [await world.api.verdict(pack, 'maker'), lot?.state ?? 'none', lot?.budgetLeftPercent ?? -1];
  }

  it('is nothing that another one has rejected, though no hold is on it', async () => {
    const { owner } = world.api.custody;
    await packReadingsOf(world.api, 'L1', HOUR_MS, 5_000);
    expect(await both()).toEqual(['ok no-objection', 'free', 100]);
    await owner.query(
      `INSERT INTO deviation_case (unit_id, organisation_id, opened_at, decision)
       SELECT u.id, $1, now(), 'reject' FROM unit u WHERE u.sscc = $2`,
      [world.api.custody.organisation('carrier').id, carton(1)],
    );
    expect(await both()).toEqual(['do-not-use on-hold', 'held', 100]);
    const [advice] = await adviceOf(world, 'maker');
    expect(advice?.stock).toMatchObject({ saleable: 0, held: 6 });
    await owner.query('DELETE FROM deviation_case');
  });

  it('is what the verdict says ok of, by the same budget', async () => {
    await packReadingsOf(world.api, 'L1', HOUR_MS, 5_000);
    expect(await both()).toEqual(['ok no-objection', 'free', 100]);
    // Ten hours above 8 °C are allowed.
    await packReadingsOf(world.api, 'L1', 4 * HOUR_MS, 9_000);
    expect(await both()).toEqual(['ok no-objection', 'free', 60]);
    world.api.custody.clock.advance(2 * HOUR_MS);
    await world.api.confirm();
    expect(await both()).toEqual(['unknown evidence-missing', 'without-budget', 0]);
    await packReadingsOf(world.api, 'L1', 11 * HOUR_MS, 9_000);
    const [verdict, state, left] = await both();
    expect([verdict.startsWith('do-not-use'), state, left]).toEqual([true, 'without-budget', 0]);
    const [advice] = await adviceOf(world, 'maker');
    expect(advice?.stock).toMatchObject({ saleable: 0, withoutBudget: 6 });
  });
});

describe('stock of a site', () => {
  let world: PlanningWorld;
  beforeAll(async () => {
    world = await PlanningWorld.open();
    await world.stocked('north', 8);
    await world.api.pack(carton(2), 9, 20);
    await world.api.ship('maker', 'north', carton(2));
    const site = '9520003000018';
    const rows = ['ward-1', 'ward-2', site].map((place) =>
      weeklyRows(
        GTIN,
        BEGIN,
        60,
        (week) => 3 + (week % 2),
        () => `,${place}`,
      ),
    );
    await world.import('north', `product,date,quantity,site\n${rows.join('')}`);
    await world.job('north');
    await world.runJobs();
    for (const [place, lot, packs] of [
      ['ward-1', LOT, 5],
      ['ward-2', 'OTHER', 400],
    ] as const) {
      await world.api.expect(200, 'countStock', {
        as: 'north',
        body: { site: place, lots: [{ gtin: GTIN, lot, expiry: '2030-12-31', packs }] },
      });
    }
  }, 60_000);
  afterAll(() => world.close());

  it('is on its way until it is received, and then there', async () => {
    const own = async (): Promise<Record<string, number> | null | undefined> =>
      (await adviceOf(world, 'north')).find(({ site }) => site.length === 13)?.stock;
    expect(await own()).toMatchObject({ saleable: 8, onOrder: 12 });
    world.api.custody.clock.advance(1000);
    await world.api.expect(201, 'receiveUnits', { as: 'north', role: 'shipper', body: { ssccs: [carton(2)] } });
    expect(await own()).toMatchObject({ saleable: 20, onOrder: 0 });
  });

  it('tells who runs dry without a batch, and where free stock is', async () => {
    const { body } = await world.api.expect(200, 'getSupplyImpact', { as: 'north', query: { gtin: GTIN, lot: LOT } });
    const affected = body['affected'] as readonly Record<string, unknown>[];
    expect(affected.map(({ site, lost }) => [site, lost])).toEqual([
      ['9520003000018', 20],
      ['ward-1', 5],
    ]);
    expect(affected[1]).toMatchObject({
      dryOnWithout: BEGIN,
      sentence: expect.stringMatching(/^Runs dry on 2026-06-01/),
    });
    expect(Date.parse(String(affected[0]?.['dryOn']))).toBeGreaterThan(Date.parse(BEGIN) + 21 * 86_400_000);
    const free = body['freeStock'] as readonly { readonly site: string; readonly free: number }[];
    expect(free.map(({ site }) => site)).toEqual(['ward-2']);
    expect(free[0]?.free).toBeGreaterThan(380);
  });

  it('is the last count of it; the own place is not counted', async () => {
    const lots = [{ gtin: GTIN, lot: 'OLD', expiry: '2026-05-01', packs: 7 }];
    await world.api.expect(200, 'countStock', { as: 'north', body: { site: 'ward-1', lots } });
    const ward = (await adviceOf(world, 'north')).find(({ site }) => site === 'ward-1');
    expect(ward?.stock).toMatchObject({ saleable: 0, expired: 7 });
    expect(await world.api.refused('countStock', { as: 'north', body: { site: '9520003000018', lots } })).toBe(
      '409 site-has-custody',
    );
  });

  it('is what was counted where packs are decommissioned when they come in, and not known before', async () => {
    const { api } = world;
    const place = '9520003000018';
    const own = async (): Promise<Advice | undefined> =>
      (await adviceOf(world, 'north')).find(({ site }) => site === place);
    const plan = (decommissionsAre: string) =>
      api.expect(200, 'setPlanning', { as: 'north', body: { decommissionsAre } });
    await plan('delivered');
    expect(await own()).toMatchObject({ stock: null, sentence: expect.stringMatching(/^Stock unknown: count it/) });
    const overview = await api.custody.as('north', ({ transaction }) =>
      transaction.query<Record<string, unknown>>('SELECT free FROM supply_overview WHERE site = $1', [place]),
    );
    expect(overview).toEqual([{ free: null }]);
    const lots = [{ gtin: GTIN, lot: LOT, expiry: '2030-12-31', packs: 17 }];
    const { body } = await api.expect(200, 'countStock', { as: 'north', body: { site: place, lots } });
    // Not with the twenty of custody, some of which were counted.
    expect((await own())?.stock).toMatchObject({ saleable: 17, countedAt: body['countedAt'] });
    await plan('dispensed');
    expect((await own())?.stock).toMatchObject({ saleable: 20, countedAt: null });
  });

  it('is asked for by the page to the last one of its pages', async () => {
    const { url } = world.api.api;
    const page = new URL('../../../apps/api/assets/api.js', import.meta.url).href;
    const { getAll } = (await import(page)) as {
      readonly getAll: (
        this: void,
        path: string,
        name: string,
        parameters: Record<string, string>,
      ) => Promise<readonly Advice[]>;
    };
    const [networked, asked] = [globalThis.fetch, [] as string[]];
    Object.assign(globalThis, {
      sessionStorage: { getItem: () => keyOf('north', 'quality') },
      fetch: (path: string, options: RequestInit) => {
        asked.push(path);
        return networked(`${url}${path}`, options);
      },
    });
    try {
      const all = await getAll('/v1/reorder', 'advice', { limit: '2' });
      expect(all.map(({ site }) => site)).toEqual(['9520003000018', 'ward-1', 'ward-2']);
      expect(asked).toHaveLength(2);
    } finally {
      Object.assign(globalThis, { sessionStorage: undefined, fetch: networked });
    }
  });

  it('goes with a recall, in advice and in the overview for people', async () => {
    await world.api.expect(201, 'recallBatch', {
      params: { gtin: GTIN, lot: LOT },
      body: { class: 1, depth: 'patient' },
    });
    const own = (await adviceOf(world, 'north')).find(({ site }) => site.length === 13);
    expect(own?.stock).toMatchObject({ saleable: 0, recalled: 20 });
    expect(own?.sentence).toMatch(/today$/);
    const rows = await world.api.custody.as('north', ({ transaction }) =>
      transaction.query<Record<string, unknown>>('SELECT * FROM supply_overview ORDER BY site'),
    );
    expect(rows).toHaveLength(3);
    expect(rows[0]).toMatchObject({ article: GTIN, source: 'dispensed', frequency: 'week', recalled: 20, free: null });
    expect(rows[0]?.['last_in']).toBeInstanceOf(Date);
    expect(
      await world.api.custody.as('south', ({ transaction }) => transaction.query('SELECT 1 FROM supply_overview')),
    ).toEqual([]);
  });
});
