import { createHash } from 'node:crypto';
import type { EntityDatabase, EntityTransaction } from '@coldchain/database';
import { type DayNumber, formatDay, parseDay } from '@coldchain/forecast';
import { type ProductClass, productClasses } from './abc-classes.js';
import { windowOf } from './demand-history.js';
import type { BaseOutcome } from './forecast-series.js';
import type { ForecastThreads } from './forecast-threads.js';
import { historiesOf } from './history-reader.js';
import * as jobs from './job.queries.js';
import { startOfPeriod } from './list-coverage.js';
import { groupsInSteps, groupsLeft, type PlanningGroup, planningWork } from './planning-work.js';
import { type PlanningSetting, planningSetting } from './planning.queries.js';
import { reconciledInputs } from './product-hierarchy.js';
import { siteInputs } from './site-inputs.js';
import { yearlyDemand } from './yearly-demand.queries.js';

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

/** Series that are fitted together and stored by one short transaction. */
const SERIES_AT_ONCE = 16;

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
    const { database } = this.surroundings;
    const plan = await this.begin();
    const left = await database.withOrganisation(organisationId, (tx) => jobs.unfinished(tx, id));
    const end = await this.make(left);
    if (end !== null) return end;
    const so = await database.withOrganisation(organisationId, (tx) => jobs.preparedSoFar(tx, id));
    const rest = groupsLeft(plan.groups, so.products);
    let position = so.next;
    for (const step of groupsInSteps(rest, SERIES_AT_ONCE)) {
      const prepared = await this.prepare(step, plan, position);
      if (prepared === null) return this.surroundings.signal.aborted ? 'queued' : 'cancelled';
      position += prepared.length;
      const keys = step.reduce((sum, group) => sum + group.keys.length, 0);
      await this.count(keys - prepared.length);
      const ended = await this.make(prepared);
      if (ended !== null) return ended;
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
  private async begin(): Promise<JobPlan> {
    const { id, organisationId } = this.job;
    const { database, now } = this.surroundings;
    const { input } = await this.inClaim((_, row) => Promise.resolve(row));
    const day = input.until === undefined ? Math.floor(now / 86_400_000) : dayOf(input.until);
    const plan = await database.withOrganisation(organisationId, async (transaction): Promise<JobPlan> => {
      const setting = await planningSetting(transaction);
      const until = startOfPeriod(day, setting.frequency);
      const year = await yearlyDemand(transaction, formatDay(until - 365), formatDay(until));
      return { setting, until, groups: await planningWork(transaction, input), classes: productClasses(year) };
    });
    await this.inClaim(async (transaction, { total }) => {
      if (total !== null) return;
      const keys = plan.groups.reduce((sum, group) => sum + group.keys.length, 0);
      await jobs.countWork(transaction, id, keys, { ...input, until: formatDay(day) });
    });
    return plan;
  }

  /**
   * Reads without writing, so that nobody who follows a table waits for it; then stores what goes in. null: it was
   * told to stop.
   */
  private async prepare(
    groups: readonly PlanningGroup[],
    { setting, until, classes }: JobPlan,
    position: number,
  ): Promise<jobs.PreparedForecast[] | null> {
    const { id, organisationId } = this.job;
    const { database, threads, signal } = this.surroundings;
    const { frequency } = setting;
    const keys = groups.flatMap((group) => [...group.keys, ...group.others]);
    const histories = await database.withOrganisation(organisationId, (transaction) =>
      historiesOf(transaction, keys, frequency, until),
    );
    const sites = siteInputs(groups, histories, setting, classes);
    let stopped = false;
    const inputs = await reconciledInputs(
      sites.map(({ key, history, input }) => ({ product: key.product, source: history.source, input })),
      async (texts) => {
        const outcomes: BaseOutcome[] = [];
        for (const some of chunksOf(texts, SERIES_AT_ONCE)) {
          // Keeps the claim, and hears of a cancellation, while a product with many sites is worked on.
          stopped ||= signal.aborted || (await this.inClaim((_, row) => Promise.resolve(row.cancel_requested)));
          outcomes.push(...(stopped ? some.map(() => NOT_MADE) : await threads.bases(some)));
        }
        return outcomes;
      },
    );
    if (stopped) return null;
    const prepared = sites.map(({ key, history }, at): jobs.PreparedForecast => {
      const text = JSON.stringify(inputs[at]);
      const window = windowOf(history);
      return {
        ...key,
        position: position + at,
        source: history.source,
        frequency,
        windowFrom: window.from,
        windowUntil: window.until,
        input: text,
        inputSha256: sha256(text),
      };
    });
    await this.inClaim((transaction) => jobs.insertPrepared(transaction, id, prepared));
    return prepared;
  }

  /** Makes prepared forecasts and stores them, some at a time; null when all are made. */
  private async make(
    prepared: readonly { readonly position: number; readonly input: string }[],
  ): Promise<'cancelled' | 'queued' | null> {
    for (const some of chunksOf(prepared, SERIES_AT_ONCE)) {
      if (this.surroundings.signal.aborted) return 'queued';
      const outcomes = await this.surroundings.threads.documents(some.map(({ input }) => input));
      const made = some.map(({ position }, at): jobs.MadeForecast => {
        const outcome = outcomes[at];
        if (outcome === undefined) throw new Error('a forecast thread answered less than it was asked');
        return { position, outcome, documentSha256: outcome.ok ? sha256(outcome.document) : null };
      });
      const refused = made.filter(({ outcome }) => !outcome.ok).length;
      const cancelled = await this.inClaim(async (transaction, row) => {
        await jobs.storeMade(transaction, this.job.id, made);
        await jobs.addProgress(transaction, this.job.id, made.length, refused);
        return row.cancel_requested;
      });
      if (cancelled) return 'cancelled';
    }
    return null;
  }

  /** Counts series of which nothing is known. */
  private async count(without: number): Promise<void> {
    if (without > 0) await this.inClaim((transaction) => jobs.addProgress(transaction, this.job.id, without, 0));
  }
}

/** What a job does, and with what. */
interface JobPlan {
  readonly setting: PlanningSetting;
  /** First day that is not looked at. */
  readonly until: DayNumber;
  readonly groups: readonly PlanningGroup[];
  readonly classes: ReadonlyMap<string, ProductClass>;
}

const NOT_MADE: BaseOutcome = { ok: false, code: 'stopped', detail: 'the job was told to stop' };

function chunksOf<Entry>(entries: readonly Entry[], size: number): Entry[][] {
  return Array.from({ length: Math.ceil(entries.length / size) }, (_, at) => entries.slice(at * size, (at + 1) * size));
}

function dayOf(text: string): DayNumber {
  const day = parseDay(text);
  if (day === null) throw new Error(`the job names the day ${text}`);
  return day;
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();
