import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PlanningWorld } from './planning-world.js';

interface Forecast {
  readonly product: string;
  readonly site: string;
  readonly addsUp: boolean;
  readonly inputSha256: string;
  readonly documentSha256: string;
  readonly steps: readonly {
    readonly mean: number;
    readonly lower80: number;
    readonly upper80: number;
    readonly lower95: number;
    readonly upper95: number;
  }[];
}
interface Advice {
  readonly product: string;
  readonly service: number;
  readonly serviceBasis: { readonly ven: string; readonly abc: string; readonly basis: string } | null;
}

const MONTHS = 48;
const UNTIL = '2026-06-01';
/** Winter is twice the summer. */
const winter = (month: number): number => 1 + 0.33 * Math.cos((month * Math.PI) / 6);
const noise = (t: number): number => (((t * 7919 + 13) * 0.6180339887498949) % 1) * 2 - 1;

/** Months that end before June 2026. */
function monthlyRows(product: string, site: string, months: number, quantity: (month: number) => number): string {
  return Array.from({ length: months }, (_, t) => {
    const day = new Date(Date.UTC(2026, 5 - months + t, 1));
    return `${product},${site},${day.toISOString().slice(0, 10)},${Math.round(quantity(day.getUTCMonth() + t * 1000))}\n`;
  }).join('');
}

/** What one site has less the other has more: only their sum is steady. */
const unsteady = (sign: number) => (month: number) =>
  (100 + sign * 60 * noise(Math.floor(month / 1000))) * winter(month % 1000);

const article = (code: string, more: Record<string, unknown> = {}): Record<string, unknown> => ({
  code,
  substance: code,
  strength: '1 mg',
  form: 'tablet',
  baseUnit: 'tablet',
  packs: [],
  ...more,
});

