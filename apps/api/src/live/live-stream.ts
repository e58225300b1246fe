import { once } from 'node:events';
import type { EntityDatabase } from '@coldchain/database';
import { type Clock, sleep } from '@coldchain/kernel';
import type { Response } from 'express';
import { type ChangeRow, changesAfter, type Cursor, cursorOfId } from './live-changes.queries.js';

/** A comment so often when nothing happens: proxies close what is silent. */
const HEARTBEAT_MS = 15_000;
/** The account is asked for again before anything is told, when that is longer ago; at the latest with each comment. */
const ASK_AGAIN_MS = 10_000;
/** Changes that are read at once: all that a stream ever holds in memory. */
const MOST_AT_ONCE = 200;
/** A reader that takes nothing for so long is cut off; it comes back with the id it has. */
const SLOW_MS = 30_000;

/** What a stream reads from. */
export interface LiveSource {
  readonly database: EntityDatabase;
  readonly organisationId: number;
  readonly head: LiveHead;
  readonly clock: Clock;
  /** Whether the reader may still read: his key or his role may have been taken away. @throws RequestProblem */
  readonly askAgain: () => Promise<unknown>;
}

/**
 * Writes the organisation's changes to one reader (WHATWG HTML §9.2, server-sent events) until it goes or the process
 * stops, or the reader may no longer read. It reads on only when the reader has taken what was written: a slow reader costs one page of changes.
 */
export async function writeStream(
  response: Response,
  source: LiveSource,
  from: Cursor,
  signal: AbortSignal,
): Promise<void> {
  response.status(200).set({ 'Content-Type': 'text/event-stream; charset=utf-8', 'X-Accel-Buffering': 'no' });
  response.flushHeaders();
  // A first event tells the reader where it is, so that also a reader who saw nothing goes on from here.
  await written(response, `retry: 2000\nid: ${from.xid}-${from.id}\nevent: ready\ndata: {}\n\n`, signal);
  let cursor = from;
  let askedAt = source.clock.now();
  while (!signal.aborted) {
    if (Math.abs(source.clock.now() - askedAt) >= ASK_AGAIN_MS) {
      await source.askAgain();
      askedAt = source.clock.now();
    }
    const seen = source.head.current;
    const changes = await source.database.withOrganisation(source.organisationId, (transaction) =>
      changesAfter(transaction, cursor, MOST_AT_ONCE),
    );
    for (const change of changes) await written(response, eventOf(change), signal);
    const last = changes.at(-1);
    if (last !== undefined) cursor = cursorOfId(last.id);
    if (changes.length === MOST_AT_ONCE) continue;
    await source.head.news(seen, HEARTBEAT_MS, signal);
    if (changes.length === 0) await written(response, ': still here\n\n', signal);
  }
}

/** Waits while the reader does not take what it has. @throws Error when it takes nothing for too long */
async function written(response: Response, text: string, signal: AbortSignal): Promise<void> {
  if (signal.aborted || response.write(text)) return;
  const slow = AbortSignal.any([signal, AbortSignal.timeout(SLOW_MS)]);
  await once(response, 'drain', { signal: slow });
}

const eventOf = ({ id, kind, at, sscc, case_id: caseId }: ChangeRow): string =>
  `id: ${id}\nevent: ${kind}\ndata: ${JSON.stringify({ at: at.toISOString(), sscc, case: caseId })}\n\n`;

/** One look at the newest change for all streams together; those who wait are told when it moved. */
export class LiveHead {
  private waiting: (() => void)[] = [];
  private loop: Promise<void> | undefined;
  private readonly stopping = new AbortController();
  private newest: string | null = null;

  constructor(
    private readonly database: EntityDatabase,
    private readonly everyMs: number,
  ) {}

  /** The newest change as of the last look. */
  get current(): string | null {
    return this.newest;
  }

  /** Resolves when the newest change is no longer the one that was seen, after the timeout, or when the reader goes. */
  async news(seen: string | null, timeoutMs: number, signal: AbortSignal): Promise<void> {
    this.loop ??= this.follow();
    if (this.newest !== seen) return;
    let wake = (): void => undefined;
    const moved = new Promise<void>((resolve) => {
      wake = resolve;
    });
    this.waiting.push(wake);
    const cancel = new AbortController();
    await Promise.race([moved, sleep(timeoutMs, AbortSignal.any([signal, this.stopping.signal, cancel.signal]))]);
    cancel.abort();
    this.waiting = this.waiting.filter((other) => other !== wake);
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.loop;
  }

  private async follow(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      if (this.waiting.length > 0) {
        const head = await this.look();
        if (head !== this.newest) {
          this.newest = head;
          for (const wake of this.waiting) wake();
        }
      }
      await sleep(this.everyMs, signal);
    }
  }

  /** A database that does not answer tells nothing new; the streams notice themselves. */
  private async look(): Promise<string | null> {
    try {
      const [row] = await this.database.query<{ head: string | null }>('SELECT live_change_head() AS head');
      return row?.head ?? null;
    } catch {
      return this.newest;
    }
  }
}
