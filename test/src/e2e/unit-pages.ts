import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from '@jest/globals';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { Platform } from '../contract/platform.js';
import { openBrowser } from '../support/browser.js';
import { CARTON, tellStory } from './unit-page-story.js';

/** A folder for pictures of what is tested; none are taken without it. */
const PICTURES = process.env['E2E_PICTURES'] ?? '';

/** A platform with goods in every state, and a page of a new browser context for each test. */
export class UnitPages {
  platform!: Platform;
  page!: Page;
  /** What the browser complained about: broken scripts, refused by the policy of the page, and the like. */
  complaints: string[] = [];
  private browser!: Browser;
  private context!: BrowserContext;

  private constructor() {}

  /** Opened and closed with the tests of a file. */
  static ofThisFile(): UnitPages {
    const pages = new UnitPages();
    beforeAll(async () => {
      pages.platform = await Platform.start(60_000);
      await tellStory(pages.platform);
      pages.browser = await openBrowser();
    }, 180_000);
    afterAll(async () => {
      await pages.browser?.close();
      await pages.platform?.stop();
    });
    beforeEach(() => pages.open());
    afterEach(async () => {
      expect(pages.complaints).toEqual([]);
      await pages.context.close();
    });
    return pages;
  }

  /** The page of a code, as an account with a role. */
  async openAs(
    organisation: string,
    role: 'quality' | 'responsible-person' | 'dispenser' | 'shipper',
    carton: string = CARTON,
  ): Promise<void> {
    await this.page.goto(`${this.platform.url}/`);
    await this.page.getByLabel('Account key', { exact: true }).fill(this.platform.account(organisation, role).apiKey);
    await this.page.getByLabel('Code of a pack, batch or logistic unit').fill(`(00)${carton}`);
    await this.page.getByRole('button', { name: 'Check' }).click();
  }

  /** What is shown, in the folder for pictures. */
  async picture(name: string): Promise<void> {
    if (PICTURES === '') return;
    mkdirSync(PICTURES, { recursive: true });
    await this.page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: true });
  }

  /** How far what is shown is wider than the screen. */
  overhang(): Promise<number> {
    return this.page.locator('main').evaluate((main) => main.scrollWidth - main.clientWidth);
  }

  private async open(): Promise<void> {
    this.context = await this.browser.newContext({
      viewport: { width: 1100, height: 900 },
      timezoneId: 'Europe/Berlin',
    });
    this.page = await this.context.newPage();
    this.complaints = [];
    this.page.on('pageerror', (error) => this.complaints.push(error.message));
    this.page.on('console', (message) => {
      // A refusal of the API is an answer that the page shows.
      const isAnswer = message.text().includes('status of 4');
      if (message.type() === 'error' && !isAnswer) this.complaints.push(message.text());
    });
  }
}
