import type { OrganisationTransaction } from '@coldchain/database';
import type { SeriesOutcome } from './forecast-series.js';

/** What a forecast job is to do. */
export interface JobInput {
  readonly product?: string | undefined;
  readonly site?: string | undefined;
  /** Day before whose period histories end; set when the job starts where it was not asked for. */
  readonly until?: string | undefined;
}

/** Jobs of one organisation that may wait at a time: each of them forecasts what the others do. */
const MOST_WAITING = 20;

/** Whether no more jobs may be asked for now. */
export async function isQueueFull(transaction: OrganisationTransaction): Promise<boolean> {
  const [row] = await transaction.query<{ waiting: number }>(
    `SELECT count(*) AS waiting FROM job WHERE state = 'queued'`,
  );
  return (row?.waiting ?? 0) >= MOST_WAITING;
}

/** A job as it stands. */
export interface JobRow {
  readonly id: number;
  readonly kind: string;
  readonly state: 'queued' | 'running' | 'done' | 'failed' | 'cancelled';
  readonly input: JobInput;
  readonly requested_by: string;
  readonly created_at: Date;
  readonly started_at: Date | null;
  readonly ended_at: Date | null;
  readonly total: number | null;
  readonly done: number;
  readonly refused: number;
  readonly failure: string | null;
  readonly claim: number;
  readonly cancel_requested: boolean;
}

const COLUMNS = `id, kind, state, input, requested_by, created_at, started_at, ended_at, total, done, refused, failure,
                 claim, cancel_requested`;

export async function insertJob(
  transaction: OrganisationTransaction,
  input: JobInput,
  requestedBy: string,
): Promise<JobRow> {
  const [row] = await transaction.query<JobRow>(
    `INSERT INTO job (organisation_id, kind, input, requested_by) VALUES ($1, 'forecast', $2, $3) RETURNING ${COLUMNS}`,
    [transaction.organisationId, JSON.stringify(input), requestedBy],
  );
  if (row === undefined) throw new Error('job: insert returned no row');
  return row;
}

export async function jobOf(transaction: OrganisationTransaction, id: number): Promise<JobRow | undefined> {
  const [row] = await transaction.query<JobRow>(`SELECT ${COLUMNS} FROM job WHERE id = $1`, [id]);
  return row;
}

/** Jobs before an id, newest first. */
export function jobsBefore(
  transaction: OrganisationTransaction,
  before: number | null,
  count: number,
): Promise<JobRow[]> {
  return transaction.query<JobRow>(
    `SELECT ${COLUMNS} FROM job WHERE $1::bigint IS NULL OR id < $1 ORDER BY id DESC LIMIT $2`,
    [before, count],
  );
}

/** Nobody works on a queued job, so it ends at once; a running one ends when its worker next looks. */
export async function cancelJob(transaction: OrganisationTransaction, id: number): Promise<JobRow | undefined> {
  const [row] = await transaction.query<JobRow>(
    `UPDATE job SET cancel_requested = state IN ('queued', 'running') OR cancel_requested,
                    ended_at = CASE state WHEN 'queued' THEN clock_timestamp() ELSE ended_at END,
                    state = CASE state WHEN 'queued' THEN 'cancelled' ELSE state END
     WHERE id = $1 RETURNING ${COLUMNS}`,
    [id],
  );
  return row;
}

/** Takes a cancellation back, and queues again what was cancelled or failed: it goes on after its last step. */
export async function resumeJob(transaction: OrganisationTransaction, id: number): Promise<JobRow | undefined> {
  const [row] = await transaction.query<JobRow>(
    `UPDATE job SET cancel_requested = false, failure = CASE WHEN state = 'done' THEN failure END,
                    failures = CASE WHEN state IN ('cancelled', 'failed') THEN 0 ELSE failures END,
                    ended_at = CASE WHEN state = 'done' THEN ended_at END,
                    state = CASE WHEN state IN ('cancelled', 'failed') THEN 'queued' ELSE state END
     WHERE id = $1 RETURNING ${COLUMNS}`,
    [id],
  );
  return row;
}

/** The job of a claim that still stands, locked and claimed for longer; undefined: the claim was lost. */
export async function renewClaim(
  transaction: OrganisationTransaction,
  id: number,
  claim: number,
  leaseMs: number,
): Promise<JobRow | undefined> {
  const [row] = await transaction.query<JobRow>(
    `UPDATE job SET claimed_until = clock_timestamp() + $3 * interval '1 ms'
     WHERE id = $1 AND claim = $2 AND state = 'running' RETURNING ${COLUMNS}`,
    [id, claim, leaseMs],
  );
  return row;
}

/** Notes what there is to do. */
export async function countWork(
  transaction: OrganisationTransaction,
  id: number,
  total: number,
  input: JobInput,
): Promise<void> {
  await transaction.query('UPDATE job SET total = $2, input = $3 WHERE id = $1', [id, total, JSON.stringify(input)]);
}

/** Series of which nothing is known are looked at again by who goes on with a job: they count once. */
export async function addProgress(
  transaction: OrganisationTransaction,
  id: number,
  done: number,
  refused: number,
): Promise<void> {
  await transaction.query('UPDATE job SET done = least(done + $2, total), refused = refused + $3 WHERE id = $1', [
    id,
    done,
    refused,
  ]);
}

