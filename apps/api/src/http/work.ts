import { createHash } from 'node:crypto';
import { type ActAnswer, isProblemCode, type RecordedEvent } from '@coldchain/api-contract';
import { type ActContext, ActRefused, type RecordedAct } from '@coldchain/custody';
import { EntityDatabase, type EntityTransaction } from '@coldchain/database';
import { Clock, Random, sleep } from '@coldchain/kernel';
import { Injectable } from '@nestjs/common';
import { anchorsOf, keepAnswer, lockKey, storedAnswer, type StoredAnswer } from './idempotency.queries.js';
import { definitionOf } from './operation.decorator.js';
import { prepared } from './prepared-transaction.js';
import { Reply } from './reply.js';
import { type ContextRequest, contextOf, type RequestContext } from './request-context.js';
import { RequestProblem } from './request-problem.js';

/** An effect: what is answered, and what of it may be told again when the request is repeated. */
export interface Effect {
  readonly body: Record<string, unknown>;
  /** Body of a repeated request, where it differs: a secret is shown once. */
  readonly repeatedBody?: Record<string, unknown>;
  readonly status?: number;
}

/** When and where an act happened, as the request tells it (RFC 3339 with offset). */
export interface ActTime {
  readonly eventTime?: string | undefined;
}

const KEPT_MS = 30 * 86_400_000;
const LONGEST_WAIT_S = 10;
const WAIT_STEP_MS = 40;
/** Serialisation failure, deadlock, and a unique key that a concurrent twin of the same act took first. */
const AGAIN = new Set(['40001', '40P01', '23505']);
const MOST_TRIES = 4;

/** Runs what a request changes: one transaction, its idempotency key in the same one, and the wait for anchors after it. */
@Injectable()
export class Work {
  constructor(
    private readonly database: EntityDatabase,
    private readonly clock: Clock,
    private readonly random: Random,
  ) {}

  /** Reads in the name of the caller's organisation. */
  read<Result>(request: ContextRequest, work: (transaction: EntityTransaction) => Promise<Result>): Promise<Result> {
    return this.database.withOrganisation(callerOf(contextOf(request)).organisation.id, async (transaction) =>
      work(await prepared(transaction)),
    );
  }

  /** An effect that is repeatable by itself: nothing is kept of the request, whatever key it has. */
  unkept(request: ContextRequest, work: (transaction: EntityTransaction) => Promise<void>): Promise<void> {
    return this.read(request, work);
  }

  /**
   * What a request with this key was answered before, for effects that ask more of the person before they begin: that
   * would be asked, and counted, again. null: nothing was.
   * @throws RequestProblem `idempotency-key-reused`, `idempotency-key-in-flight`, `header-invalid`
   */
  async earlier(request: ContextRequest): Promise<Reply | null> {
    const key = keyOf(request.headers['idempotency-key']);
    if (key === null) return null;
    const sha256 = fingerprint(contextOf(request));
    const answer = await this.read(request, (transaction) => earlierAnswer(transaction, key, sha256));
    return answer === undefined ? null : new Reply(answer.body, { status: answer.status });
  }

  /** An effect without custody event. */
  async change(request: ContextRequest, work: (context: ActContext) => Promise<Effect>): Promise<Reply> {
    const context = contextOf(request);
    const answer = await this.once(request, context, {}, async (act) => ({ ...(await work(act)), eventIds: [] }));
    return new Reply(answer.body, { status: answer.status });
  }

  /** A command without an event: 201 when it is queued for the ledger, 200 when it stood like this before. */
  standing(
    request: ContextRequest,
    work: (context: ActContext) => Promise<Record<string, unknown> & { readonly repeated: boolean }>,
  ): Promise<Reply> {
    return this.change(request, async (context) => {
      const body = { anchor: 'pending', ...(await work(context)) };
      return { body, status: body.repeated ? 200 : 201 };
    });
  }

