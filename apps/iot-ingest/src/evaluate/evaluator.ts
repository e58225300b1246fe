import type { Database, Transaction } from '@coldchain/database';
import { type Clock, type Random, sleep } from '@coldchain/kernel';
import type { Logger } from '@coldchain/runtime';
import { followAlarms } from '../alarms/follow-alarms.js';
import { notAhead } from '../follower-ahead.js';
import { evaluateLeg } from './evaluate-leg.js';
import { type LegOwner, touchedLegs } from './leg-repository.js';

/** Name of the evaluator's place in `follow_checkpoint` and of its advisory lock. */
const NAME = 'evaluator';

/** What the evaluator runs with. */
export interface EvaluatorOptions {
  readonly database: Pick<Database, 'pool' | 'asProcess' | 'withOrganisation'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Longest wait between two looks when no notification came, ms. */
  readonly pollMs: number;
}

/** A running evaluator. */
export interface Evaluator {
  /** Evaluates what is new and returns the number of legs; for tests and for draining. */
  runOnce(): Promise<number>;
  /** Stops after the current leg. */
  stop(): Promise<void>;
}

/**
 * Follows accepted readings and changed legs, woken by notification or after `pollMs`. Only one evaluator works at a
 * time (advisory lock); a second instance waits until the first one's connection is gone.
 */
export function startEvaluator(options: EvaluatorOptions): Evaluator {
  const stopping = new AbortController();
  const wake = new Wake();
  // One look at a time: a look that is asked for waits for the one that runs.
  let last: Promise<unknown> = Promise.resolve();
  const progress = new Progress();
  const look = (): Promise<number> => {
    const next = last.then(() => evaluateNews(options, progress));
    last = next.catch(() => undefined);
    return next;
  };
  const loop = follow(options, look, wake, stopping.signal);
  return {
    runOnce: look,
    async stop() {
      stopping.abort();
      wake.ring();
      await loop;
    },
  };
}

/** Looks for news once and returns the number of legs evaluated. */
type Look = () => Promise<number>;

/**
 * Up to when everything is evaluated. Under load some transaction always runs, so a look never reaches "all": it notes
 * which transactions had begun, and a later look that is past all of them confirms the time of the note.
 */
class Progress {
  private noted: { readonly next: bigint; readonly at: number } | null = null;
  private told = 0;

  /** Telling costs a transaction: when nothing else is to be written, once a second is enough. */
  isDue(confirmed: number | null): boolean {
    if (confirmed === null || confirmed - this.told < 1_000) return false;
    this.told = confirmed;
    return true;
  }

  /** @returns ms since 1970 before which everything is evaluated, or null when this look confirms nothing new */
  reached(window: Window, now: number): number | null {
    const confirmed = this.noted !== null && BigInt(window.to) >= this.noted.next ? this.noted.at : null;
    if (this.noted === null || confirmed !== null) this.noted = { next: BigInt(window.next), at: now };
    return BigInt(window.to) >= BigInt(window.next) ? now : confirmed;
  }
}

/** One waiting loop that notifications can wake early. */
class Wake {
  private current = new AbortController();

  ring(): void {
    this.current.abort();
  }

  async wait(durationMs: number): Promise<void> {
    await sleep(durationMs, this.current.signal);
    this.current = new AbortController();
  }
}

async function follow(options: EvaluatorOptions, look: Look, wake: Wake, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await followWhileConnected(options, look, wake, signal);
    } catch (error) {
      options.logger.error({ err: error }, 'evaluator lost its connection, trying again');
      await wake.wait(1_000);
    }
  }
}

async function followWhileConnected(
  options: EvaluatorOptions,
  look: Look,
  wake: Wake,
  signal: AbortSignal,
): Promise<void> {
  const client = await options.database.pool.connect();
  let broken: Error | undefined;
  const onError = (error: Error): void => {
    broken = error;
    wake.ring();
  };
  client.on('error', onError);
  client.on('notification', () => wake.ring());
  try {
    while (!signal.aborted && broken === undefined) {
      const taken = await client.query<{ taken: boolean }>('SELECT pg_try_advisory_lock(hashtext($1)) AS taken', [
        `coldchain-${NAME}`,
      ]);
      if (taken.rows[0]?.taken === true) break;
      await wake.wait(1_000);
    }
    await client.query('LISTEN coldchain_series');
    while (!signal.aborted && broken === undefined) {
      const tried = await look().then(
        () => true,
        (error: unknown) => {
          options.logger.error({ err: error }, 'evaluation failed, trying again');
          return false;
        },
      );
      // Not in a tight loop of notifications.
      await (tried ? wake.wait(options.pollMs) : sleep(1_000, signal));
    }
    if (broken !== undefined) throw broken;
  } finally {
    client.removeAllListeners('notification');
    client.off('error', onError);
    // Not back into the pool: closing the connection gives up the lock and the subscription.
    client.release(broken ?? true);
  }
}

