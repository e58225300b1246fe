import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { gtinOf } from '@coldchain/gs1';
import type { PlanningRunner } from '@coldchain/api/planning';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { keyOf } from '../contract/api-world.js';
import type { Actor } from '../contract/custody-world.js';
import { PlanningWorld } from '../contract/planning-world.js';
import { openBrowser } from '../support/browser.js';

/** The world begins on Monday, 2026-06-01. */
const BEGIN = Date.parse('2026-06-01T00:00:00Z');
const WEEK_MS = 7 * 86_400_000;
const WEEKS = 78;
const GTIN = gtinOf('9520001', 10004);
const PER_WEEK = 30;

let world: PlanningWorld;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let runner: PlanningRunner | null;
/** What the browser complained about: broken scripts, refused by the policy of the page, and the like. */
let complaints: string[];

async function advice(): Promise<{ readonly reorderPoint: number; readonly sentence: string } | undefined> {
  const { body } = await world.api.expect(200, 'listReorder', { as: 'north' });
  return (body['advice'] as readonly { readonly reorderPoint: number; readonly sentence: string }[])[0];
}

async function count(packs: number): Promise<void> {
  const lots = [{ gtin: GTIN, lot: 'L1', expiry: '2031-01-31', packs }];
  await world.api.expect(200, 'countStock', { as: 'north', body: { site: 'ward', lots } });
}

beforeAll(async () => {
  world = await PlanningWorld.open();
  await world.api.expect(200, 'setArticle', {
    as: 'north',
    body: {
      code: 'insulin',
      substance: 'insulin',
      strength: '100 E/ml',
      form: 'pen',
      baseUnit: 'pen',
      packs: [{ gtin: GTIN, baseUnits: 1, packsPerCase: 10, role: 'current' }],
    },
  });
  const rows = Array.from({ length: WEEKS }, (_, week) => {
    const day = new Date(BEGIN - (WEEKS - week) * WEEK_MS).toISOString().slice(0, 10);
    return `insulin,ward,${day},${PER_WEEK}\n`;
  });
  await world.import('north', `product,site,date,quantity\n${rows.join('')}`);
  await world.job('north');
  await world.runJobs();
  // A day and a half above the point at which three cases are due.
  await count(Math.ceil(((await advice())?.reorderPoint ?? NaN) + (PER_WEEK * 1.5) / 7));
  browser = await openBrowser();
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await world?.close();
});

beforeEach(async () => {
  runner = null;
  context = await browser.newContext({ viewport: { width: 1100, height: 900 }, timezoneId: 'Europe/Berlin' });
  page = await context.newPage();
  complaints = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().includes('Failed to load resource'))
      complaints.push(message.text());
  });
});
afterEach(async () => {
  await context.close();
  await runner?.stop();
  expect(complaints).toEqual([]);
});

async function open(as: Actor): Promise<void> {
  await page.goto(`${world.api.api.url}/planning`);
  await page.getByLabel('Account key').fill(keyOf(as, 'quality'));
  await page.getByRole('button', { name: 'Show' }).click();
}

const isShown = (selector: string): Promise<boolean> => page.locator(selector).isVisible();