/** Ends a job, or gives it back to be claimed again. */
export async function leaveJob(
  transaction: OrganisationTransaction,
  id: number,
  state: 'done' | 'cancelled' | 'failed' | 'queued',
  failure: string | null,
): Promise<void> {
  await transaction.query(
    `UPDATE job SET state = $2, failure = $3, claimed_by = NULL, claimed_until = NULL,
                    done = CASE $2 WHEN 'done' THEN coalesce(total, done) ELSE done END,
                    ended_at = CASE $2 WHEN 'queued' THEN NULL ELSE clock_timestamp() END
     WHERE id = $1`,
    [id, state, failure],
  );
}

/** Notes that a claim which still stands ended in an error; how many have, undefined: the claim was lost. */
export async function noteFailure(
  transaction: OrganisationTransaction,
  id: number,
  claim: number,
): Promise<number | undefined> {
  const [row] = await transaction.query<{ failures: number }>(
    `UPDATE job SET failures = failures + 1 WHERE id = $1 AND claim = $2 AND state = 'running' RETURNING failures`,
    [id, claim],
  );
  return row?.failures;
}

/** The input of one forecast. */
export interface PreparedForecast {
  readonly position: number;
  readonly product: string;
  readonly site: string;
  readonly source: string;
  readonly frequency: string;
  readonly windowFrom: string;
  readonly windowUntil: string;
  readonly input: string;
  readonly inputSha256: Buffer;
}

export async function insertPrepared(
  transaction: OrganisationTransaction,
  jobId: number,
  prepared: readonly PreparedForecast[],
): Promise<void> {
  await transaction.query(
    `INSERT INTO forecast (job_id, organisation_id, position, article, site, source, frequency, window_from, window_until,
                           input, input_sha256)
     SELECT $1, $2, * FROM unnest($3::integer[], $4::text[], $5::text[], $6::text[], $7::text[], $8::date[], $9::date[],
                                  $10::text[], $11::bytea[])`,
    [
      jobId,
      transaction.organisationId,
      prepared.map((one) => one.position),
      prepared.map((one) => one.product),
      prepared.map((one) => one.site),
      prepared.map((one) => one.source),
      prepared.map((one) => one.frequency),
      prepared.map((one) => one.windowFrom),
      prepared.map((one) => one.windowUntil),
      prepared.map((one) => one.input),
      prepared.map((one) => one.inputSha256),
    ],
  );
}

/** Forecasts of a job that are prepared and not made: an interrupted worker left them. */
export function unfinished(
  transaction: OrganisationTransaction,
  jobId: number,
): Promise<{ readonly position: number; readonly input: string }[]> {
  return transaction.query(
    'SELECT position, input FROM forecast WHERE job_id = $1 AND computed_at IS NULL ORDER BY position',
    [jobId],
  );
}

/** Products whose forecasts a job has prepared, all sites of each at once; and the position behind the last of them. */
export async function preparedSoFar(
  transaction: OrganisationTransaction,
  jobId: number,
): Promise<{ readonly products: ReadonlySet<string>; readonly next: number }> {
  const rows = await transaction.query<{ product: string; last: number }>(
    'SELECT article AS product, max(position) AS last FROM forecast WHERE job_id = $1 GROUP BY article',
    [jobId],
  );
  return {
    products: new Set(rows.map(({ product }) => product)),
    next: Math.max(-1, ...rows.map(({ last }) => last)) + 1,
  };
}

/** What came of prepared forecasts. */
export interface MadeForecast {
  readonly position: number;
  readonly outcome: SeriesOutcome;
  readonly documentSha256: Buffer | null;
}

export async function storeMade(
  transaction: OrganisationTransaction,
  jobId: number,
  made: readonly MadeForecast[],
): Promise<void> {
  await transaction.query(
    `UPDATE forecast f SET computed_at = clock_timestamp(), model = m.model, document = m.document,
                           document_sha256 = m.sha256, refusal = m.refusal
     FROM unnest($2::integer[], $3::text[], $4::text[], $5::bytea[], $6::jsonb[]) AS m(position, model, document, sha256, refusal)
     WHERE f.job_id = $1 AND f.position = m.position`,
    [
      jobId,
      made.map(({ position }) => position),
      made.map(({ outcome }) => (outcome.ok ? outcome.model : null)),
      made.map(({ outcome }) => (outcome.ok ? outcome.document : null)),
      made.map(({ documentSha256 }) => documentSha256),
      made.map(({ outcome }) => (outcome.ok ? null : JSON.stringify({ code: outcome.code, detail: outcome.detail }))),
    ],
  );
}

/** Jobs whose forecasts are kept; older ones stay where they are still the newest of their product and site. */
const JOBS_KEPT = 30;

/** Removes forecasts that later ones have replaced. */
export async function forgetOld(transaction: OrganisationTransaction): Promise<void> {
  await transaction.query(
    `DELETE FROM forecast f
     WHERE f.job_id <= (SELECT id FROM job WHERE state <> 'queued' ORDER BY id DESC OFFSET $1 LIMIT 1)
       AND (f.document IS NULL
            OR EXISTS (SELECT FROM forecast n WHERE n.organisation_id = f.organisation_id AND n.article = f.article
                         AND n.site = f.site AND n.job_id > f.job_id AND n.document IS NOT NULL))`,
    [JOBS_KEPT],
  );
}