  /**
   * Custody acts: recorded and answered at once with their anchors pending; with `Prefer: wait=N` answered when the ledger
   * has decided. A repetition of acts that were recorded before is a success, too: 200 with `repeated`.
   * @param names what the answer names besides, where it takes the acts to know it
   * @throws RequestProblem, ActRefused (also when the ledger refuses while the request waits)
   */
  async act(
    request: ContextRequest,
    time: ActTime,
    names: Record<string, unknown> | ((acts: readonly RecordedAct[]) => Record<string, unknown>),
    work: (context: ActContext) => Promise<readonly RecordedAct[]>,
  ): Promise<Reply> {
    const context = contextOf(request);
    const waitMs = waitOf(request.headers['prefer']);
    const answer = await this.once(request, context, time, async (act) => {
      const acts = await work(act);
      const repeated = acts.every((recorded) => recorded.repeated);
      const body: ActAnswer & Record<string, unknown> = {
        anchor: 'pending',
        repeated,
        events: acts.map(recordedEvent),
        ...(typeof names === 'function' ? names(acts) : names),
      };
      const status = repeated ? 200 : statusOf(context);
      return { body, status, eventIds: acts.map((recorded) => recorded.eventId) };
    });
    return waitMs === null ? new Reply(answer.body, { status: answer.status }) : this.waited(context, answer, waitMs);
  }

  private async once(
    request: ContextRequest,
    context: RequestContext,
    time: ActTime,
    work: (context: ActContext) => Promise<Effect & { readonly eventIds: readonly number[] }>,
  ): Promise<StoredAnswer> {
    const { organisation } = callerOf(context);
    const key = keyOf(request.headers['idempotency-key']);
    const requestSha256 = fingerprint(context);
    return this.retried(() =>
      this.database.withOrganisation(organisation.id, async (transaction) => {
        if (key !== null) {
          const earlier = await earlierAnswer(transaction, key, requestSha256);
          if (earlier !== undefined) return earlier;
        }
        const effect = await work({
          transaction,
          organisation,
          clock: this.clock,
          random: this.random,
          ...(time.eventTime === undefined ? {} : momentOf(time.eventTime)),
        });
        const answer: StoredAnswer = {
          requestSha256,
          status: effect.status ?? 201,
          body: effect.body,
          eventIds: effect.eventIds,
        };
        if (key !== null) {
          const now = this.clock.now();
          const kept = { ...answer, body: effect.repeatedBody ?? effect.body };
          await keepAnswer(transaction, key, kept, new Date(now), new Date(now + KEPT_MS));
        }
        return answer;
      }),
    );
  }

  /** Two acts that met on the same rows are judged one after the other: the loser runs again from the start. */
  private async retried<Result>(run: () => Promise<Result>): Promise<Result> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await run();
      } catch (error) {
        const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
        if (attempt >= MOST_TRIES || typeof code !== 'string' || !AGAIN.has(code)) throw error;
        await sleep(Math.ceil(this.random.unit() * 10 * attempt));
      }
    }
  }

  private async waited(context: RequestContext, answer: StoredAnswer, waitMs: number): Promise<Reply> {
    const { organisation } = callerOf(context);
    const until = this.clock.now() + waitMs;
    for (;;) {
      const rows = await this.database.withOrganisation(organisation.id, (transaction) =>
        anchorsOf(transaction, answer.eventIds),
      );
      const refused = rows.find((row) => row.anchor_state === 'refused');
      if (refused !== undefined) throw refusedByLedger(refused.refusal);
      const events = (answer.body['events'] as readonly RecordedEvent[]).map((event): RecordedEvent => {
        const row = rows.find(({ commitment }) => commitment === event.commitment);
        return row === undefined
          ? event
          : { ...event, anchor: row.anchor_state, transactionId: row.transaction_id, block: row.block };
      });
      const settled = events.every((event) => event.anchor === 'anchored');
      if (settled || this.clock.now() >= until) {
        return new Reply(
          { ...answer.body, anchor: settled ? 'anchored' : 'pending', events },
          {
            status: settled ? answer.status : 202,
            headers: { 'Preference-Applied': `wait=${Math.round(waitMs / 1000)}` },
          },
        );
      }
      await sleep(WAIT_STEP_MS);
    }
  }
}