describe('forecasts of an organisation with several sites', () => {
  let world: PlanningWorld;
  beforeAll(async () => {
    world = await PlanningWorld.open();
    await world.api.expect(200, 'setPlanning', {
      as: 'north',
      body: { frequency: 'month', horizon: 6, decommissionsAre: 'dispensed' },
    });
    for (const body of [
      article('dear', { unitPrice: 50, ven: 'necessary' }),
      article('cheap', { unitPrice: 0.01, ven: 'necessary' }),
      article('told', { service: 0.8 }),
      // One substance, strength and form under two codes: one season.
      article('same-old', { substance: 'Amoxicillin', strength: '500 mg', form: 'capsule' }),
      article('same-new', { substance: 'amoxicillin ', strength: '500 mg', form: 'Capsule' }),
    ]) {
      await world.api.expect(200, 'setArticle', { as: 'north', body });
    }
    const steady = (month: number): number => 200 * winter(month % 1000);
    const rows = [
      monthlyRows('dear', 'east', MONTHS, unsteady(1)),
      monthlyRows('dear', 'west', MONTHS, unsteady(-1)),
      monthlyRows('dear', 'new', 3, () => 7),
      monthlyRows('cheap', 'east', MONTHS, () => 90),
      monthlyRows('told', 'east', MONTHS, () => 30),
      monthlyRows('same-old', 'east', MONTHS, steady),
      monthlyRows('same-new', 'east', 8, steady),
    ];
    const imported = await world.import('north', `product,site,date,quantity\n${rows.join('')}`);
    expect(imported).toMatchObject({ status: 201, body: { series: 7, refusedSeries: 0 } });
    expect(await made({ until: UNTIL })).toMatchObject({ state: 'done', total: 7, done: 7, refused: 0 });
  }, 120_000);
  afterAll(() => world.close());

  async function made(body: Record<string, unknown>): Promise<Record<string, unknown>> {
    const id = await world.job('north', body);
    await world.runJobs();
    return world.jobState('north', id);
  }
  async function forecasts(): Promise<ReadonlyMap<string, Forecast>> {
    const { body } = await world.api.expect(200, 'listForecasts', { as: 'north' });
    return new Map((body['forecasts'] as readonly Forecast[]).map((one) => [`${one.product} ${one.site}`, one]));
  }
  const digests = (all: ReadonlyMap<string, Forecast>) =>
    [...all].map(([name, { inputSha256, documentSha256 }]) => [name, inputSha256, documentSha256]);

  it('add up over the sites of a product, to what its steady sum says', async () => {
    const all = await forecasts();
    const [east, west] = [all.get('dear east'), all.get('dear west')];
    expect([east?.addsUp, west?.addsUp, all.get('dear new')?.addsUp]).toEqual([true, true, false]);
    expect(all.get('cheap east')?.addsUp).toBe(false);
    const errors = (east?.steps ?? []).map(({ mean }, step) =>
      Math.abs(mean + (west?.steps[step]?.mean ?? NaN) - 200 * winter(5 + step)),
    );
    expect(errors).toHaveLength(6);
    // Either site alone is unknown by some 35.
    for (const error of errors) expect(error).toBeLessThan(16);
    for (const { steps } of all.values()) {
      for (const { mean, lower80, upper80, lower95, upper95 } of steps) {
        const ordered = [lower95, lower80, mean, upper80, upper95];
        expect(ordered).toEqual([...ordered].sort((a, b) => a - b));
      }
    }
  });

  it('learn the season of their substance, strength and form, whatever it is called', async () => {
    const { owner } = world.api.custody;
    const seasonOf = async (product: string): Promise<readonly number[] | null | undefined> =>
      (
        await owner.query<{ season: readonly number[] | null }>(
          `SELECT input::jsonb -> 'season' AS season FROM forecast_newest WHERE article = $1 LIMIT 1`,
          [product],
        )
      )[0]?.season;
    // Its eight months begin in October: three months later it is winter.
    const season = await seasonOf('same-new');
    expect(season?.[3]).toBeGreaterThan(1.1);
    expect(season?.[9]).toBeLessThan(0.9);
    expect(await seasonOf('cheap')).toBeNull();
  });

  it('are the same bytes again, also when one product or site is asked for', async () => {
    const before = await forecasts();
    expect(await made({ until: UNTIL })).toMatchObject({ done: 7 });
    expect(digests(await forecasts())).toEqual(digests(before));
    // The other code of its group is read for its season, and not forecast.
    expect(await made({ until: UNTIL, product: 'same-new' })).toMatchObject({ total: 1, done: 1 });
    expect(digests(await forecasts())).toEqual(digests(before));
    // A product is forecast at all of its sites.
    expect(await made({ until: UNTIL, site: 'west' })).toMatchObject({ total: 3, done: 3 });
    expect(digests(await forecasts())).toEqual(digests(before));
  }, 60_000);

  it('take their service level from what a year of them costs and who needs them', async () => {
    const { body } = await world.api.expect(200, 'listReorder', { as: 'north' });
    const advice = new Map((body['advice'] as readonly Advice[]).map((one) => [one.product, one]));
    expect(advice.get('dear')).toMatchObject({
      service: 0.9,
      serviceBasis: { ven: 'necessary', abc: 'A', basis: 'value' },
    });
    expect(advice.get('cheap')).toMatchObject({
      service: 0.93,
      serviceBasis: { ven: 'necessary', abc: 'C', basis: 'value' },
    });
    expect(advice.get('same-old')?.serviceBasis).toMatchObject({ ven: 'essential', basis: 'volume' });
    expect(advice.get('told')).toMatchObject({ service: 0.8, serviceBasis: null });
  });

  it('say in SQL whether they are out of date', async () => {
    const dates = await world.api.custody.owner.query<{ late: boolean; fresh: boolean; over: boolean }>(
      `SELECT bool_and(forecast_out_of_date(document::jsonb, window_until, '2026-07-02')) AS late,
              bool_or(forecast_out_of_date(document::jsonb, window_until, '2026-07-01')) AS fresh,
              bool_and(forecast_out_of_date(document::jsonb, '2026-12-01', '2026-12-01')) AS over
       FROM forecast_newest WHERE window_until = $1`,
      [UNTIL],
    );
    expect(dates).toEqual([{ late: true, fresh: false, over: true }]);
  });
});
