import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { PlanningRunner } from '@coldchain/api/planning';
import { type Ended, runNode } from '../support/index.js';
import { keyOf } from './api-world.js';
import { GTIN, LOT } from './custody-world.js';
import { PlanningWorld, weeklyRows } from './planning-world.js';

describe('coldchain plan', () => {
  let world: PlanningWorld;
  let runner: PlanningRunner;
  let folder: string;

  beforeAll(async () => {
    world = await PlanningWorld.open();
    await world.stocked('north', 12);
    runner = world.runner({ pollMs: 50 });
    folder = await mkdtemp(join(tmpdir(), 'plan-'));
  }, 60_000);
  afterAll(async () => {
    await runner.stop();
    await rm(folder, { recursive: true });
    await world.close();
  });

  const plan = (...args: readonly string[]): Promise<Ended> =>
    runNode('apps/cli/bin/coldchain.js', ['plan', ...args], {
      CCT_API_URL: world.api.api.url,
      CCT_API_KEY: keyOf('north', 'quality'),
    });

  async function file(name: string, content: string): Promise<string> {
    const path = join(folder, name);
    await writeFile(path, content);
    return path;
  }

  it('goes from a list to the sentence', async () => {
    const article = {
      code: 'vaccine',
      substance: 'vaccine',
      strength: '0.5 ml',
      form: 'suspension',
      baseUnit: 'dose',
      packs: [{ gtin: GTIN, baseUnits: 1, packsPerCase: 10, role: 'current' }],
    };
    expect(await plan('article', await file('article.json', JSON.stringify(article)))).toMatchObject({ status: 0 });
    expect(await plan('set', '--horizon', '4')).toMatchObject({ status: 0 });
    const rows = weeklyRows(GTIN, '2026-06-01', 60, (week) => 5 + (week % 3));
    const list = await file('demand.csv', `product,date,quantity\n${rows}`);
    expect(await plan('import', list)).toMatchObject({ status: 0, stdout: '60 rows of 1 series\n' });
    expect((await plan('import', list)).stdout).toContain('counted once');
    expect(await plan('run')).toMatchObject({ status: 0, stdout: expect.stringMatching(/^1 {2}done {2}1 of 1/) });
    expect((await plan('jobs')).stdout).toMatch(/^1 {2}done/);

    const forecasts = (await plan('forecasts')).stdout.trimEnd().split('\n');
    expect(forecasts[0]).toBe('series,date,step,mean,lower80,upper80,lower95,upper95,model');
    expect(forecasts).toHaveLength(5);
    expect(forecasts[1]).toMatch(/^vaccine@9520003000018,2026-06-01,1,/);
    const [header, order] = (await plan('orders', '--product', 'vaccine')).stdout.split('\n');
    expect(header).toBe('product,site,order_packs,gtin,saleable,on_order,reorder_point,order_up_to,sentence');
    expect(order).toMatch(new RegExp(`^vaccine,9520003000018,\\d+,${GTIN},12,0,.*,Order \\d+ cases? of 10 today$`));
    expect((await plan('impact', GTIN, LOT)).stdout).toMatch(/Runs dry on 2026-06-01 without it/);
    expect((await plan('what-if', 'vaccine')).stdout).toMatch(/^service,reached,reorder_point.*\n0\.8,0\.[89]/);
    expect(await plan('flags')).toMatchObject({ status: 0, stdout: '' });
  }, 60_000);

  it('takes prices as a whole list, or names the lines that are wrong', async () => {
    const header = 'article,unit_price\n';
    const wrong = await file('wrong-prices.csv', `${header}vaccine,12.5\nnone,3\nvaccine2,1;5\n`);
    expect(await plan('prices', wrong)).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/prices-invalid: .*line 4: '1;5' is no price/),
    });
    const unknown = await file('unknown.csv', `${header}vaccine,12.5\nnone,3\n`);
    expect((await plan('prices', unknown)).stderr).toMatch(/line 3: none is no article of yours/);
    const priceNow = async (): Promise<unknown> =>
      ((await world.api.expect(200, 'listArticles', { as: 'north' })).body['articles'] as { unitPrice: unknown }[])[0]
        ?.unitPrice;
    expect(await priceNow()).toBeNull();
    const list = await file('prices.csv', `${header}vaccine,12.5\n`);
    expect(await plan('prices', list)).toMatchObject({ status: 0, stdout: '1 articles, 1 prices changed\n' });
    expect((await plan('prices', list)).stdout).toBe('1 articles, 0 prices changed\n');
    expect(await priceNow()).toBe(12.5);
  }, 60_000);

  it('shares free stock, lists what is shared, and ends it', async () => {
    expect(await plan('share', 'nothing', 'south')).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/article-unknown/),
    });
    expect((await plan('share', GTIN, 'south')).stdout).toMatch(/^\d+ {2}to south {2}vaccine {2}2026-/);
    const { stdout } = await plan('shares');
    const [id = ''] = stdout.split(' ');
    expect(await plan('unshare', id)).toMatchObject({ status: 0, stdout: expect.stringContaining('withdrawn 2026-') });
    expect(await plan('unshare', '999')).toMatchObject({ status: 1, stderr: expect.stringMatching(/share-unknown/) });
  }, 60_000);

  it('gives its demand to the forecaster of files', async () => {
    const { stdout } = await plan('demand');
    expect(stdout.split('\n')[0]).toBe('series,date,quantity,available');
    const list = await file('again.csv', stdout);
    const forecast = await runNode(
      'apps/cli/bin/coldchain.js',
      ['forecast', list, '--frequency', 'week', '--horizon', '1'],
      {},
    );
    expect(forecast.stdout).toMatch(/\nvaccine@9520003000018,2026-06-01,1,/);
  }, 30_000);

  it('tells bad rows, refusals and wrong use by its exit status', async () => {
    const bad = await file('bad.csv', 'product,date,quantity\na,2026-13-01,1\nb,2026-01-05,1\n');
    expect(await plan('import', bad)).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/date-invalid: line 2/),
    });
    const worse = await file('worse.csv', 'product,date,quantity\na,2026-13-01,1\n');
    expect(await plan('import', worse)).toMatchObject({ status: 1 });
    expect(await plan('import', join(folder, 'none.csv'))).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/file-unreadable: .*\(ENOENT\)/),
    });
    expect(await plan('cancel', '999')).toMatchObject({ status: 1, stderr: expect.stringMatching(/not-found/) });
    expect(await plan('set', '--frequency', 'year')).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/body-invalid/),
    });
    expect(await plan('impact', GTIN)).toMatchObject({ status: 64 });
  }, 60_000);
});
