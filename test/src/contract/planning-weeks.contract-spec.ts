import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PlanningWorld } from './planning-world.js';

const DAY_MS = 86_400_000;
const WEEKS = 160;
const YOUNG = 40;
/** A Monday. */
const UNTIL = Date.UTC(2026, 5, 1);
/** Winter is three times the summer. */
const winter = (dayMs: number): number => 1 + 0.5 * Math.cos(((dayMs / DAY_MS) * 2 * Math.PI) / 365.25);

function weeklyRows(product: string, site: string, weeks: number, level: number): string {
  return Array.from({ length: weeks }, (_, t) => {
    const day = UNTIL + (t - weeks) * 7 * DAY_MS;
    return `${product},${site},${new Date(day).toISOString().slice(0, 10)},${Math.round(level * winter(day) + (t % 3))}\n`;
  }).join('');
}

describe('forecasts of weeks', () => {
  let world: PlanningWorld;
  beforeAll(async () => {
    world = await PlanningWorld.open();
    const body = { frequency: 'week', horizon: 30, decommissionsAre: 'dispensed' };
    await world.api.expect(200, 'setPlanning', { as: 'north', body });
    const rows = [weeklyRows('shared', 'old', WEEKS, 90), weeklyRows('shared', 'young', YOUNG, 60)];
    expect(await world.import('north', `product,site,date,quantity\n${rows.join('')}`)).toMatchObject({ status: 201 });
    const id = await world.job('north', { until: new Date(UNTIL).toISOString().slice(0, 10) });
    await world.runJobs();
    expect(await world.jobState('north', id)).toMatchObject({ state: 'done', done: 2, refused: 0 });
  }, 120_000);
  afterAll(() => world.close());

  it('tell a young site of the season of its product that it has not seen', async () => {
    const { body } = await world.api.expect(200, 'listForecasts', { as: 'north' });
    const forecasts = body['forecasts'] as readonly {
      site: string;
      steps: readonly { from: string; mean: number }[];
    }[];
    const steps = forecasts.find(({ site }) => site === 'young')?.steps ?? [];
    const meanOf = (month: string): number =>
      steps.find(({ from }) => from.startsWith(`2026-${month}`))?.mean ?? Number.NaN;
    // From June on: it has known no July, and falls before it rises again.
    expect(meanOf('07')).toBeLessThan(0.75 * meanOf('12'));
  });
});
