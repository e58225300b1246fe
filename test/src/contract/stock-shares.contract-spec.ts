import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Actor, GTIN, LOT } from './custody-world.js';
import { PlanningWorld, weeklyRows } from './planning-world.js';

const BEGIN = '2026-06-01';
const HEADER = 'product,date,quantity,site\n';
/** Doses in a pack, as the pharmacies in the north count. */
const DOSES = 10;

interface Impact {
  readonly affected: readonly { readonly site: string; readonly sentence: string }[];
  readonly freeStockOfOthers: readonly {
    readonly organisation: string;
    readonly site: string;
    readonly free: number;
  }[];
}

let world: PlanningWorld;

const impactFor = async (as: Actor): Promise<Impact> =>
  (await world.api.expect(200, 'getSupplyImpact', { as, query: { gtin: GTIN, lot: LOT } })).body as unknown as Impact;
const share = (as: Actor, product: string, receiver: string): Promise<string> =>
  world.api.refused('shareStock', { as, body: { product, receiver } });
async function given(as: Actor, product: string, receiver: string): Promise<string> {
  const { body } = await world.api.expect(200, 'shareStock', { as, body: { product, receiver } });
  return String(body['id']);
}
const sharesOf = async (as: Actor): Promise<readonly Record<string, unknown>[]> =>
  (await world.api.expect(200, 'listStockShares', { as })).body['shares'] as readonly Record<string, unknown>[];

/** Every row of what a party plans by that is of somebody else, as the database shows it to him. */
function strangeRows(as: Actor): Promise<number[]> {
  return world.api.custody.as(as, async ({ transaction, organisation }) => {
    const counts: number[] = [];
    for (const table of ['article', 'article_pack', 'counted_lot', 'stock_count', 'forecast_newest', 'demand_series']) {
      const [row] = await transaction.query<{ count: number }>(
        `SELECT count(*)::integer AS count FROM ${table} WHERE organisation_id <> $1`,
        [organisation.id],
      );
      counts.push(row?.count ?? -1);
    }
    return counts;
  });
}

beforeAll(async () => {
  world = await PlanningWorld.open();
  await world.stocked('north', 8);
  await world.api.expect(200, 'setArticle', {
    as: 'north',
    body: {
      code: 'vaccine',
      substance: 'vaccine',
      strength: '0.5 ml',
      form: 'suspension',
      baseUnit: 'dose',
      packs: [{ gtin: GTIN, baseUnits: DOSES, packsPerCase: 1, role: 'current' }],
    },
  });
  const weekly = (place: string): string =>
    weeklyRows(
      GTIN,
      BEGIN,
      60,
      (week) => 3 + (week % 2),
      () => `,${place}`,
    );
  await world.import('north', `${HEADER}${weekly('9520003000018')}`);
  await world.import('south', `${HEADER}${weekly('ward-1')}${weekly('ward-2')}`);
  for (const as of ['north', 'south'] as const) await world.job(as);
  await world.runJobs();
  for (const [site, lots] of [
    ['ward-1', { [LOT]: 500, OTHER: 100 }],
    // What it needs itself, and no more.
    ['ward-2', { OTHER: 1 }],
  ] as const) {
    await world.api.expect(200, 'countStock', {
      as: 'south',
      body: {
        site,
        lots: Object.entries(lots).map(([lot, packs]) => ({ gtin: GTIN, lot, expiry: '2030-12-31', packs })),
      },
    });
  }
}, 60_000);
afterAll(() => world.close());

