import { beforeEach, describe, expect, it } from '@jest/globals';
import { AURORA, CARTON, csv, DOOMED, MOVING, NORTH, RETURNED, STORED } from './unit-page-story.js';
import { UnitPages } from './unit-pages.js';

const pages = UnitPages.ofThisFile();
let { platform, page } = pages;
beforeEach(() => {
  ({ platform, page } = pages);
});

const theCase = () => page.getByRole('article', { name: /^Case \d+$/ });

describe('the page of a unit', () => {
  it('shows verdict, chart with limits and every spike, budget, legs by custodian, and the case', async () => {
    await pages.openAs(NORTH, 'dispenser');
    await page.getByRole('heading', { name: 'DO NOT USE' }).waitFor();
    await theCase().waitFor();
    await expect(theCase().locator('.states').innerText()).resolves.toMatch(
      /■ ended\s+! not acknowledged\s+… not decided\s+✕ in quarantine/,
    );
    const chart = page.locator('#chart-card');
    await expect(chart.locator('#chart-summary').innerText()).resolves.toContain('warmest 20.0 °C');
    expect(await chart.locator('svg .limit').count()).toBeGreaterThanOrEqual(2);
    // The line reaches the spike: 20 °C on a chart from 1 to 21 °C, whose plot is 230 high and begins at 22.
    const line = await chart
      .locator('svg path.line')
      .evaluateAll((paths) =>
        paths.flatMap((path) =>
          (path.getAttribute('d') ?? '').split(/[ML]/).map((point: string) => Number(point.split(' ')[1])),
        ),
      );
    expect(Math.min(...line.filter((y) => !Number.isNaN(y)))).toBeCloseTo(22 + 230 / 20, 1);
    // Two warmings: the spike of one reading is one of them.
    expect(await chart.locator('svg .excursion').count()).toBe(2);
    expect(await chart.locator('.episodes li').count()).toBe(2);
    await expect(page.locator('#budgets').innerText()).resolves.toMatch(/above 8 °C: .* used, nothing left/);
    await expect(page.locator('#legs tbody').innerText()).resolves.toMatch(/aurora-pharma[\s\S]*pharmacy-north/);
    await pages.picture('unit');
  });

  it('says what is wrong with the evidence, in words', async () => {
    await pages.openAs(NORTH, 'dispenser');
    const findings = page.getByRole('list', { name: 'What is wrong with the evidence or the way' });
    await findings.getByText(`! Long on its way: The way from ${AURORA} to ${NORTH} took 55 min`).waitFor();
    expect(await page.locator('#forecasts').isVisible()).toBe(false);
  });

  it('says what the budget of goods on their way will be at arrival', async () => {
    await pages.openAs(AURORA, 'quality', MOVING);
    const forecast = page.getByRole('list', { name: 'At arrival' });
    await forecast.getByText(/→ Vaccine: It is expected at .* with \d+ % of its allowed time spent/).waitFor();
    await forecast.getByText(/Usual arrival .*: \d+ % of the allowed time spent, ✓ within/).waitFor();
    await forecast.getByText(/An estimate from \d+ earlier transits? of this way\./).waitFor();
    await pages.picture('moving');
  });

  it('says in time that goods on their way have to be rerouted, and until when', async () => {
    await page.setViewportSize({ width: 340, height: 700 });
    await pages.openAs(AURORA, 'quality', DOOMED);
    const forecast = page.getByRole('list', { name: 'At arrival' });
    await forecast
      .getByText(/▲ Vaccine: If this goes on, its limits are broken at .*: reroute it or cool it\./)
      .waitFor();
    await forecast.getByText(/^Reroute it before \d{4}-\d\d-\d\d \d\d:\d\d CET\.$/).waitFor();
    await forecast.getByText(/Usual arrival .*✕ spent/).waitFor();
    expect(await pages.overhang()).toBeLessThanOrEqual(0);
    await pages.picture('reroute-phone');
  });

  it('takes goods that came back into saleable stock with one button, and offers that for no others', async () => {
    await pages.openAs(AURORA, 'shipper', STORED);
    await page.locator('#budgets li').waitFor();
    expect(await page.getByRole('heading', { name: 'Back from a customer' }).isVisible()).toBe(false);
    await page.getByLabel('Code of a pack, batch or logistic unit').fill(`(00)${RETURNED}`);
    await page.getByRole('button', { name: 'Check' }).click();
    await page.getByRole('heading', { name: 'Back from a customer' }).waitFor();
    await page.getByRole('button', { name: 'Return to saleable stock' }).focus();
    await page.keyboard.press('Enter');
    const status = page.locator('#return-status');
    await status.filter({ hasText: 'Taken back into saleable stock.' }).waitFor();
    await pages.picture('returned');
    // The goods that are held are not: why is said.
    await page.route('**/v1/returns', (route) => route.continue({ postData: JSON.stringify({ sscc: MOVING }) }));
    await page.getByRole('button', { name: 'Return to saleable stock' }).click();
    await status.filter({ hasText: 'The unit was with no customer' }).waitFor();
  });

  it('does not show a list that did not come as an empty one', async () => {
    await page.route('**/v1/units/*/evidence', (route) => route.abort());
    await pages.openAs(NORTH, 'dispenser');
    await page.locator('#findings').getByText('This could not be asked').waitFor();
    await page.unroute('**/v1/units/*/evidence');
    await page.locator('#findings').getByText('Long on its way').waitFor();
    pages.complaints = pages.complaints.filter((text) => !text.includes('ERR_FAILED'));
  });

  it('says that there are more open cases than it shows, and shows them when asked', async () => {
    // One a page instead of fifty; the server answers and links as it does.
    await page.route('**/v1/cases?limit=50*', (route) =>
      route.continue({ url: route.request().url().replace('limit=50', 'limit=1') }),
    );
    await pages.openAs(AURORA, 'quality', STORED);
    const title = page.locator('#inbox-title');
    await title.filter({ hasText: 'Open cases (1+)' }).waitFor();
    await page.getByText('There are older ones that are open.').waitFor();
    while (await page.locator('#inbox-older').isVisible()) {
      const before = await title.innerText();
      await page.locator('#inbox-older').click();
      await title.filter({ hasNotText: before }).waitFor();
    }
    expect(await title.innerText()).toMatch(/^Open cases \([2-4]\)$/);
    await expect(page.locator('#inbox-list').innerText()).resolves.toMatch(new RegExp(`${STORED}|${MOVING}|${DOOMED}`));
  });

  it('fits a phone, and a dark one', async () => {
    await page.setViewportSize({ width: 340, height: 700 });
    await page.emulateMedia({ colorScheme: 'dark' });
    await pages.openAs(NORTH, 'dispenser');
    await theCase().waitFor();
    await page.locator('#budget-card').waitFor();
    expect(await pages.overhang()).toBeLessThanOrEqual(0);
    await pages.picture('unit-phone');
  });

  it('shows every column of the legs on a phone', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    await pages.openAs(NORTH, 'dispenser');
    const cells = page.locator('#legs td');
    await cells.first().waitFor();
    const boxes = await cells.evaluateAll((all) => all.map((cell) => cell.getBoundingClientRect().right));
    expect(boxes.length).toBeGreaterThanOrEqual(12);
    expect(Math.max(...boxes)).toBeLessThanOrEqual(390);
    await expect(page.locator('#legs tbody').innerText()).resolves.toMatch(/aurora-pharma[\s\S]*pharmacy-north/);
    await pages.picture('legs-phone');
  });

  it('says what stands in the way, and shows it only to who may act', async () => {
    await pages.openAs(NORTH, 'dispenser');
    await theCase().waitFor();
    await theCase().getByText('Acknowledge', { exact: true }).first().waitFor();
    expect(await theCase().getByText('Decide as the Responsible Person').first().isVisible()).toBe(false);
    expect(await theCase().getByText('Assess as the owner of the goods').first().isVisible()).toBe(false);
  });
});

