import type { AnswerOf } from '@coldchain/api-contract';
import { Controller, Req } from '@nestjs/common';
import { Caller, Input, type InputOf, Operation } from '../http/operation.decorator.js';
import { numberCursorOf, pageOf } from '../http/paging.js';
import type { Reply } from '../http/reply.js';
import type { Account, ContextRequest } from '../http/request-context.js';
import { RequestProblem } from '../http/request-problem.js';
import { Work } from '../http/work.js';
import { cancelJob, insertJob, isQueueFull, type JobRow, jobOf, jobsBefore, resumeJob } from './job.queries.js';

/** Long work that goes on without its request. */
@Controller()
export class JobsController {
  constructor(private readonly work: Work) {}

  /** @throws RequestProblem `jobs-waiting` */
  @Operation('createJob')
  create(
    @Req() request: ContextRequest,
    @Input() { body }: InputOf<'createJob'>,
    @Caller() { name }: Account,
  ): Promise<Reply> {
    const { kind: _, ...input } = body;
    return this.work.change(request, async ({ transaction }) => {
      if (await isQueueFull(transaction)) throw new RequestProblem('jobs-waiting', 'too many of yours wait already');
      return { body: { ...answerOf(await insertJob(transaction, input, name)) }, status: 202 };
    });
  }

  @Operation('listJobs')
  async list(@Req() request: ContextRequest, @Input() { query }: InputOf<'listJobs'>): Promise<Reply> {
    const rows = await this.work.read(request, (tx) => jobsBefore(tx, numberCursorOf(query.after), query.limit + 1));
    return pageOf(
      'listJobs',
      query.limit,
      rows,
      ({ id }) => id,
      (shown) => ({ jobs: shown.map(answerOf) }),
    );
  }

  /** @throws RequestProblem `not-found` */
  @Operation('getJob')
  async get(@Req() request: ContextRequest, @Input() { params }: InputOf<'getJob'>): Promise<unknown> {
    return answerOf(found(await this.work.read(request, (tx) => jobOf(tx, Number(params.id)))));
  }

  /** @throws RequestProblem `not-found` */
  @Operation('cancelJob')
  cancel(@Req() request: ContextRequest, @Input() { params }: InputOf<'cancelJob'>): Promise<Reply> {
    return this.work.change(request, async ({ transaction }) => ({
      body: { ...answerOf(found(await cancelJob(transaction, Number(params.id)))) },
      status: 200,
    }));
  }

  /** @throws RequestProblem `not-found`, `jobs-waiting` */
  @Operation('resumeJob')
  resume(@Req() request: ContextRequest, @Input() { params }: InputOf<'resumeJob'>): Promise<Reply> {
    return this.work.change(request, async ({ transaction }) => {
      if (await isQueueFull(transaction)) throw new RequestProblem('jobs-waiting', 'too many of yours wait already');
      return { body: { ...answerOf(found(await resumeJob(transaction, Number(params.id)))) }, status: 202 };
    });
  }
}

function found(row: JobRow | undefined): JobRow {
  if (row === undefined) throw new RequestProblem('not-found', 'there is no such job');
  return row;
}

const answerOf = (row: JobRow): AnswerOf<'getJob'> => ({
  id: row.id,
  kind: row.kind,
  state: row.state,
  requestedBy: row.requested_by,
  createdAt: row.created_at.toISOString(),
  startedAt: row.started_at?.toISOString() ?? null,
  endedAt: row.ended_at?.toISOString() ?? null,
  total: row.total,
  done: row.done,
  refused: row.refused,
  failure: row.failure,
});
