import { EntityDatabase } from '@coldchain/database';
import { Clock } from '@coldchain/kernel';
import { Controller, Injectable, Req, Res } from '@nestjs/common';
import type { Response } from 'express';
import { Authentication } from '../http/authentication.js';
import { Caller, Input, type InputOf, Operation } from '../http/operation.decorator.js';
import type { Account, ContextRequest } from '../http/request-context.js';
import { RequestProblem } from '../http/request-problem.js';
import { type Cursor, cursorOfId } from './live-changes.queries.js';
import { LiveHead, type LiveSource, writeStream } from './live-stream.js';

const LOOK_EVERY_MS = 500;
/** Open streams of one organisation, and of all together, in one process. */
const MOST_OF_ONE = 50;
const MOST = 500;
const EVENT_ID = /^\d{1,20}-\d{1,19}$/;

/** The streams that are open in this process. */
@Injectable()
export class LiveStreams {
  readonly head: LiveHead;
  private readonly open = new Map<AbortController, number>();

  constructor(private readonly database: EntityDatabase) {
    this.head = new LiveHead(database, LOOK_EVERY_MS);
  }

  /** @throws RequestProblem `too-many-streams` */
  begin(organisationId: number): AbortController {
    const own = [...this.open.values()].filter((organisation) => organisation === organisationId).length;
    if (own >= MOST_OF_ONE || this.open.size >= MOST) {
      throw new RequestProblem('too-many-streams', `${own} are open for the organisation`);
    }
    const stream = new AbortController();
    this.open.set(stream, organisationId);
    return stream;
  }

  end(stream: AbortController): void {
    stream.abort();
    this.open.delete(stream);
  }

  /** Where a reader begins who has seen nothing: with what happens from now on. */
  async now(): Promise<Cursor> {
    const [row] = await this.database.query<{ head: string | null }>('SELECT live_change_head() AS head');
    return cursorOfId(row?.head ?? '0-0');
  }

  /** Ends every stream: a server that stops would wait for them for ever. */
  async stop(): Promise<void> {
    for (const stream of this.open.keys()) stream.abort();
    await this.head.stop();
  }
}

/** Live changes for open pages. */
@Controller()
export class LiveController {
  constructor(
    private readonly streams: LiveStreams,
    private readonly database: EntityDatabase,
    private readonly authentication: Authentication,
    private readonly clock: Clock,
  ) {}

  @Operation('followChanges')
  async follow(
    @Req() request: ContextRequest,
    @Res() response: Response,
    @Input() { query }: InputOf<'followChanges'>,
    @Caller() { organisation }: Account,
  ): Promise<void> {
    const header = request.headers['last-event-id'];
    const last = typeof header === 'string' && header !== '' ? header : query.lastEventId;
    if (last !== undefined && !EVENT_ID.test(last)) {
      throw new RequestProblem('header-invalid', 'Last-Event-ID: not an id of this stream');
    }
    const stream = this.streams.begin(organisation.id);
    response.on('close', () => this.streams.end(stream));
    try {
      const from = last === undefined ? await this.streams.now() : cursorOfId(last);
      const { authorization } = request.headers;
      const source: LiveSource = {
        database: this.database,
        organisationId: organisation.id,
        head: this.streams.head,
        clock: this.clock,
        askAgain: () => this.authentication.allowed(authorization, 'follow-changes'),
      };
      await writeStream(response, source, from, stream.signal);
    } catch (error) {
      // A reader that went, is too slow or may read no longer is no failure; what came before the first byte is told as a problem.
      if (!response.headersSent) throw error;
    } finally {
      this.streams.end(stream);
      if (response.headersSent) response.end();
    }
  }
}