/** What the contract says of a success; an act that ends something makes nothing new. */
const statusOf = ({ operation }: RequestContext): number =>
  operation === undefined ? 201 : definitionOf(operation).status;

function callerOf(context: RequestContext): NonNullable<RequestContext['account']> {
  if (context.account === undefined) throw new Error('an open operation changes nothing');
  return context.account;
}

async function earlierAnswer(
  transaction: EntityTransaction,
  key: string,
  requestSha256: Buffer,
): Promise<StoredAnswer | undefined> {
  if (!(await lockKey(transaction, key))) {
    throw new RequestProblem('idempotency-key-in-flight', 'repeat the request after a second');
  }
  const earlier = await storedAnswer(transaction, key);
  if (earlier !== undefined && !earlier.requestSha256.equals(requestSha256)) {
    throw new RequestProblem('idempotency-key-reused', 'use a new key for a new request');
  }
  return earlier;
}

/**
 * What is kept of a request for a month must not help to guess what its person alone knows. In the place of the password
 * that signs stands whose it is: nobody else is told what was answered to him.
 */
const SECRETS = new Set(['password']);

/** The input was parsed by a strict schema, so its members have one order and its JSON is canonical enough. */
function fingerprint(context: RequestContext): Buffer {
  return createHash('sha256')
    .update(
      JSON.stringify([context.operation, context.input], (name, value: unknown) =>
        SECRETS.has(name) ? context.account?.id : value,
      ),
    )
    .digest();
}

/** @throws RequestProblem `header-invalid` */
function keyOf(header: string | string[] | undefined): string | null {
  if (header === undefined) return null;
  const key = typeof header === 'string' ? header.trim() : '';
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw new RequestProblem('header-invalid', 'Idempotency-Key: 1 to 255 visible ASCII characters');
  }
  return key;
}

/** `wait` of RFC 7240 §4.3 in ms, at most 10 s; null without it. Other preferences are ignored, as the RFC asks. */
export function waitOf(header: string | string[] | undefined): number | null {
  const texts = (typeof header === 'string' ? [header] : (header ?? [])).flatMap((text) => text.split(','));
  for (const text of texts) {
    const seconds = /^\s*wait\s*=\s*"?(\d{1,6})"?\s*$/i.exec(text)?.[1];
    if (seconds !== undefined) return Math.min(Number(seconds), LONGEST_WAIT_S) * 1000;
  }
  return null;
}

/** ms since 1970 and the offset of the place; `Z` says UTC. */
export function momentOf(eventTime: string): { readonly eventTime: number; readonly zoneOffset: string } {
  const offset = /[+-]\d{2}:\d{2}$/.exec(eventTime)?.[0];
  return { eventTime: Date.parse(eventTime), zoneOffset: offset ?? '+00:00' };
}

const recordedEvent = (act: RecordedAct): RecordedEvent => ({
  eventHash: act.eventHash,
  digest: act.digest,
  commitment: act.commitment,
  recordedAt: act.recordedAt.toISOString(),
  anchor: 'pending',
  transactionId: null,
  block: null,
});

/** The ledger's word is final: the event stays stored as refused, and the request is answered as refused. */
function refusedByLedger(refusal: { readonly code: string; readonly details?: Record<string, unknown> } | null): Error {
  const code = refusal?.code ?? '';
  if (!isProblemCode(code)) return new Error(`the ledger refused with an unknown code: ${code}`);
  return new ActRefused(code as ActRefused['code'], refusal?.details ?? {});
}