describe('the planning page', () => {
  it('says in one sentence what to order by when', async () => {
    expect((await advice())?.sentence).toBe('Order 3 cases of 10 by Tuesday');
    await open('north');
    await page.locator('#sentence').waitFor();
    expect(await page.locator('#sentence').textContent()).toBe('Order 3 cases of 10 by Tuesday');
    expect(await page.locator('#products li').allTextContents()).toEqual([
      'insulin 100 E/ml penOrder 3 cases of 10 by Tuesday',
    ]);
    expect(await page.locator('#summary').textContent()).toContain('Expected in the week from 2026-06-01: 30 pens');
    expect(await page.locator('#provenance').textContent()).toContain('as essential and A by units a year');
  });

  it('draws demand and the forecast with both intervals, and says the same in a table', async () => {
    await open('north');
    const chart = page.getByRole('img', { name: /Chart of demand and forecast/ });
    await chart.waitFor();
    for (const part of ['history', 'expected', 'fan80', 'fan95']) {
      expect([part, ((await chart.locator(`.${part}`).getAttribute('d')) ?? '').length > 20]).toEqual([part, true]);
    }
    await page.getByText('Demand and forecast as a table').click();
    const rows = page.locator('#numbers-table tbody tr');
    await rows.first().waitFor();
    expect(await rows.count()).toBe(13 + WEEKS);
    const [from, , , mean = '', inner = '', outer = ''] = await rows.first().locator('td').allTextContents();
    const [lower80 = NaN, upper80 = NaN, lower95 = NaN, upper95 = NaN] = [inner, outer].flatMap((text) =>
      text.split(' – ').map(Number),
    );
    expect([from, mean]).toEqual(['2026-06-01', '30']);
    const ordered = [lower95, lower80, Number(mean), upper80, upper95];
    expect(ordered).toEqual([...ordered].sort((a, b) => a - b));
  });

  it('shows how far a job has come, and what it made', async () => {
    await open('north');
    const button = page.getByRole('button', { name: 'Forecast now' });
    await button.click();
    const job = page.locator('#job');
    await page.getByText('Waiting for a worker …').waitFor();
    expect(await button.isDisabled()).toBe(true);
    runner = world.runner({ pollMs: 100 });
    await page.getByText('is done').waitFor();
    expect(await job.textContent()).toMatch(/^Job \d+ is done: 1 of 1\.$/);
    expect(await button.isEnabled()).toBe(true);
    const [, number] = /^Job (\d+)/.exec((await job.textContent()) ?? '') ?? [];
    await page.getByText(`in job ${number};`).waitFor();
  });

  it('tells nothing known from a list that could not be loaded', async () => {
    await open('south');
    await page.locator('#nothing').waitFor();
    expect([await isShown('#detail'), await isShown('#problem')]).toEqual([false, false]);
    await page.route('**/v1/reorder**', (route) => route.abort());
    await page.getByRole('button', { name: 'Show' }).click();
    await page.locator('#problem').waitFor();
    expect(await page.locator('#problem').textContent()).toContain('cannot be reached');
    expect([await isShown('#nothing'), await isShown('#plan')]).toEqual([false, false]);
    // What was shown of another account before is not taken for what holds.
    await page.unroute('**/v1/reorder**');
    await open('north');
    await page.locator('#sentence').waitFor();
    await page.route('**/v1/flags**', (route) =>
      route.fulfill({ status: 500, json: { title: 'It failed', status: 500 } }),
    );
    await page.getByRole('button', { name: 'Show' }).click();
    await page.locator('#problem').waitFor();
    expect(await page.locator('#problem').textContent()).toContain('It failed');
    expect([await isShown('#no-flags'), await isShown('#sentence')]).toEqual([false, false]);
  });

  it('takes prices from a file, and names the lines of a wrong one', async () => {
    await open('north');
    const list = (text: string) => ({ name: 'prices.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
    await page.getByLabel('What it holds').selectOption('prices');
    await page.getByLabel('CSV file').setInputFiles(list('article,unit_price\ninsulin,1;5\n'));
    await page.getByRole('button', { name: 'Import' }).click();
    await page.getByText("line 2: '1;5' is no price").waitFor();
    expect(await page.locator('#import-status').textContent()).toMatch(/nothing of it was taken\.$/);
    await page.getByLabel('CSV file').setInputFiles(list('article,unit_price\ninsulin,1.5\n'));
    await page.getByRole('button', { name: 'Import' }).click();
    await page.getByText('Prices of 1 articles taken, 1 of them changed.').waitFor();
    expect(await page.locator('#import-problems li').count()).toBe(0);
    await page.getByLabel('What it holds').selectOption('demand');
    await page.getByLabel('CSV file').setInputFiles(list('product,date,quantity\nnew,2026-13-01,1\n'));
    await page.getByRole('button', { name: 'Import' }).click();
    await page.getByText(/^line 2: '2026-13-01' is no day/).waitFor();
    expect(await page.locator('#import-status').textContent()).toContain('Nothing was taken of 1 with wrong rows');
  });

  it('tells another organisation of free stock when asked to, and no more when that ends', async () => {
    await open('north');
    await page.getByText('Who is told how much of it is free').click();
    await page.getByText('Nobody is told, and nobody tells you.').waitFor();
    await page.getByLabel('Organisation (its short name)').fill('nobody');
    await page.getByRole('button', { name: 'Tell it' }).click();
    await page.getByText(/The organisation is not known/).waitFor();
    await page.getByLabel('Organisation (its short name)').fill('south');
    await page.getByRole('button', { name: 'Tell it' }).click();
    await page.getByText('south is told since').waitFor();
    await page.getByRole('button', { name: 'Stop telling south' }).click();
    await page.getByText('south is told no more.').waitFor();
    await page.getByText('Nobody is told, and nobody tells you.').waitFor();
  });

  it('says who runs dry without a lot, also without one that nobody registered', async () => {
    await open('north');
    await page.getByRole('button', { name: 'Who runs dry without lot L1?' }).click();
    await page.getByText('If lot L1 is held or recalled').waitFor();
    expect(await page.locator('#impact li').allTextContents()).toEqual([
      'ward: Runs dry on 2026-06-01 without it; no other site of yours has free stock.',
    ]);
  });
});
