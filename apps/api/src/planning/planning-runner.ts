import { randomUUID } from 'node:crypto';
import type { EntityDatabase } from '@coldchain/database';
import { type Clock, sleep } from '@coldchain/kernel';
import type { Logger } from '@coldchain/runtime';
import { type ClaimedJob, ClaimLost, runForecastJob } from './forecast-job.js';
import { ForecastThreads } from './forecast-threads.js';
import { leaveJob, noteFailure } from './job.queries.js';

/** What jobs are run with. */
export interface PlanningOptions {
  /** Opened with the role `cct_api`. */
  readonly database: EntityDatabase;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Threads that fit models while a job runs. */
  readonly threads: number;
  /** Hour of the day (UTC) from which every organisation gets its nightly forecasts; null: never. */
  readonly nightHour: number | null;
  /** How long a claim holds without a sign of life. */
  readonly leaseMs?: number;
  readonly pollMs?: number;
}

/** A process that works on jobs. */
export interface PlanningRunner {
  /** Works on all that is open and returns how many jobs it had. For tests: it also happens by itself. */
  runOnce(): Promise<number>;
  /** Gives back what is under way, after its present step. */
  stop(): Promise<void>;
}

const LEASE_MS = 60_000;
const POLL_MS = 1_000;
const NIGHT_CHECK_MS = 60_000;
/** A job that failed so often will fail again. */
const MOST_FAILURES = 3;

/**
 * Works on jobs, one after the other. Any number of processes may: a job is claimed for a time, and whose process dies is
 * claimed by another one when that time is over.
 */
export function startPlanning(options: PlanningOptions): PlanningRunner {
  const stopping = new AbortController();
  const { signal } = stopping;
  const worker = randomUUID();
  let last: Promise<unknown> = Promise.resolve();
  const look = (): Promise<number> => {
    const next = last.then(() => workOff(options, worker, signal));
    last = next.catch(() => undefined);
    return next;
  };
  const nights = new Nights(options);
  const loop = (async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        await nights.look();
        await look();
      } catch (error) {
        options.logger.error({ err: error }, 'jobs cannot be worked on, trying again');
      }
      await sleep(options.pollMs ?? POLL_MS, signal);
    }
  })();
  return {
    runOnce: look,
    async stop() {
      stopping.abort();
      await loop;
      await last;
    },
  };
}

/** Queues the forecasts of each night once; which night was queued stands in the database. */
class Nights {
  private lookedAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly options: PlanningOptions) {}

  async look(): Promise<void> {
    const { database, clock, logger, nightHour } = this.options;
    const now = clock.now();
    if (nightHour === null || now - this.lookedAt < NIGHT_CHECK_MS) return;
    this.lookedAt = now;
    const at = new Date(now);
    if (at.getUTCHours() < nightHour) return;
    const [row] = await database.query<{ queued: number }>('SELECT queue_nightly_forecasts($1::date) AS queued', [
      at.toISOString().slice(0, 10),
    ]);
    if ((row?.queued ?? 0) > 0) logger.info({ jobs: row?.queued }, 'nightly forecasts queued');
  }
}

async function workOff(options: PlanningOptions, worker: string, signal: AbortSignal): Promise<number> {
  let threads: ForecastThreads | null = null;
  let worked = 0;
  try {
    while (!signal.aborted) {
      const job = await claim(options, worker);
      if (job === null) break;
      threads ??= new ForecastThreads(options.threads);
      worked++;
      // What is wrong with one job must not keep the others from being done; a thread that died is replaced.
      if (!(await work(options, job, threads, signal))) {
        await threads.end();
        threads = null;
      }
    }
  } finally {
    await threads?.end();
  }
  return worked;
}

async function claim({ database, leaseMs = LEASE_MS }: PlanningOptions, worker: string): Promise<ClaimedJob | null> {
  const [row] = await database.query<{ job_id: number; organisation_id: number; claim: number }>(
    `SELECT job_id, organisation_id, claim FROM claim_job($1, $2 * interval '1 ms', $3)`,
    [worker, leaseMs, MOST_FAILURES],
  );
  return row === undefined ? null : { id: row.job_id, organisationId: row.organisation_id, claim: row.claim };
}

/** Works on a claimed job; false when something broke. */
async function work(
  options: PlanningOptions,
  job: ClaimedJob,
  threads: ForecastThreads,
  signal: AbortSignal,
): Promise<boolean> {
  const { database, clock, logger, leaseMs = LEASE_MS } = options;
  try {
    const end = await runForecastJob({ database, threads, leaseMs, now: clock.now(), signal }, job);
    logger.info({ job: job.id, end }, 'forecast job left');
    return true;
  } catch (error) {
    if (error instanceof ClaimLost) {
      logger.warn({ job: job.id }, 'forecast job has another worker now');
      return true;
    }
    logger.error({ job: job.id, err: error }, 'forecast job failed');
    await giveBack(options, job);
    return false;
  }
}

/** To be tried again, unless it was often enough. Without a database its claim runs out by itself. */
async function giveBack(
  { database, logger }: PlanningOptions,
  { id, organisationId, claim: number }: ClaimedJob,
): Promise<void> {
  try {
    await database.withOrganisation(organisationId, async (transaction) => {
      const failures = await noteFailure(transaction, id, number);
      if (failures === undefined) return;
      const again = failures < MOST_FAILURES;
      await leaveJob(transaction, id, again ? 'queued' : 'failed', again ? null : 'it failed three times, see the log');
    });
  } catch (error) {
    logger.warn({ job: id, err: error }, 'forecast job cannot be given back, its claim will run out');
  }
}
