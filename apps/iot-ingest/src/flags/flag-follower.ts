import type { Database } from '@coldchain/database';
import { sleep } from '@coldchain/kernel';
import type { Logger, Metrics } from '@coldchain/runtime';
import { type Reading, readingsOfRow, SeriesCorrupt } from '@coldchain/telemetry';
import { moveTo, type NewRow, nextWindow, rowsIn } from './new-readings.js';
import { keptWatches, type LoggerNews, storeNews } from './watch-store.js';
import { untilCalm } from '../until-calm.js';
import { watchReadings } from './watched-logger.js';

/** What the follower runs with. */
export interface FlagFollowerOptions {
  /** Opened with the role `cct_ingest`. */
  readonly database: Pick<Database, 'asProcess'>;
  readonly logger: Logger;
  readonly metrics?: Metrics | undefined;
  readonly pollMs?: number;
  /** Stored rows of one step. */
  readonly mostRows?: number;
  /** Whether readings wait to be stored: then a step waits, too, but not for ever. */
  readonly isPressed?: () => boolean;
}

/** A running follower. */
export interface FlagFollower {
  /** Looks at all that was stored; returns the number of flags. For tests: it also happens by itself. */
  runOnce(): Promise<number>;
  /** Stops after the present step. */
  stop(): Promise<void>;
}

/** Flags are advice, and a step costs less the more readings it has. */
const POLL_MS = 5_000;
const MOST_ROWS = 2_000;

/**
 * Follows stored readings and raises flags: each reading is looked at once, in the order of time; those that come after
 * later ones of their logger are counted and change nothing. Flags are advice and hold nothing. Several processes may run
 * one: a step is written by who moves the place that it began at.
 */
export function startFlagFollower(options: FlagFollowerOptions): FlagFollower {
  const stopping = new AbortController();
  const { signal } = stopping;
  const raised = options.metrics?.counter('cct_ingest_flags_total', 'Flags that readings raised', ['cause']);
  const count = (news: readonly LoggerNews[]): number => {
    const flags = news.flatMap((one) => one.flags);
    for (const { cause } of flags) raised?.inc({ cause });
    return flags.length;
  };
  let last: Promise<unknown> = Promise.resolve();
  const look = (): Promise<number> => {
    const next = last.then(() => followToEnd(options, signal, count));
    last = next.catch(() => undefined);
    return next;
  };
  const loop = (async (): Promise<void> => {
    while (!signal.aborted) {
      await sleep(options.pollMs ?? POLL_MS, signal);
      if (signal.aborted) return;
      await look().catch((error: unknown) => {
        options.logger.error({ err: error }, 'readings cannot be looked at for flags, trying again');
      });
    }
  })();
  return {
    runOnce: look,
    async stop() {
      stopping.abort();
      await loop;
      await last;
    },
  };
}

async function followToEnd(
  options: FlagFollowerOptions,
  signal: AbortSignal,
  count: (news: readonly LoggerNews[]) => number,
): Promise<number> {
  let flags = 0;
  while (!signal.aborted) {
    await untilCalm(options.isPressed ?? (() => false), signal);
    const news = await step(options);
    if (news === null) break;
    flags += count(news);
  }
  return flags;
}

/** One window; null when there is nothing new. */
async function step({ database, logger, mostRows = MOST_ROWS }: FlagFollowerOptions): Promise<LoggerNews[] | null> {
  // Reads and computes without writing, so that nobody who follows a table waits for this.
  const { window, rows, kept } = await database.asProcess(async (transaction) => {
    const next = await nextWindow(transaction, mostRows);
    const stored = await rowsIn(transaction, next);
    const ids = [...new Set(stored.map(({ loggerId }) => loggerId))];
    return { window: next, rows: stored, kept: await keptWatches(transaction, ids) };
  });
  if (rows.length === 0) return null;
  const news: LoggerNews[] = [];
  for (const [first, ...more] of byLogger(rows)) {
    const { loggerId, organisationId } = first;
    const readings = [first, ...more].flatMap((row) => readingsOf(row, logger));
    readings.sort((a, b) => a.at - b.at);
    news.push({ loggerId, organisationId, ...watchReadings(kept.get(loggerId) ?? null, readings) });
    // A detector is large: to take up and put away those of a hundred loggers would keep frames waiting for that long.
    await new Promise((resolve) => setImmediate(resolve));
  }
  const written = await database.asProcess(async (transaction) => {
    if (!(await moveTo(transaction, window))) return false;
    await storeNews(transaction, news);
    return true;
  });
  // Another process has been here: what it saw is done, and the rest is looked at from its place.
  return written ? news : [];
}

function byLogger(rows: readonly NewRow[]): [NewRow, ...NewRow[]][] {
  const groups = new Map<number, [NewRow, ...NewRow[]]>();
  for (const row of rows) {
    const group = groups.get(row.loggerId);
    if (group === undefined) groups.set(row.loggerId, [row]);
    else group.push(row);
  }
  return [...groups.values()];
}

/** A row that is damaged tells nothing; it must not keep the rows behind it from being looked at. */
function readingsOf(row: NewRow, logger: Logger): readonly Reading[] {
  try {
    return readingsOfRow(row);
  } catch (error) {
    if (!(error instanceof SeriesCorrupt)) throw error;
    logger.warn({ loggerId: row.loggerId, err: error }, 'a stored series cannot be read, it raises no flags');
    return [];
  }
}
