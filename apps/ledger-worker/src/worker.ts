import type { Ledger } from '@coldchain/ledger';
import type { Clock, Random } from '@coldchain/kernel';
import type { Logger } from '@coldchain/runtime';
import type { Pool } from 'pg';
import { acquireLeadership } from './leadership.js';
import { CommitProjector } from './projection/commit-projector.js';
import { Outbox } from './relay/outbox.js';
import { OutboxRelay } from './relay/outbox-relay.js';

/** What a ledger worker is made of. */
export interface LedgerWorkerOptions {
  /** Connections with the rights of `cct_worker`, at least four. Not closed by the worker. */
  readonly pool: Pool;
  /** Not closed by the worker. */
  readonly ledger: Ledger;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: Random;
  /** How often the outbox is read when no notification comes (default 200 ms). */
  readonly outboxPollMs?: number;
  /** How often the projection is compared with the ledger's height (default 1 s). */
  readonly heightCheckMs?: number;
  /** Outbox rows in flight at most (default 64). */
  readonly concurrency?: number;
  /** Shortest wait after a failure (default 200 ms). */
  readonly retryMs?: number;
}

/** A running worker. */
export interface LedgerWorker {
  /** True while this worker is the active one of its database. */
  readonly active: boolean;
  /** Ends relay and projector in order; what was submitted is settled, or at the next start. */
  stop(): Promise<void>;
}

/**
 * Starts the worker of one database: it waits until no other is active, then relays the outbox to the ledger and projects
 * the ledger into the read model, until it is stopped. When its lock is lost it goes back to waiting.
 */
export function startLedgerWorker(options: LedgerWorkerOptions): LedgerWorker {
  const { logger } = options;
  const stopping = new AbortController();
  const settings = { ...options, retryMs: options.retryMs ?? 200, heightCheckMs: options.heightCheckMs ?? 1_000 };
  const relay = new OutboxRelay({
    ...settings,
    outbox: new Outbox(options.pool, 500),
    pollMs: options.outboxPollMs ?? 200,
    concurrency: options.concurrency ?? 64,
  });
  const projector = new CommitProjector(settings);
  let active = false;

  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const leadership = await acquireLeadership(settings, () => relay.wake(), stopping.signal);
      if (leadership === null) return;
      const ended = AbortSignal.any([stopping.signal, leadership.lost]);
      active = true;
      logger.info('active');
      await Promise.all([relay.run(ended), projector.run(ended)]);
      active = false;
      if (leadership.lost.aborted) logger.error('lost the lock of the active worker');
      leadership.release();
    }
  };
  const ended = run();
  return {
    get active() {
      return active;
    },
    stop: async () => {
      stopping.abort();
      await ended;
    },
  };
}
