import { createHash } from 'node:crypto';
import type { EntityDatabase, EntityTransaction } from '@coldchain/database';
import { type DayNumber, formatDay, type Frequency, parseDay, serviceLevelFor } from '@coldchain/forecast';
import { type KnownDemand, planningHistory, type StockChange, windowOf } from './demand-history.js';
import { type ForecastInput, periodsOf } from './forecast-series.js';
import type { ForecastThreads } from './forecast-threads.js';
import * as jobs from './job.queries.js';
import { startOfPeriod } from './list-coverage.js';
import { isKeyAfter } from './planning-key.js';
import {
  type Article,
  articlesOf,
  demandOf,
  type PlanningKey,
  planningKeys,
  type PlanningSetting,
  planningSetting,
  stockChangesOf,
} from './planning.queries.js';

/** A job that this process has claimed. */
export interface ClaimedJob {
  readonly id: number;
  readonly organisationId: number;
  readonly claim: number;
}

/** What a job is run with. */
export interface JobSurroundings {
  readonly database: EntityDatabase;
  readonly threads: ForecastThreads;
  readonly leaseMs: number;
  /** Today, ms since 1970 UTC: for jobs that name no day. */
  readonly now: number;
  /** Aborted when the process stops: the job is given back. */
  readonly signal: AbortSignal;
}

/** Somebody else has the job now: nothing more may be written. */
export class ClaimLost extends Error {}

/** Series of one step: fitted together and stored by one short transaction. */
const SERIES_AT_ONCE = 16;
/** Without an article: a week to deliver, a look each week, as an essential product. */
const USUAL_DAYS = 7;

/** How a step left the job. */
type JobEnd = 'done' | 'cancelled' | 'queued';

/**
 * Makes every forecast of a job, step by step; a job that was interrupted goes on after its last step. What goes into a
 * forecast is stored before it is made, so that whoever goes on makes the same one.
 * @throws ClaimLost
 */
export async function runForecastJob(surroundings: JobSurroundings, job: ClaimedJob): Promise<JobEnd> {
  const work = new ForecastJob(surroundings, job);
  const end = await work.run();
  await work.inClaim(async (transaction) => {
    await jobs.leaveJob(transaction, job.id, end, null);
    if (end === 'done') await jobs.forgetOld(transaction);
  });
  return end;
}

class ForecastJob {
  constructor(
    private readonly surroundings: JobSurroundings,
    private readonly job: ClaimedJob,
  ) {}

  async run(): Promise<JobEnd> {
    const { id, organisationId } = this.job;
    const { database, signal } = this.surroundings;
    const { setting, until, keys } = await this.begin();
    const left = await database.withOrganisation(organisationId, (tx) => jobs.unfinished(tx, id));
    if ((await this.make(left, 0)) === 'cancelled') return 'cancelled';
    const last = await database.withOrganisation(organisationId, (tx) => jobs.lastLookedAt(tx, id));
    const rest = last === undefined ? keys : keys.filter((key) => isKeyAfter(key, last));
    let position = last === undefined ? 0 : last.position + 1;
    for (let at = 0; at < rest.length; at += SERIES_AT_ONCE) {
      if (signal.aborted) return 'queued';
      const step = rest.slice(at, at + SERIES_AT_ONCE);
      const prepared = await this.prepare(step, setting, until, position);
      position += prepared.length;
      if ((await this.make(prepared, step.length - prepared.length)) === 'cancelled') return 'cancelled';
    }
    return 'done';
  }

  /** Runs `work` while the claim stands. @throws ClaimLost */
  inClaim<Result>(work: (transaction: EntityTransaction, row: jobs.JobRow) => Promise<Result>): Promise<Result> {
    const { database, leaseMs } = this.surroundings;
    const { id, organisationId, claim } = this.job;
    return database.withOrganisation(organisationId, async (transaction) => {
      const row = await jobs.renewClaim(transaction, id, claim, leaseMs);
      if (row === undefined) throw new ClaimLost(`job ${id} has another worker`);
      return work(transaction, row);
    });
  }

  /** What there is to do; counted once, so that progress goes one way. */
  private async begin(): Promise<{
    readonly setting: PlanningSetting;
    readonly until: DayNumber;
    readonly keys: readonly PlanningKey[];
  }> {
    const { id, organisationId } = this.job;
    const { database, now } = this.surroundings;
    const { input } = await this.inClaim((_, row) => Promise.resolve(row));
    const day = input.until === undefined ? Math.floor(now / 86_400_000) : dayOf(input.until);
    const { setting, keys } = await database.withOrganisation(organisationId, async (transaction) => ({
      setting: await planningSetting(transaction),
      keys: await planningKeys(transaction, input),
    }));
    await this.inClaim(async (transaction, { total }) => {
      if (total !== null) return;
      await jobs.countWork(transaction, id, keys.length, { ...input, until: formatDay(day) });
    });
    return { setting, until: startOfPeriod(day, setting.frequency), keys };
  }

