import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sleep } from '@coldchain/kernel';
import { freePort, WorkerProcess } from '../support/index.js';
import { PlanningWorld, weeklyRows } from './planning-world.js';

const SERIES = 64;
const UNTIL = '2026-06-01';

interface Forecast {
  readonly article: string;
  readonly source: string;
  readonly input: string;
  readonly result: string;
}

/** Two years of a seasonal product with chance in it that depends on nothing but its number. */
function quantityOf(series: number, week: number): number {
  const chance = Math.abs(Math.sin((series + 1) * 12.9898 + week * 78.233) * 43758.5453) % 1;
  return Math.round(30 + series / 4 + 10 * Math.sin(week / 8.3) + 12 * chance);
}

describe('forecast jobs', () => {
  let world: PlanningWorld;
  const processes: WorkerProcess[] = [];

  beforeAll(async () => {
    world = await PlanningWorld.open();
    const rows = Array.from({ length: SERIES }, (_, series) =>
      weeklyRows(`product-${String(series).padStart(3, '0')}`, UNTIL, 78, (week) => quantityOf(series, week)),
    );
    const imported = await world.import('north', `product,date,quantity\n${rows.join('')}`);
    expect(imported).toMatchObject({ status: 201, body: { rows: SERIES * 78, series: SERIES } });
  }, 120_000);
  afterAll(async () => {
    for (const one of processes) await one.kill();
    await world.close();
  });

  async function server(): Promise<WorkerProcess> {
    const started = WorkerProcess.start(
      {
        CCT_DATABASE_URL: world.api.custody.url,
        CCT_HTTP_PORT: String(await freePort()),
        CCT_PLANNING_NIGHT_HOUR: '24',
        CCT_JOB_LEASE_MS: '2000',
      },
      'apps/api/dist/main.js',
    );
    processes.push(started);
    return started;
  }

  async function until(
    id: string,
    reached: (job: Record<string, unknown>) => boolean,
  ): Promise<Record<string, unknown>> {
    for (;;) {
      const job = await world.jobState('north', id);
      if (reached(job)) return job;
      await sleep(20);
    }
  }

  function forecastsOf(id: string): Promise<Forecast[]> {
    return world.api.custody.owner.query<Forecast>(
      `SELECT article, source, encode(input_sha256, 'hex') AS input, encode(document_sha256, 'hex') AS result
       FROM forecast WHERE job_id = $1 AND computed_at IS NOT NULL ORDER BY article`,
      [id],
    );
  }

  const madeAt = (id: string): Promise<{ readonly computed_at: Date }[]> =>
    world.api.custody.owner.query(
      'SELECT position, computed_at FROM forecast WHERE job_id = $1 AND computed_at IS NOT NULL ORDER BY position',
      [id],
    );

  const claimsOf = (id: string): Promise<{ readonly claim: number }[]> =>
    world.api.custody.owner.query('SELECT claim FROM job WHERE id = $1', [id]);

  it('go on where a killed process left them, to the same bytes', async () => {
    const id = await world.job('north', { until: UNTIL });
    const first = await server();
    await until(id, ({ done }) => Number(done) > 0);
    await first.kill();
    const left = await world.jobState('north', id);
    expect([left['state'], Number(left['done']) < SERIES]).toEqual(['running', true]);
    const before = await forecastsOf(id);
    expect(before.length).toBeGreaterThan(0);

    const second = await server();
    expect(await until(id, ({ state }) => state !== 'running')).toMatchObject({
      state: 'done',
      total: SERIES,
      done: SERIES,
      refused: 0,
    });
    await second.stop();
    const resumed = await forecastsOf(id);
    expect(resumed).toHaveLength(SERIES);
    // What was made before the kill was not made again.
    expect(resumed.slice(0, before.length)).toEqual(before);
    expect(await claimsOf(id)).toEqual([{ claim: 2 }]);

    const again = await world.job('north', { until: UNTIL });
    await world.runJobs();
    expect(await forecastsOf(again)).toEqual(resumed);
  }, 180_000);

  it('are shared by processes: each is done by one of them, and once', async () => {
    const ids = [];
    for (let product = 0; product < 6; product++) {
      ids.push(await world.job('north', { until: UNTIL, product: `product-00${product}` }));
    }
    const runners = [world.runner(), world.runner()];
    try {
      const worked = await Promise.all(runners.map((runner) => runner.runOnce()));
      expect(worked.reduce((sum, jobs) => sum + jobs, 0)).toBe(ids.length);
    } finally {
      await Promise.all(runners.map((runner) => runner.stop()));
    }
    for (const id of ids) {
      expect(await world.jobState('north', id)).toMatchObject({ state: 'done', total: 1, done: 1 });
      expect(await claimsOf(id)).toEqual([{ claim: 1 }]);
    }
  }, 120_000);

  it('that are cancelled end after their present step; queued ones at once', async () => {
    const queued = await world.job('north', { until: UNTIL });
    await world.api.expect(200, 'cancelJob', { as: 'north', params: { id: queued } });
    expect(await world.jobState('north', queued)).toMatchObject({ state: 'cancelled', done: 0 });

    const id = await world.job('north', { until: UNTIL });
    const runner = world.runner();
    const working = runner.runOnce();
    await until(id, ({ done }) => Number(done) > 0);
    await world.api.expect(200, 'cancelJob', { as: 'north', params: { id } });
    await working;
    await runner.stop();
    const job = await world.jobState('north', id);
    expect(job['state']).toBe('cancelled');
    expect(Number(job['done'])).toBeLessThan(SERIES);
    const before = await forecastsOf(id);
    expect(before).toHaveLength(Number(job['done']));

    // It goes on behind what it has made, to what a job that nobody cancelled makes.
    expect(await world.api.refused('resumeJob', { as: 'south', params: { id } })).toBe('404 not-found');
    const { body } = await world.api.expect(202, 'resumeJob', { as: 'north', params: { id } });
    expect(body).toMatchObject({ state: 'queued', total: SERIES, done: before.length, endedAt: null });
    const made = await madeAt(id);
    await world.runJobs();
    expect(await world.jobState('north', id)).toMatchObject({ state: 'done', done: SERIES });
    expect((await madeAt(id)).slice(0, before.length)).toEqual(made);
    const whole = await world.job('north', { until: UNTIL });
    await world.runJobs();
    expect(await forecastsOf(id)).toEqual(await forecastsOf(whole));
    // There is nothing to go on with.
    await world.api.expect(202, 'resumeJob', { as: 'north', params: { id } });
    expect(await world.jobState('north', id)).toMatchObject({ state: 'done' });
  }, 120_000);

  it('are given back when their process stops, and another one ends them', async () => {
    const id = await world.job('north', { until: UNTIL });
    const runner = world.runner();
    const working = runner.runOnce();
    await until(id, ({ done }) => Number(done) > 0);
    await Promise.all([runner.stop(), working]);
    expect(await world.jobState('north', id)).toMatchObject({ state: 'queued' });
    await world.runJobs();
    expect(await world.jobState('north', id)).toMatchObject({ state: 'done', done: SERIES });
  }, 120_000);

  it('end when they have failed three times; being given back is no failure', async () => {
    const { owner } = world.api.custody;
    const job = (): Promise<string> => world.job('north', { until: UNTIL, product: 'product-001' });
    const stateOf = async (id: string): Promise<Record<string, unknown> | undefined> =>
      (await owner.query<Record<string, unknown>>('SELECT state, failures, claim FROM job WHERE id = $1', [id]))[0];
    // It was given back seven times by processes that stopped; then it cannot be read.
    const unreadable = await job();
    await owner.query(`UPDATE job SET claim = 7, input = '{"until": "never"}' WHERE id = $1`, [unreadable]);
    await world.runJobs();
    expect(await stateOf(unreadable)).toEqual({ state: 'failed', failures: 3, claim: 10 });
    // Their processes died, twice and for the third time.
    const [twice, thrice] = [await job(), await job()];
    for (const [id, failures] of [
      [twice, 1],
      [thrice, 2],
    ] as const) {
      await owner.query(
        `UPDATE job SET state = 'running', claim = $2, failures = $2, claimed_by = 'dead',
                        claimed_until = clock_timestamp() - interval '1 s' WHERE id = $1`,
        [id, failures],
      );
    }
    await world.runJobs();
    expect(await stateOf(twice)).toEqual({ state: 'done', failures: 2, claim: 2 });
    expect(await stateOf(thrice)).toEqual({ state: 'failed', failures: 3, claim: 2 });
  }, 120_000);

  it('wait in a queue that ends', async () => {
    const ids = [];
    for (let asked = 0; asked < 20; asked++) ids.push(await world.job('south'));
    expect(await world.api.refused('createJob', { as: 'south', body: { kind: 'forecast' } })).toBe('409 jobs-waiting');
    for (const id of ids) await world.api.expect(200, 'cancelJob', { as: 'south', params: { id } });
    await world.api.expect(202, 'createJob', { as: 'south', body: { kind: 'forecast' } });
    await world.runJobs();
  });

  it('forget what later ones have replaced, and keep the newest of each product', async () => {
    const { owner } = world.api.custody;
    const kept = (): Promise<{ readonly article: string; readonly count: number }[]> =>
      owner.query(`SELECT article, count(*) FROM forecast WHERE article IN ('product-001', 'product-050')
                   GROUP BY article ORDER BY article`);
    const [before] = await kept();
    // Thirty jobs of one product: what earlier ones made of it goes, of others the newest stays.
    for (let job = 0; job < 32; job++) {
      await world.job('north', { until: UNTIL, product: 'product-001' });
      await world.runJobs();
    }
    expect(before?.count).toBeGreaterThan(1);
    expect(await kept()).toEqual([
      { article: 'product-001', count: 30 },
      { article: 'product-050', count: 1 },
    ]);
    const { body } = await world.api.expect(200, 'listForecasts', { as: 'north', query: { limit: '1000' } });
    expect(body['forecasts']).toHaveLength(SERIES);
  }, 180_000);

  it('are queued each night once for who knows of any demand', async () => {
    const runner = world.runner({ nightHour: 0, pollMs: 50 });
    await until('1', () => true);
    for (;;) {
      const jobs = await world.api.custody.owner.query<{ slug: string; state: string }>(
        `SELECT o.slug, j.state FROM job j JOIN organisation o ON o.id = j.organisation_id WHERE j.night IS NOT NULL`,
      );
      if (jobs[0]?.state === 'done') {
        expect(jobs).toEqual([{ slug: 'north', state: 'done' }]);
        break;
      }
      await sleep(50);
    }
    await runner.stop();
    const again = world.runner({ nightHour: 0, pollMs: 50 });
    await sleep(300);
    await again.stop();
    const [count] = await world.api.custody.owner.query<{ nights: number }>(
      'SELECT count(*) AS nights FROM job WHERE night IS NOT NULL',
    );
    expect(count).toEqual({ nights: 1 });
  }, 120_000);
});
