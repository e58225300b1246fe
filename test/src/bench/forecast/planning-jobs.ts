import { freePort } from '@coldchain/deploy-local';
import { sleep } from '@coldchain/kernel';
import { PlanningWorld } from '../../contract/planning-world.js';
import { startServer, stopServer } from '../../support/server-of-the-run.js';
import { WorkerProcess } from '../../support/worker-process.js';
import { processorSecondsOf, residentOf } from './process-use.js';

/** What a job took of the API's process, in which it runs. */
export interface JobRun {
  readonly series: number;
  readonly seconds: number;
  /** Of all threads; 0 where the system does not tell. */
  readonly processorSeconds: number;
  /** Most memory in the second quarter of the job, and in the last one: flat where they are alike. */
  readonly earlyMegabytes: number;
  readonly lateMegabytes: number;
}

const MONTHS = 60;
const UNTIL = '2026-06-01';
const LOOK_MS = 100;

/** One forecast job over products at sites, as people ask for it: from the request until it is done. */
export async function planningJob(products: number, sites: number): Promise<JobRun> {
  await startServer();
  try {
    const world = await PlanningWorld.open();
    try {
      return await jobIn(world, products, sites);
    } finally {
      await world.close();
    }
  } finally {
    await stopServer();
  }
}

async function jobIn(world: PlanningWorld, products: number, sites: number): Promise<JobRun> {
  const body = { frequency: 'month', horizon: 12, decommissionsAre: 'dispensed' };
  await world.api.expect(200, 'setPlanning', { as: 'north', body });
  const rows = Array.from({ length: products * sites }, (_, at) => rowsOf(Math.floor(at / sites), at % sites));
  const { status } = await world.import('north', `product,site,date,quantity\n${rows.join('')}`);
  if (status !== 201) throw new Error(`the import was answered with ${status}`);
  const id = await world.job('north', { until: UNTIL });
  const began = performance.now();
  const server = WorkerProcess.start(
    {
      CCT_DATABASE_URL: world.api.custody.url,
      CCT_HTTP_PORT: String(await freePort()),
      CCT_PLANNING_NIGHT_HOUR: '24',
    },
    'apps/api/dist/main.js',
  );
  try {
    let [early, late] = [0, 0];
    for (;;) {
      const job = await world.jobState('north', id);
      const done = Number(job['done']);
      const megabytes = residentOf(server.pid);
      const share = done / (products * sites);
      if (share > 0.25 && share <= 0.5) early = Math.max(early, megabytes);
      if (share > 0.75) late = Math.max(late, megabytes);
      if (job['state'] !== 'queued' && job['state'] !== 'running') {
        if (job['state'] !== 'done' || done !== products * sites || job['refused'] !== 0) {
          throw new Error(`the job is ${String(job['state'])} after ${done} series`);
        }
        const seconds = (performance.now() - began) / 1000;
        const processorSeconds = processorSecondsOf(server.pid);
        return { series: done, seconds, processorSeconds, earlyMegabytes: early, lateMegabytes: late };
      }
      await sleep(LOOK_MS);
    }
  } finally {
    await server.kill();
  }
}

/** Months of one product at one site: a season of the product, a size of the site, noise; one site in five is rare. */
function rowsOf(product: number, site: number): string {
  const noise = (t: number): number => (((product * 31 + site + 1) * 7919 + t * 104_729) * 0.6180339887498949) % 1;
  return Array.from({ length: MONTHS }, (_, t) => {
    const season = 1 + 0.3 * Math.sin(((t + product) * Math.PI) / 6);
    const dense = Math.round((10 + product + 7 * site) * season * (0.8 + 0.4 * noise(t)));
    const quantity = site % 5 === 4 ? (noise(t) > 0.8 ? 1 + (t % 4) : 0) : dense;
    const day = new Date(Date.UTC(2026, 5 - MONTHS + t, 1)).toISOString().slice(0, 10);
    return `product-${String(product).padStart(4, '0')},site-${site},${day},${quantity}\n`;
  }).join('');
}