describe('free stock of others', () => {
  it('is not told of while nobody shares it', async () => {
    const { affected, freeStockOfOthers } = await impactFor('north');
    expect(affected).toHaveLength(1);
    expect(affected[0]?.sentence).toMatch(/; no other site of yours has free stock$/);
    expect(freeStockOfOthers).toEqual([]);
    expect(await sharesOf('south')).toEqual([]);
  });

  it('is shared by quality, of what the organisation plans, with another one', async () => {
    expect(await share('south', 'vaccine', 'pharmacy-north')).toBe('404 article-unknown');
    expect(await share('south', '09520001000013', 'north')).toBe('422 check-digit-wrong');
    expect(await share('south', GTIN, 'nobody')).toBe('404 organisation-unknown');
    expect(await share('south', GTIN, 'south')).toBe('422 share-with-itself');
    const shared = { as: 'south', role: 'dispenser', body: { product: GTIN, receiver: 'north' } } as const;
    expect(await world.api.refused('shareStock', shared)).toBe('403 forbidden');
    expect(await sharesOf('south')).toEqual([]);
  });

  it('stays unknown to who is told of something else, or where somebody else is told of it', async () => {
    const article = { code: 'plaster', substance: 'x', strength: 'x', form: 'x', baseUnit: 'piece', packs: [] };
    await world.api.expect(200, 'setArticle', { as: 'south', body: article });
    await given('south', 'plaster', 'north');
    await given('south', GTIN, 'carrier');
    expect((await impactFor('north')).freeStockOfOthers).toEqual([]);
    expect((await sharesOf('north')).map(({ product }) => product)).toEqual(['plaster']);
  });

  it('is named with its place, without the lot in question, in units of who asks', async () => {
    const id = await given('south', GTIN, 'north');
    expect(await given('south', GTIN, 'north')).toBe(id);
    const { affected, freeStockOfOthers } = await impactFor('north');
    // 100 packs of the other lot, less what the ward needs itself, some 10 to 20 packs.
    expect(freeStockOfOthers).toEqual([
      { organisation: 'south', name: expect.any(String), site: 'ward-1', free: expect.any(Number) },
    ]);
    const free = freeStockOfOthers[0]?.free ?? NaN;
    expect(free).toBeGreaterThan(75 * DOSES);
    expect(free).toBeLessThan(95 * DOSES);
    expect(affected[0]?.sentence).toContain(`; ${free} are free at `);
    expect((await sharesOf('north')).find((one) => one['id'] === id)).toMatchObject({
      direction: 'received',
      organisation: 'south',
      product: GTIN,
      withdrawnAt: null,
    });
  });

  it('opens nothing else, to nobody else', async () => {
    expect((await impactFor('maker')).freeStockOfOthers).toEqual([]);
    expect(await sharesOf('maker')).toEqual([]);
    // Who gives it is not told of who receives it, also where he counted the same lot.
    const { affected, freeStockOfOthers } = await impactFor('south');
    expect([affected.map(({ site }) => site), freeStockOfOthers]).toEqual([['ward-1'], []]);
    for (const as of ['north', 'maker'] as const) expect([as, await strangeRows(as)]).toEqual([as, [0, 0, 0, 0, 0, 0]]);
    for (const operation of ['listForecasts', 'listReorder'] as const) {
      const { body } = await world.api.expect(200, operation, { as: 'north' });
      expect(JSON.stringify(body)).not.toContain('ward-1');
    }
    // Nobody can give himself a share, nor take up one that is withdrawn.
    await expect(
      world.api.custody.as('north', ({ transaction, organisation }) =>
        transaction.query(
          `INSERT INTO stock_share (organisation_id, receiver_id, product, shared_at)
           SELECT id, $1, 'x', now() FROM organisation WHERE slug = 'maker'`,
          [organisation.id],
        ),
      ),
    ).rejects.toThrow(/row-level security/);
    const changed = await world.api.custody.as('north', ({ transaction }) =>
      transaction.query('UPDATE stock_share SET withdrawn_at = NULL RETURNING id'),
    );
    expect(changed).toEqual([]);
  });

  it('ends when its owner withdraws it, and only then', async () => {
    const shared = (await sharesOf('south')).find(
      ({ product, organisation }) => product === GTIN && organisation === 'north',
    );
    const params = { share: String(shared?.['id']) };
    expect(await world.api.refused('withdrawStockShare', { as: 'north', params })).toBe('404 share-unknown');
    expect((await impactFor('north')).freeStockOfOthers).toHaveLength(1);
    const { body } = await world.api.expect(200, 'withdrawStockShare', { as: 'south', params });
    expect(body).toMatchObject({ direction: 'given', organisation: 'north', withdrawnAt: expect.any(String) });
    expect((await impactFor('north')).freeStockOfOthers).toEqual([]);
    // and may be shared again
    expect(await given('south', GTIN, 'north')).toBe(params.share);
    expect((await impactFor('north')).freeStockOfOthers).toHaveLength(1);
  });

  it('is shared by the code of an article also where that has eight digits, as national codes have', async () => {
    // The second could be a GTIN as well.
    for (const code of ['12345678', '12345670']) {
      const article = { code, substance: 'x', strength: 'x', form: 'x', baseUnit: 'piece', packs: [] };
      await world.api.expect(200, 'setArticle', { as: 'south', body: article });
      await given('south', code, 'maker');
    }
    expect((await sharesOf('maker')).map(({ product }) => product)).toEqual(['12345678', '12345670']);
  });
});
