import { startPlanning, type PlanningRunner } from '@coldchain/api/planning';
import { EntityDatabase } from '@coldchain/database';
import { createLogger } from '@coldchain/runtime';
import { ApiWorld, keyOf } from './api-world.js';
import { type Actor, carton, GTIN, LOT, serials } from './custody-world.js';

export const DAY_MS = 86_400_000;

/** An API over a custody world, and a runner of jobs that works when it is told to. */
export class PlanningWorld {
  private constructor(
    readonly api: ApiWorld,
    private readonly database: EntityDatabase,
  ) {}

  static async open(): Promise<PlanningWorld> {
    const api = await ApiWorld.open();
    const options = { url: api.custody.url, role: 'cct_api', applicationName: 'planning-world' } as const;
    return new PlanningWorld(api, await EntityDatabase.open(options));
  }

  /** A runner that has to be stopped. */
  runner(options: Partial<Parameters<typeof startPlanning>[0]> = {}): PlanningRunner {
    return startPlanning({
      database: this.database,
      clock: this.api.custody.clock,
      logger: createLogger('api', 'silent'),
      threads: 1,
      nightHour: null,
      pollMs: 3_600_000,
      ...options,
    });
  }

  /** Works on all open jobs. */
  async runJobs(): Promise<void> {
    const runner = this.runner();
    try {
      await runner.runOnce();
    } finally {
      await runner.stop();
    }
  }

  /** A certified batch of twenty packs, of which so many came to a pharmacy. */
  async stocked(as: Actor, packs: number): Promise<void> {
    await this.api.certifiedBatch();
    await this.api.pack(carton(1), 1, packs);
    await this.api.deliver('maker', as, carton(1));
  }

  /** Dispenses packs by the numbers of their serials, `spacingMs` apart. */
  async dispense(as: Actor, from: number, to: number, spacingMs: number): Promise<void> {
    for (const serial of serials(from, to)) {
      this.api.custody.clock.advance(spacingMs);
      await this.api.expect(201, 'decommissionPack', {
        as,
        role: 'dispenser',
        params: { id: `${GTIN}.${serial}` },
        body: { lot: LOT, status: 'dispensed' },
      });
    }
  }

  /** Imports a demand list. */
  async import(
    as: Actor,
    csv: string,
    query: Record<string, string> = {},
  ): Promise<{ readonly status: number; readonly body: Record<string, unknown> }> {
    const search = new URLSearchParams(query).toString();
    const response = await fetch(`${this.api.api.url}/v1/demand${search === '' ? '' : `?${search}`}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${keyOf(as, 'quality')}`, 'content-type': 'text/csv' },
      body: csv,
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  /** Asks for forecasts and returns the id of the job. */
  async job(as: Actor, body: Record<string, unknown> = {}): Promise<string> {
    const answered = await this.api.expect(202, 'createJob', { as, body: { kind: 'forecast', ...body } });
    return String(answered.body['id']);
  }

  /** The job as it stands. */
  async jobState(as: Actor, id: string): Promise<Record<string, unknown>> {
    return (await this.api.expect(200, 'getJob', { as, params: { id } })).body;
  }

  async close(): Promise<void> {
    await this.database.close();
    await this.api.close();
  }
}

/** Weeks of demand as CSV rows of a product, the last one before `until` (a Monday). */
export function weeklyRows(
  product: string,
  until: string,
  weeks: number,
  quantity: (week: number) => number,
  more: (week: number) => string = () => '',
): string {
  const end = Date.parse(`${until}T00:00:00Z`);
  return Array.from({ length: weeks }, (_, week) => {
    const day = new Date(end - (weeks - week) * 7 * DAY_MS).toISOString().slice(0, 10);
    return `${product},${day},${quantity(week)}${more(week)}\n`;
  }).join('');
}
