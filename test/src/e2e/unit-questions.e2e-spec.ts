import { beforeEach, describe, expect, it } from '@jest/globals';
import { gtinOf, ssccOf } from '@coldchain/gs1';
import { AURORA, CARTON, DOUBTED, NORTH, SOUTH, STORED } from './unit-page-story.js';
import { UnitPages } from './unit-pages.js';

const pages = UnitPages.ofThisFile();
let { platform, page } = pages;
beforeEach(() => {
  ({ platform, page } = pages);
});

describe('the question where cooling failed', () => {
  const answer = () => page.getByRole('list', { name: 'Cooling failed?' });
  const ask = async (kind: string, where: string, celsius: string): Promise<void> => {
    await page.getByLabel('Where', { exact: true }).selectOption(kind);
    await page.getByLabel('Name of the place, or serial number of the logger').fill(where);
    await page.getByLabel('Temperature there, °C').fill(celsius);
    await page.getByRole('button', { name: 'What is to be done?' }).focus();
    await page.keyboard.press('Enter');
  };

  it('is answered for every unit with what is to be done, until when, and whom to call', async () => {
    await page.setViewportSize({ width: 340, height: 700 });
    await pages.openAs(AURORA, 'quality', STORED);
    await ask('logger', 'E-3', '12');
    await answer()
      .getByText(new RegExp(`! usable until \\d{4}-.* Vaccine, batch E1, unit ${STORED}`))
      .waitFor();
    await answer().getByText('Call Aurora Pharma (GLN').waitFor();
    await ask('logger', 'E-3', '-5');
    await answer().getByText('✕ hold').waitFor();
    expect(await pages.overhang()).toBeLessThanOrEqual(0);
    await pages.picture('triage-phone');
  });

  it('says that a place is not known instead of showing an empty list', async () => {
    await pages.openAs(AURORA, 'quality', STORED);
    await ask('place', 'nowhere', '25');
    await page.locator('#triage-status').filter({ hasText: 'nowhere is no place of the organisation' }).waitFor();
    expect(await answer().locator('li').count()).toBe(0);
  });
});

describe('the question what rested on a logger', () => {
  const ask = async (logger: string, from: string, to = ''): Promise<void> => {
    await page.getByLabel('Serial number of the logger', { exact: true }).fill(logger);
    await page.getByLabel('Last calibration that was right').fill(from);
    await page.getByLabel('Found wrong').fill(to);
    await page.getByRole('button', { name: 'What rested on it?' }).focus();
    await page.keyboard.press('Enter');
  };
  const status = () => page.locator('#look-back-status');

  it('is answered with legs, batches and decisions, and leads to the unit', async () => {
    await page.setViewportSize({ width: 340, height: 700 });
    await pages.openAs(AURORA, 'quality', STORED);
    await ask('E-1', '2020-01-01T00:00');
    await status()
      .filter({ hasText: /\d+ legs?, 1 batch, 0 decisions rested on logger E-1 from 2020-01-01 00:00 CET to/ })
      .waitFor();
    const legs = page.getByRole('list', { name: 'Legs' });
    await legs.getByText(new RegExp(`${CARTON} with ${AURORA}, .* °C to .* °C`)).waitFor();
    await page.getByRole('list', { name: 'Batches' }).getByText(`batch E1, of ${AURORA}`).waitFor();
    expect(await pages.overhang()).toBeLessThanOrEqual(0);
    await pages.picture('look-back-phone');
    await legs.getByRole('button', { name: CARTON }).first().click();
    await page.locator('#subject').getByText(CARTON).first().waitFor();
  });

  it('says that nothing rested on it, or that it is not known, instead of showing an empty list', async () => {
    await pages.openAs(AURORA, 'quality', STORED);
    await ask('E-1', '2020-01-01T00:00', '2021-01-01T00:00');
    await status().filter({ hasText: 'Nothing that you see rested on logger E-1' }).waitFor();
    await ask('nobody’s', '2020-01-01T00:00');
    await status().filter({ hasText: 'nobody’s is not registered here' }).waitFor();
    await ask('E-1', '2099-01-01T00:00');
    await status().filter({ hasText: 'not before the end of the time' }).waitFor();
    expect(await page.locator('#look-back-answer li').count()).toBe(0);
  });

  it('is not offered to who may not ask it', async () => {
    await page.route('**/v1/me', async (route) => {
      const response = await route.fetch();
      const me = (await response.json()) as { actions: string[] };
      expect(me.actions).toContain('read-devices');
      await route.fulfill({ json: { ...me, actions: me.actions.filter((action) => action !== 'read-devices') } });
    });
    await pages.openAs(NORTH, 'dispenser');
    await page.locator('#triage-card').waitFor();
    expect(await page.locator('#look-back-card').isVisible()).toBe(false);
  });
});

describe('goods that another one has rejected', () => {
  it('are not to be used, on the page and by the command line, though no hold is on them', async () => {
    const [given, code] = [ssccOf('9520001', 306), `(01)${gtinOf('9520001', 10003)}(10)E1(21)S7`];
    const packs = [{ gtin: gtinOf('9520001', 10003), lot: 'E1', serials: ['S7'] }];
    await platform.post(NORTH, 'shipper', '/v1/units', { sscc: given, packs });
    await platform.post(NORTH, 'shipper', '/v1/shipments', { ssccs: [given], receiver: SOUTH });
    await platform.post(SOUTH, 'shipper', '/v1/receipts', { ssccs: [given] });
    const { body } = await platform.request(NORTH, 'quality', 'GET', `/v1/cases?sscc=${DOUBTED}`);
    const [open] = body['cases'] as { id: number }[];
    const path = `/v1/cases/${open?.id}`;
    await platform.post(NORTH, 'quality', `${path}/acknowledgement`, { reason: 'seen' });
    await platform.post(NORTH, 'quality', `${path}/cause`, { cause: 'door-left-open', reason: 'delivery' });
    const shown = (await platform.request(NORTH, 'quality', 'GET', path)).body['digest'];
    const { password } = platform.account(NORTH, 'responsible-person');
    const decision = { decision: 'reject', reason: 'too warm', shown, password };
    await platform.post(NORTH, 'responsible-person', `${path}/decision`, decision);
    await platform.settled();
    expect((await platform.unit(given))?.holds).toEqual([]);
    await pages.openAs(SOUTH, 'dispenser', given);
    for (const asked of [`(00)${given}`, code]) {
      await page.getByLabel('Code of a pack, batch or logistic unit').fill(asked);
      await page.getByRole('button', { name: 'Check' }).click();
      await page.getByRole('heading', { name: 'DO NOT USE' }).waitFor();
      await page.locator('#verdict').getByText('It was rejected after a deviation').waitFor();
      const verified = platform.coldchain(['verify', asked, '--as', SOUTH], platform.environment);
      await expect(verified).rejects.toMatchObject({
        code: 1,
        stdout: expect.stringMatching(/^DO-NOT-USE \(on-hold\)/),
      });
    }
    await pages.picture('rejected');
  });
});
