import { ActRefused, type ActingOrganisation } from '@coldchain/custody';
import type { Database } from '@coldchain/database';
import { type Clock, type Random, sleep } from '@coldchain/kernel';
import type { Logger } from '@coldchain/runtime';
import { type Growth, growLog, MOST_LEAVES } from './grow-log.js';
import { untilCalm } from '../until-calm.js';
import { postponeLook } from './telemetry-log.js';

/** What the follower runs with. */
export interface RootFollowerOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Time between two trees of an organisation, ms. */
  readonly intervalMs: number;
  /** Whether readings wait to be stored: then a look waits, too, but not for ever. */
  readonly isPressed?: () => boolean;
  /** Leaves of one tree at most. */
  readonly mostLeaves?: number;
}

/** A running follower. */
export interface RootFollower {
  /** Grows every log now, whether its interval is over or not; returns the number of new leaves. For tests. */
  runOnce(): Promise<number>;
  /** Stops after the current tree. */
  stop(): Promise<void>;
}

/**
 * Makes a telemetry tree per organisation and interval, without empty ones. Several processes may run one: a log is
 * grown by who has its row, and when it was last looked at stands in the database.
 */
export function startRootFollower(options: RootFollowerOptions): RootFollower {
  const stopping = new AbortController();
  let last: Promise<unknown> = Promise.resolve();
  const look = (everything: boolean): Promise<number> => {
    const next = last.then(() => growDue(options, everything, stopping.signal));
    last = next.catch(() => undefined);
    return next;
  };
  // Asking which log is due is one small query; a tenth of the interval late at most.
  const pollMs = Math.min(5_000, Math.max(50, options.intervalMs / 10));
  const loop = (async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      // At first as well: what waits at a start is stored before it gets its leaves.
      await sleep(pollMs, stopping.signal);
      await untilCalm(options.isPressed ?? (() => false), stopping.signal);
      if (stopping.signal.aborted) return;
      await look(false).catch((error: unknown) => {
        options.logger.error({ err: error }, 'telemetry logs cannot be looked at, trying again');
      });
    }
  })();
  return {
    runOnce: () => look(true),
    async stop() {
      stopping.abort();
      await loop;
      await last;
    },
  };
}

async function growDue(options: RootFollowerOptions, everything: boolean, signal: AbortSignal): Promise<number> {
  const organisations = await options.database.asProcess((transaction) =>
    transaction.query<ActingOrganisation>(
      `SELECT o.id, o.slug, o.party, o.gln FROM organisation o LEFT JOIN telemetry_log l ON l.organisation_id = o.id
       WHERE EXISTS (SELECT FROM gateway g WHERE g.organisation_id = o.id)
         AND ($1 OR coalesce(l.looked_at, '-infinity') + $2 * interval '1 millisecond' <= clock_timestamp())
       ORDER BY o.id`,
      [everything, options.intervalMs],
    ),
  );
  let leaves = 0;
  for (const organisation of organisations) {
    for (let more = true; more && !signal.aborted;) {
      const growth = await grow(options, organisation);
      leaves += growth.leaves;
      more = growth.more;
    }
  }
  return leaves;
}

const NOTHING: Growth = { leaves: 0, sentAgain: 0, more: false };

/** One log; what fails is logged, waits an interval, and does not keep the others from growing. */
async function grow(options: RootFollowerOptions, organisation: ActingOrganisation): Promise<Growth> {
  const { database, clock, random, logger } = options;
  try {
    const growth = await database.withOrganisation(organisation.id, (transaction) =>
      growLog({ transaction, organisation, clock, random }, options.mostLeaves ?? MOST_LEAVES),
    );
    if (growth.leaves > 0) logger.debug({ organisation: organisation.slug, leaves: growth.leaves }, 'telemetry root');
    if (growth.sentAgain > 0) {
      logger.warn({ organisation: organisation.slug, roots: growth.sentAgain }, 'refused telemetry roots sent again');
    }
    return growth;
  } catch (error) {
    if (error instanceof ActRefused) {
      logger.warn({ organisation: organisation.slug, code: error.code }, 'telemetry root refused, its frames wait');
    } else {
      logger.error({ organisation: organisation.slug, err: error }, 'telemetry log cannot be grown');
    }
    await database.withOrganisation(organisation.id, (transaction) => postponeLook(transaction, random));
    return NOTHING;
  }
}
