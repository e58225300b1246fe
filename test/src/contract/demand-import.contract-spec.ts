import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { gtinOf } from '@coldchain/gs1';
import { keyOf } from './api-world.js';
import { GTIN } from './custody-world.js';
import { PlanningWorld, weeklyRows } from './planning-world.js';

const BEGIN = '2026-06-01';
const OLD = gtinOf('9520001', 10002);
const HEADER = 'product,date,quantity\n';

interface Outcome {
  readonly rows: number;
  readonly series: number;
  readonly refusedSeries: number;
  readonly repeated: boolean;
  readonly problems: readonly { readonly line: number; readonly code: string; readonly detail: string }[];
}

describe('imported demand', () => {
  let world: PlanningWorld;
  beforeAll(async () => {
    world = await PlanningWorld.open();
  }, 60_000);
  afterAll(() => world.close());

  const outcome = async (csv: string, as: 'north' | 'south' = 'north'): Promise<Outcome> =>
    (await world.import(as, csv)).body as unknown as Outcome;

  async function quantities(product: string, query: Record<string, string> = {}): Promise<(number | null)[]> {
    const { body } = await world.api.expect(200, 'listDemand', { as: 'north', query: { product, ...query } });
    const [series] = body['series'] as readonly { readonly periods: readonly { readonly quantity: number | null }[] }[];
    return series?.periods.map(({ quantity }) => quantity) ?? [];
  }

  it('names bad rows by line, and takes nothing of their series', async () => {
    const csv = [
      'product,date,quantity,site,source,available',
      'good,2026-01-05,3,,,',
      'good,2026-01-12,,,,0.5',
      'bad,2026-01-05,3,,,',
      'bad,2026-02-30,3,,,',
      'many,2026-01-05,lots,,,',
      `${GTIN.slice(0, 13)}9,2026-01-05,1,,,`,
      'stolen,2026-01-05,1,,stolen,',
      'share,2026-01-05,1,,,1.5',
      'twice,2026-01-05,1,,,',
      'twice,2026-01-05,2,,,',
      'huge,2026-01-05,2e15,,,',
      '"quoted, name",2026-01-05,1,,,',
      'elsewhere,2026-01-05,7,"Ward ""3""",issued,1',
      'old,0999-01-05,1,,,',
      'site,2026-01-05,1,\u0000,,',
    ].join('\n');
    const taken = await outcome(csv);
    expect(taken.problems.map(({ line, code }) => `${line} ${code}`)).toEqual([
      '5 date-invalid',
      '6 quantity-invalid',
      '7 product-invalid',
      '8 source-unknown',
      '9 available-invalid',
      '11 day-repeated',
      '12 quantity-invalid',
      '13 product-invalid',
      '15 date-invalid',
      '16 site-invalid',
    ]);
    expect(taken).toMatchObject({ rows: 3, series: 2, refusedSeries: 10, repeated: false });
    expect(await quantities('good')).toEqual([3, null]);
    expect(await quantities('bad')).toEqual([]);
    expect(await quantities('twice')).toEqual([]);
    expect(await quantities('elsewhere', { site: 'Ward "3"' })).toEqual([7]);
  });

  it('counts once, whoever sends it again; a later list holds for its days', async () => {
    const csv = HEADER + weeklyRows('once', BEGIN, 3, () => 5);
    expect(await outcome(csv)).toMatchObject({ rows: 3, repeated: false });
    expect(await outcome(csv)).toMatchObject({ rows: 3, repeated: true });
    expect(await quantities('once')).toEqual([5, 5, 5]);
    expect(await outcome(HEADER + weeklyRows('once', BEGIN, 2, () => 8))).toMatchObject({ rows: 2 });
    expect(await quantities('once')).toEqual([5, 8, 8]);
    // The same file of another organisation is another import.
    expect(await outcome(csv, 'south')).toMatchObject({ rows: 3, repeated: false });
  });

  it('is not known of a period of which a day is not', async () => {
    await outcome(`${HEADER}hole,2026-05-18,3\nhole,2026-05-19,\nhole,2026-05-20,4\nhole,2026-05-25,6\n`);
    expect(await quantities('hole')).toEqual([null, 6]);
  });

  it('begins again what was interrupted, and does not count it before it is complete', async () => {
    const { owner } = world.api.custody;
    const csv = HEADER + weeklyRows('torn', BEGIN, 4, () => 6);
    await outcome(csv);
    // As if the process had died after the first rows, a while ago, with rows of the file as it was read then.
    await owner.query(
      `UPDATE demand_import SET completed_at = NULL, outcome = NULL, started_at = started_at - interval '1 hour'
       WHERE id = (SELECT max(id) FROM demand_import)`,
    );
    expect(await quantities('torn')).toEqual([]);
    expect(await outcome(csv)).toMatchObject({ rows: 4, repeated: false });
    expect(await quantities('torn')).toEqual([6, 6, 6, 6]);

    await owner.query(
      `UPDATE demand_import SET completed_at = NULL, outcome = NULL, started_at = clock_timestamp()
       WHERE id = (SELECT max(id) FROM demand_import)`,
    );
    expect(await world.import('north', csv)).toMatchObject({ status: 409, body: { code: 'import-under-way' } });
  });

  it('ends when another attempt has taken it over, and writes nothing any more', async () => {
    const { owner } = world.api.custody;
    // As if this process had slept after its first rows, and another one had begun the import again.
    await owner.query(`CREATE FUNCTION take_over() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN UPDATE demand_import SET claim = claim + 1 WHERE completed_at IS NULL; RETURN NULL; END $$`);
    await owner.query('CREATE TRIGGER take_over AFTER INSERT ON demand_row EXECUTE FUNCTION take_over()');
    const csv = HEADER + weeklyRows('fenced', BEGIN, 4, () => 6);
    try {
      expect(await world.import('north', csv)).toMatchObject({ status: 409, body: { code: 'import-under-way' } });
    } finally {
      await owner.query('DROP TRIGGER take_over ON demand_row');
      await owner.query('DROP FUNCTION take_over()');
    }
    expect(await quantities('fenced')).toEqual([]);
    await owner.query(
      `UPDATE demand_import SET started_at = started_at - interval '1 hour' WHERE completed_at IS NULL`,
    );
    expect(await outcome(csv)).toMatchObject({ rows: 4, repeated: false });
    expect(await quantities('fenced')).toEqual([6, 6, 6, 6]);
  });

  it('is refused whole when it names more series than any list has, be they good or bad', async () => {
    const rows = Array.from({ length: 200_001 }, (_, series) => `none-${series},never,1\n`);
    expect(await world.import('north', HEADER + rows.join(''))).toMatchObject({
      status: 422,
      body: { code: 'csv-invalid', detail: expect.stringContaining('200000 series') },
    });
  }, 60_000);

  it('comes in many transactions, and a series may begin anywhere', async () => {
    const rows = Array.from({ length: 40 }, (_, series) =>
      weeklyRows(`many-${series}`, BEGIN, 400, (week) => week + series),
    );
    const csv = `${HEADER}${rows.join('')}many-0,2026-02-31,1\n`;
    expect(await outcome(csv)).toMatchObject({ rows: 39 * 400, series: 39, refusedSeries: 1 });
    expect(await quantities('many-0')).toEqual([]);
    expect((await quantities('many-39')).at(-1)).toBe(438);
  }, 60_000);

  it('adds packs and base units of an article', async () => {
    await world.api.expect(200, 'setArticle', {
      as: 'north',
      body: {
        code: 'tablet',
        substance: 'x',
        strength: '1 mg',
        form: 'tablet',
        baseUnit: 'tablet',
        packs: [
          { gtin: GTIN, baseUnits: 30, role: 'current' },
          { gtin: OLD, baseUnits: 10, role: 'predecessor' },
        ],
      },
    });
    const day = '2026-05-25';
    await outcome(`${HEADER}${GTIN},${day},2\n${OLD},${day},3\ntablet,${day},4\n`);
    expect(await quantities('tablet')).toEqual([94]);
    expect(
      await world.api.refused('setArticle', {
        as: 'north',
        body: {
          code: 'other',
          substance: 'x',
          strength: '1 mg',
          form: 'tablet',
          baseUnit: 'tablet',
          packs: [{ gtin: GTIN, baseUnits: 1, role: 'current' }],
        },
      }),
    ).toBe('409 pack-of-other-article');
  });

  it('is listed by pages, whatever its sites are called', async () => {
    const seen: string[] = [];
    let path: string | null = '/v1/demand?limit=3';
    while (path !== null) {
      const { body, headers } = await world.api.send('GET', path, { as: 'north' });
      seen.push(...(body['series'] as readonly { product: string; site: string }[]).map((one) => one.product));
      path = /^<([^>]+)>/.exec(headers.get('link') ?? '')?.[1] ?? null;
    }
    expect(seen.length).toBeGreaterThan(40);
    expect(seen).toEqual([...new Set(seen)].sort());
  }, 30_000);

  it('is refused where it is no such list', async () => {
    const code = async (csv: string): Promise<unknown> => (await world.import('north', csv)).body['code'];
    expect(await code('')).toBe('csv-invalid');
    expect(await code('product;date;quantity\na;2026-01-05;1\n')).toBe('csv-invalid');
    expect(await code(`${HEADER}"a,2026-01-05,1\n`)).toBe('csv-invalid');
    const send = async (headers: Record<string, string>): Promise<string> => {
      const response = await fetch(`${world.api.api.url}/v1/demand`, { method: 'POST', headers, body: HEADER });
      return `${response.status} ${String(((await response.json()) as { code: string }).code)}`;
    };
    const authorization = `Bearer ${keyOf('north', 'quality')}`;
    expect(await send({ authorization, 'content-type': 'application/json' })).toBe('415 content-type-unsupported');
    expect(await send({ 'content-type': 'text/csv' })).toBe('401 unauthenticated');
    expect(await send({ 'content-type': 'text/csv', authorization: `Bearer ${keyOf('north', 'auditor')}` })).toBe(
      '403 forbidden',
    );
  });

  it('of a stockout month that it tells of does not lower the forecast', async () => {
    await world.api.expect(200, 'setPlanning', { as: 'north', body: { frequency: 'month', horizon: 3 } });
    const months = (product: string, available: string): string =>
      Array.from({ length: 36 }, (_, month) => {
        const day = `${2023 + Math.floor((month + 4) / 12)}-${String(((month + 4) % 12) + 1).padStart(2, '0')}-15`;
        const out = month === 35;
        return `${product},${day},${out ? 0 : 100},${out ? available : 1}\n`;
      }).join('');
    await outcome(`product,date,quantity,available\n${months('out', '0')}${months('none', '1')}`);
    await world.job('north');
    await world.runJobs();
    const mean = async (product: string): Promise<number> => {
      const { body } = await world.api.expect(200, 'listForecasts', { as: 'north', query: { product } });
      const [forecast] = body['forecasts'] as readonly { readonly steps: readonly { readonly mean: number }[] }[];
      return forecast?.steps[0]?.mean ?? Number.NaN;
    };
    expect(await mean('out')).toBeCloseTo(100, 3);
    expect(await mean('none')).toBeLessThan(97);
  });
});