/**
 * Evaluates every leg that news touched; returns how many.
 * @throws the first failure, after all legs were tried and each failure was logged
 * @throws FollowerAhead before anything is evaluated
 */
async function evaluateNews(options: EvaluatorOptions, progress: Progress): Promise<number> {
  const { database } = options;
  const lookedAt = options.clock.now();
  const window = await database.asProcess((transaction) => readWindow(transaction));
  notAhead(window.from, window.next);
  const queue = await database.asProcess((transaction) => touchedLegs(transaction, window.from, window.to));
  const { evaluated, failure } = await evaluateAll(options, queue);
  // The place is not moved past a leg that failed: it is tried again, and folding it twice changes nothing.
  if (failure !== undefined) throw failure;
  const confirmed = progress.reached(window, lookedAt);
  if (evaluated === 0 && !progress.isDue(confirmed)) return 0;
  await database.asProcess((transaction) => moveWindow(transaction, window.to, confirmed));
  return evaluated;
}

/** Legs that are evaluated side by side: while one waits for the database, another one is folded. */
const AT_ONCE = 3;

/** Evaluates legs and, after them, those that go on from what changed; the first failure does not keep the others waiting. */
async function evaluateAll(
  options: EvaluatorOptions,
  queue: readonly LegOwner[],
): Promise<{ readonly evaluated: number; readonly failure: Error | undefined }> {
  let evaluated = 0;
  let failure: Error | undefined;
  const waiting = new Map(queue.map((owner) => [owner.legId, owner]));
  const work = async (): Promise<void> => {
    for (;;) {
      const [next] = waiting.values();
      if (next === undefined) return;
      waiting.delete(next.legId);
      try {
        const successor = await evaluateOne(options, next);
        evaluated++;
        // Also one that waits, or was evaluated already: what it begins with is not what it was.
        if (successor !== null) waiting.set(successor.legId, successor);
      } catch (error) {
        failure ??= error instanceof Error ? error : new Error(String(error));
        options.logger.error({ err: error, legId: next.legId }, 'leg could not be evaluated');
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, queue.length) }, work));
  return { evaluated, failure };
}

async function evaluateOne(options: EvaluatorOptions, owner: LegOwner): Promise<LegOwner | null> {
  const result = await options.database.withOrganisation(owner.organisation.id, async (transaction) => {
    const evaluated = await evaluateLeg(transaction, owner, { clock: options.clock, random: options.random });
    await followAlarms(transaction, owner.legId, options.clock.now());
    return evaluated;
  });
  if (result.refused !== null) {
    options.logger.warn({ legId: owner.legId, code: result.refused }, 'exposure of a leg was refused');
  }
  return result.successor;
}

/** From where the evaluator stopped to the oldest transaction that still runs: all below it is visible for good. */
async function readWindow(transaction: Transaction): Promise<Window> {
  const [checkpoint] = await transaction.query<{ xid: string }>(
    'SELECT xid::text FROM follow_checkpoint WHERE name = $1',
    [NAME],
  );
  const [snapshot] = await transaction.query<{ to: string; next: string }>(
    `SELECT pg_snapshot_xmin(s)::text AS to, pg_snapshot_xmax(s)::text AS next FROM pg_current_snapshot() AS s`,
  );
  if (snapshot === undefined) throw new Error('no snapshot');
  return { from: checkpoint?.xid ?? '0', ...snapshot };
}

/** Transactions to look at: [from, to). `next`: the first one that has not begun. */
interface Window {
  readonly from: string;
  readonly to: string;
  readonly next: string;
}

async function moveWindow(transaction: Transaction, to: string, confirmed: number | null): Promise<void> {
  await transaction.query(
    `INSERT INTO follow_checkpoint (name, xid, confirmed_at) VALUES ($1, $2::xid8, $3)
     ON CONFLICT (name) DO UPDATE SET xid = greatest(follow_checkpoint.xid, excluded.xid),
       confirmed_at = greatest(follow_checkpoint.confirmed_at, excluded.confirmed_at)`,
    [NAME, to, confirmed === null ? null : new Date(confirmed)],
  );
  await transaction.query('DELETE FROM leg_change WHERE xid < $1::xid8', [to]);
}
