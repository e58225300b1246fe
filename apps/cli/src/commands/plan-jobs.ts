import { readFileSync } from 'node:fs';
import { sleep } from '@coldchain/kernel';
import { ApiClient } from '../api/api-client.js';
import { apiAccess } from '../api/credentials.js';
import { CliError } from '../cli-error.js';
import type { ExitCode, Invocation } from '../command.js';

const PLANNERS = ['quality', 'shipper', 'dispenser'];
const POLL_MS = 500;

interface Job {
  readonly id: number;
  readonly state: string;
  readonly requestedBy: string;
  readonly createdAt: string;
  readonly total: number | null;
  readonly done: number;
  readonly refused: number;
  readonly failure: string | null;
}

const clientOf = (invocation: Invocation): ApiClient => new ApiClient(apiAccess(invocation, PLANNERS));

const lineOf = ({ id, state, requestedBy, createdAt, total, done, refused, failure }: Job): string =>
  [
    id,
    state,
    `${done} of ${total ?? '?'}`,
    refused === 0 ? 'none refused' : `${refused} refused`,
    requestedBy,
    createdAt,
    ...(failure === null ? [] : [failure]),
  ].join('  ');

/** How the organisation plans. */
export async function runPlanSet(invocation: Invocation): Promise<ExitCode> {
  const { options, terminal } = invocation;
  const frequency = options.text('frequency');
  const horizon = options.text('horizon');
  const decommissionsAre = options.text('decommissions-are');
  const answer = await clientOf(invocation).post('/v1/planning-settings', {
    ...(frequency === undefined ? {} : { frequency }),
    ...(horizon === undefined ? {} : { horizon: Number(horizon) }),
    ...(decommissionsAre === undefined ? {} : { decommissionsAre }),
  });
  terminal.out(JSON.stringify(answer));
  return 0;
}

/** Says what an article is. */
export async function runPlanArticle(invocation: Invocation): Promise<ExitCode> {
  const file = invocation.positionals[0] ?? '';
  let article: unknown;
  try {
    article = JSON.parse(readFileSync(file === '-' ? 0 : file, 'utf8'));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CliError(
      'file-unreadable',
      `cannot read '${file}' (${reason})`,
      'name a JSON file, or - for standard input',
    );
  }
  invocation.terminal.out(JSON.stringify(await clientOf(invocation).post('/v1/articles', article)));
  return 0;
}

/** Forecasts now; 2: some could not be made, 1: the job did not end well. */
export async function runPlanRun(invocation: Invocation): Promise<ExitCode> {
  const { options, json, terminal } = invocation;
  const client = clientOf(invocation);
  const asked = Object.fromEntries(
    ['product', 'site', 'until'].flatMap((name) => {
      const value = options.text(name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
  let job = (await client.post('/v1/jobs', { kind: 'forecast', ...asked })) as Job;
  const waits = !options.flag('no-wait');
  while (waits && (job.state === 'queued' || job.state === 'running')) {
    if (terminal.stopped.aborted) {
      throw new CliError('stopped', `job ${job.id} goes on`, `end it with "coldchain plan cancel ${job.id}"`, 2);
    }
    if (terminal.interactive) terminal.note(lineOf(job));
    await sleep(POLL_MS, terminal.stopped);
    job = (await client.get(`/v1/jobs/${job.id}`)) as Job;
  }
  terminal.out(json ? JSON.stringify(job) : lineOf(job));
  if (job.state === 'failed' || job.state === 'cancelled') return 1;
  return job.refused > 0 ? 2 : 0;
}

/** Jobs, newest first. */
export async function runPlanJobs(invocation: Invocation): Promise<ExitCode> {
  const { json, terminal } = invocation;
  const { jobs } = (await clientOf(invocation).get('/v1/jobs')) as { readonly jobs: readonly Job[] };
  for (const job of jobs) terminal.out(json ? JSON.stringify(job) : lineOf(job));
  return 0;
}

/** Ends a job. */
export const runPlanCancel = (invocation: Invocation): Promise<ExitCode> => changeJob(invocation, 'cancel');

/** Goes on with a job that was cancelled or failed. */
export const runPlanResume = (invocation: Invocation): Promise<ExitCode> => changeJob(invocation, 'resume');

async function changeJob(invocation: Invocation, change: 'cancel' | 'resume'): Promise<ExitCode> {
  const { positionals, json, terminal } = invocation;
  const id = encodeURIComponent(positionals[0] ?? '');
  const job = (await clientOf(invocation).post(`/v1/jobs/${id}/${change}`, {})) as Job;
  terminal.out(json ? JSON.stringify(job) : lineOf(job));
  return 0;
}