  /** Reads without writing, so that nobody who follows a table waits for it; then stores what goes in. */
  private async prepare(
    keys: readonly PlanningKey[],
    setting: PlanningSetting,
    until: DayNumber,
    position: number,
  ): Promise<jobs.PreparedForecast[]> {
    const { id, organisationId } = this.job;
    const histories = await this.surroundings.database.withOrganisation(organisationId, (transaction) =>
      historiesOf(transaction, keys, setting.frequency, until),
    );
    const known = histories.flatMap(({ history, ...rest }) => (history === null ? [] : [{ ...rest, history }]));
    const prepared = known.map(({ key, article, history }, at): jobs.PreparedForecast => {
      const { quantities, available, lastDay, source } = history;
      const input: ForecastInput = {
        version: 1,
        frequency: setting.frequency,
        horizon: setting.horizon,
        quantities,
        available,
        lastDay,
        policy: policyOf(article, setting.frequency),
        minimumOrder: article?.minimumOrder ?? 0,
      };
      const text = JSON.stringify(input);
      const window = windowOf(history);
      return {
        ...key,
        position: position + at,
        source,
        frequency: setting.frequency,
        windowFrom: window.from,
        windowUntil: window.until,
        input: text,
        inputSha256: sha256(text),
      };
    });
    await this.inClaim((transaction) => jobs.insertPrepared(transaction, id, prepared));
    return prepared;
  }

  /** Makes prepared forecasts and stores them. @param without series of the step of which nothing is known */
  private async make(
    prepared: readonly { readonly position: number; readonly input: string }[],
    without: number,
  ): Promise<'made' | 'cancelled'> {
    const outcomes = await this.surroundings.threads.run(prepared.map(({ input }) => input));
    const made = prepared.map(({ position }, at): jobs.MadeForecast => {
      const outcome = outcomes[at];
      if (outcome === undefined) throw new Error('a forecast thread answered less than it was asked');
      return { position, outcome, documentSha256: outcome.ok ? sha256(outcome.document) : null };
    });
    const refused = made.filter(({ outcome }) => !outcome.ok).length;
    return this.inClaim(async (transaction, { cancel_requested: cancel }) => {
      await jobs.storeMade(transaction, this.job.id, made);
      await jobs.addProgress(transaction, this.job.id, made.length + without, refused);
      return cancel ? 'cancelled' : 'made';
    });
  }
}

/** A product at a site with what is known of its demand. */
interface KeyedHistory {
  readonly key: PlanningKey;
  /** null: the product is a GTIN that belongs to no article. */
  readonly article: Article | null;
  readonly history: ReturnType<typeof planningHistory>;
}

/** Histories of products and sites, in their order. */
export async function historiesOf(
  transaction: EntityTransaction,
  keys: readonly PlanningKey[],
  frequency: Frequency,
  until: DayNumber,
): Promise<KeyedHistory[]> {
  const codes = [...new Set(keys.map(({ product }) => product))];
  const articles = new Map((await articlesOf(transaction, codes)).map((article) => [article.code, article]));
  // What a row's quantity is in base units of the product that is planned.
  const factors = new Map<string, { readonly product: string; readonly baseUnits: number }>();
  for (const code of codes) {
    factors.set(code, { product: code, baseUnits: 1 });
    for (const { gtin, baseUnits } of articles.get(code)?.packs ?? []) factors.set(gtin, { product: code, baseUnits });
  }
  const day = formatDay(until);
  const demand = new Map<string, KnownDemand[]>();
  for (const row of await demandOf(transaction, [...factors.keys()], frequency, day)) {
    const { product, baseUnits } = factors.get(row.product) ?? { product: row.product, baseUnits: 1 };
    const quantity = row.quantity === null ? null : row.quantity * baseUnits;
    append(demand, `${product} ${row.site}`, { ...row, quantity });
  }
  const changes = new Map<string, StockChange[]>();
  for (const row of await stockChangesOf(transaction, [...factors.keys()], day)) {
    const { product, baseUnits } = factors.get(row.gtin) ?? { product: row.gtin, baseUnits: 1 };
    const scaled = { day: row.day, change: row.change * baseUnits, added: row.added * baseUnits };
    append(changes, `${product} ${row.site}`, scaled);
  }
  return keys.map((key) => {
    const name = `${key.product} ${key.site}`;
    const history = planningHistory(demand.get(name) ?? [], changes.get(name) ?? [], frequency, until);
    return { key, article: articles.get(key.product) ?? null, history };
  });
}

function append<Entry>(lists: Map<string, Entry[]>, name: string, entry: Entry): void {
  const list = lists.get(name);
  if (list === undefined) lists.set(name, [entry]);
  else list.push(entry);
}

function policyOf(article: Article | null, frequency: Frequency): ForecastInput['policy'] {
  return {
    leadTime: periodsOf(article?.leadTimeDays ?? USUAL_DAYS, frequency),
    leadTimeSpread: periodsOf(article?.leadTimeSpreadDays ?? 0, frequency),
    review: periodsOf(article?.reviewDays ?? USUAL_DAYS, frequency),
    // Values of the articles are not known here, so none is dearer than another.
    service: article?.service ?? serviceLevelFor(article?.ven ?? 'essential', 'B'),
  };
}

function dayOf(text: string): DayNumber {
  const day = parseDay(text);
  if (day === null) throw new Error(`the job names the day ${text}`);
  return day;
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();