describe('a case on the page', () => {
  /** Opens a form, fills it and sends it, by keyboard alone. */
  async function byKeyboard(title: string, ...typed: readonly string[]): Promise<void> {
    await theCase().locator('summary', { hasText: title }).focus();
    await page.keyboard.press('Enter');
    for (const text of typed) {
      await page.keyboard.press('Tab');
      await page.keyboard.type(text);
    }
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await theCase()
      .getByRole('status')
      .filter({ hasText: /^Recorded as entry \d+/ })
      .waitFor();
  }

  it('records once what is sent again because its answer was lost', async () => {
    await pages.openAs(NORTH, 'quality');
    await theCase().waitFor();
    await theCase().locator('summary', { hasText: 'Comment' }).click();
    await theCase().getByRole('textbox', { name: 'Comment' }).fill('Called the maker');
    const send = theCase().getByRole('button', { name: 'Comment' });
    let lost = 0;
    await page.route('**/comments', async (route) => {
      await route.fetch();
      lost++;
      await route.abort();
    });
    await send.click();
    await theCase().getByRole('status').filter({ hasText: 'cannot be reached' }).waitFor();
    await page.unroute('**/comments');
    await send.click();
    await theCase()
      .getByRole('status')
      .filter({ hasText: /^Recorded as entry \d+/ })
      .waitFor();
    expect(lost).toBe(1);
    await theCase()
      .getByText(/^What was done/)
      .click();
    await theCase().getByText('Called the maker').first().waitFor();
    expect(await theCase().locator('.trail').getByText('Called the maker').count()).toBe(1);
    pages.complaints = pages.complaints.filter((text) => !text.includes('ERR_FAILED'));
  });

  it('is acknowledged and its cause named by keyboard', async () => {
    await pages.openAs(NORTH, 'quality');
    await theCase().waitFor();
    await byKeyboard('Acknowledge', 'Fridge door stood open');
    await theCase().getByText('✓ acknowledged').waitFor();
    await byKeyboard('Name the cause', 'Door', 'Seen on arrival');
    await theCase().getByText('door-left-open', { exact: true }).first().waitFor();
    await theCase().locator('summary', { hasText: 'Add a file' }).click();
    const file = { name: 'door.txt', mimeType: 'text/plain', buffer: Buffer.from('07:10 open') };
    await theCase().locator('input[type=file]').setInputFiles(file);
    await theCase().getByRole('button', { name: 'Add a file' }).click();
    await theCase().getByRole('button', { name: 'Save door.txt' }).waitFor();
  });

  it('is decided with the password on what is shown, after the owner found the goods usable, and appears at once', async () => {
    await pages.openAs(NORTH, 'responsible-person');
    const form = theCase().locator('details', { has: page.locator('summary', { hasText: 'Decide as the' }) });
    await form.locator('summary').click();
    const decide = async (password: string): Promise<void> => {
      await form.getByLabel('Decision').selectOption('release');
      await form.getByLabel('Why').fill('Assessed by the manufacturer');
      await form.getByLabel('Your password').fill(password);
      await form.getByRole('button').click();
    };
    const status = theCase().getByRole('status');
    await decide('not it');
    await status.filter({ hasText: 'The password is wrong' }).waitFor();
    expect(await form.getByLabel('Your password').inputValue()).toBe('');
    const password = platform.account(NORTH, 'responsible-person').password ?? '';
    await decide(password);
    await status.filter({ hasText: 'An owner has not found the goods usable' }).waitFor();
    // The owner speaks elsewhere; this page shows it without being asked.
    const { body } = await platform.request(AURORA, 'quality', 'GET', `/v1/cases?sscc=${CARTON}`);
    const [open] = body['cases'] as { id: number }[];
    const assessment = { conclusion: 'usable', reason: 'Stability data of 2025' };
    await platform.post(AURORA, 'quality', `/v1/cases/${open?.id}/assessment`, assessment);
    await theCase().getByText(`${AURORA}: usable`).waitFor();
    await pages.picture('case');
    await decide(password);
    await status.filter({ hasText: 'The ledger is told' }).waitFor();
    await theCase().getByText('✓ released').waitFor();
    await page.getByRole('heading', { name: 'DO NOT USE' }).waitFor({ state: 'hidden' });
    await theCase()
      .getByText(/^Readings up to .* are in it\.$/)
      .waitFor();
    await platform.until(async () => (await platform.unit(CARTON))?.holds.length === 0);
    await pages.picture('released');
  });

  it('takes the file of a logger, and is open again when that shows more', async () => {
    await pages.openAs(NORTH, 'quality');
    await page.getByRole('heading', { name: 'Attach a logger file' }).waitFor();
    const late = csv(945, 960, () => 13);
    await page
      .locator('#logger-file')
      .setInputFiles({ name: 'late.csv', mimeType: 'text/csv', buffer: Buffer.from(late) });
    await page.getByRole('button', { name: 'Attach' }).click();
    await page
      .locator('#upload-status')
      .filter({ hasText: /4 readings, 4 new/ })
      .waitFor();
    await theCase().getByText('… not decided').waitFor();
    await theCase().getByText('Opened again 1 time').waitFor();
  });
});
