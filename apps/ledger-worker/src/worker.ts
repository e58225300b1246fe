import { setMaxListeners } from 'node:events';
import type { Ledger, LedgerHealth } from '@coldchain/ledger';
import type { Clock, Random } from '@coldchain/kernel';
import type { Logger } from '@coldchain/runtime';
import type { Pool } from 'pg';
import { acquireLeadership, type Leadership } from './leadership.js';
import { CommitProjector } from './projection/commit-projector.js';
import type { HeightProblem } from './projection/height-watch.js';
import { PARKING_LIMITS, type ParkingLimits } from './relay/failure.js';
import { Outbox } from './relay/outbox.js';
import { OutboxRelay } from './relay/outbox-relay.js';
import { OutboxWindow } from './relay/outbox-window.js';
import { holdBack } from './relay/parking.js';

/** What a ledger worker is made of. */
export interface LedgerWorkerOptions {
  /** Connections with the rights of `cct_worker`, at least four. Not closed by the worker. */
  readonly pool: Pool;
  /** Not closed by the worker. */
  readonly ledger: Ledger;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: Random;
  /** Names this process to people, as host and process number do (default: `a worker`). */
  readonly holder?: string;
  /** How often the outbox is read when no notification comes (default 200 ms). */
  readonly outboxPollMs?: number;
  /** How often the heights of all organisations are compared, and the projection with them (default 1 s). */
  readonly heightCheckMs?: number;
  /** Outbox rows in flight at most (default 64). */
  readonly concurrency?: number;
  /** Shortest wait after a failure (default 200 ms). */
  readonly retryMs?: number;
  /** When a row that only a person can help is parked (default {@link PARKING_LIMITS}). */
  readonly parking?: ParkingLimits;
  /** How long a submitted transaction may be unseen before its act is proposed anew (default 60 s). */
  readonly unseenMs?: number;
  /** After how much silence a leader is replaced (default 10 s). */
  readonly silenceMs?: number;
}

/** The last comparison of the organisations' copies. */
export interface HeightComparison {
  readonly health: LedgerHealth;
  readonly problems: readonly HeightProblem[];
}

/** A running worker. */
export interface LedgerWorker {
  /** True while this worker is the active one of its database. */
  readonly active: boolean;
  /** null until this worker has been active. */
  readonly heights: HeightComparison | null;
  /** Ends relay and projector in order; what was submitted is settled, or at the next start. */
  stop(): Promise<void>;
}

/**
 * Starts the worker of one database: it waits until no other is active, then relays the outbox to the ledger and projects
 * the ledger into the read model, until it is stopped. When its lock is lost it goes back to waiting.
 */
export function startLedgerWorker(options: LedgerWorkerOptions): LedgerWorker {
  const { logger, pool } = options;
  const stopping = new AbortController();
  const retryMs = options.retryMs ?? 200;
  let active = false;
  let heights: HeightComparison | null = null;
  let wake = (): void => undefined;

  const lead = async ({ epoch, lost }: Leadership): Promise<void> => {
    const relay = new OutboxRelay({
      ...options,
      retryMs,
      outbox: new Outbox(pool, epoch),
      window: new OutboxWindow(pool, 500),
      holdBack: (ids) => holdBack(pool, ids),
      pollMs: options.outboxPollMs ?? 200,
      concurrency: options.concurrency ?? 64,
      parking: options.parking ?? PARKING_LIMITS,
      unseenMs: options.unseenMs ?? 60_000,
    });
    const projector = new CommitProjector({
      ...options,
      retryMs,
      epoch,
      heightCheckMs: options.heightCheckMs ?? 1_000,
      onHeights: (health, problems) => {
        heights = { health, problems };
      },
    });
    wake = () => relay.wake();
    const ended = AbortSignal.any([stopping.signal, lost]);
    // Every row in flight may be waiting on it.
    setMaxListeners(0, ended);
    active = true;
    logger.info({ epoch }, 'active');
    await Promise.all([relay.run(ended), projector.run(ended)]);
    active = false;
    if (lost.aborted) logger.error({ epoch }, 'lost the lock of the active worker');
  };

  const run = async (): Promise<void> => {
    const settings = {
      ...options,
      retryMs,
      holder: options.holder ?? 'a worker',
      silenceMs: options.silenceMs ?? 10_000,
    };
    while (!stopping.signal.aborted) {
      const leadership = await acquireLeadership(settings, () => wake(), stopping.signal);
      if (leadership === null) return;
      await lead(leadership);
      await leadership.release();
    }
  };
  const ended = run();
  return {
    get active() {
      return active;
    },
    get heights() {
      return heights;
    },
    stop: async () => {
      stopping.abort();
      await ended;
    },
  };
}
